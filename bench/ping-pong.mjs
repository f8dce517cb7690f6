// One message at a time, to the other side and back.
import { isBlocking } from './channels/contestants.mjs';
import { batchesTimed, monotonicMs } from './measure.mjs';

/** Trips of one sample where both sides block: they are too short for the clock. */
const BATCH = 100;

/**
 * Opens an echo. `trips(count)` gives the seconds of each round trip, or of each in a batch; `send(n)` is the n-th message,
 * and `check(answer, n)` throws when it came back changed.
 */
export async function pingPong({ use, way }, send, check) {
  if (isBlocking(way)) {
    const end = await use('connect', { part: 'echoSync' });
    const trip = (n) => {
      end.sendSync(send(n));
      check(end.receiveSync(), n);
    };
    return { trips: (count) => batchesTimed(Math.ceil(count / BATCH), BATCH, trip), close: () => end.close() };
  }
  const end = await use('connect', { part: 'echo' });
  let arrived;
  void end.listen((answer) => arrived(answer));
  return {
    trips: (count) =>
      new Promise((resolve, reject) => {
        const times = [];
        let start;
        const go = () => {
          start = process.hrtime.bigint();
          void end.send(send(times.length));
        };
        arrived = (answer) => {
          const now = process.hrtime.bigint();
          try {
            check(answer, times.length);
          } catch (error) {
            reject(error);
            return;
          }
          times.push(Number(now - start) / 1e9);
          if (times.length === count) resolve(times);
          else go();
        };
        go();
      }),
    close: () => end.close(),
  };
}

/** Opens a receiver that answers with the time at which it got a message. */
export async function stamped({ use }) {
  const end = await use('connect', { part: 'stamp' });
  let arrived;
  void end.listen((stamp) => arrived(stamp));
  return {
    /** Milliseconds of one message on its way. */
    async oneWay(message) {
      const answer = new Promise((resolve) => (arrived = resolve));
      const start = monotonicMs();
      void end.send(message);
      return (await answer) - start;
    },
    close: () => end.close(),
  };
}
