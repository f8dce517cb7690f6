// What the other side of a channel does, written once for every contestant. An end sends and listens, or does both blocking.
import { monotonicMs } from '../measure.mjs';
import { Tally } from '../numbered.mjs';

/** Each gets its end and the options of the case, and goes on until it is killed. */
export const PARTS = {
  /** Sends back whatever comes. */
  echo: (end) => end.listen((message) => void end.send(message)),

  echoSync(end) {
    for (;;) end.sendSync(end.receiveSync());
  },

  /** Answers with the time at which a message came. */
  stamp: (end) => end.listen(() => void end.send(monotonicMs())),

  /** Checks a stream of `count` messages, says so, and waits for the next one. */
  consume(end, { count }) {
    let tally = new Tally();
    return end.listen((message) => {
      if (tally.take(message) < count) return;
      void end.send(tally.sum);
      tally = new Tally();
    });
  },

  consumeSync(end, { count }) {
    for (;;) {
      const tally = new Tally();
      while (tally.take(end.receiveSync()) < count);
      end.sendSync(tally.sum);
    }
  },
};
