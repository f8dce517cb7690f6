// A stream of messages from this side to the other, which checks it.
import { isBlocking } from './channels/contestants.mjs';
import { expect } from './expect.mjs';
import { ONCE, samples } from './measure.mjs';
import { blank, setNumber, sumOfStream } from './numbered.mjs';

/** `round` gives the seconds of a whole stream, from its first message to the answer that all came. */
export async function stream({ use, way, quick }, size, count) {
  const blocks = isBlocking(way);
  const end = await use('connect', { part: blocks ? 'consumeSync' : 'consume', count });
  const wanted = sumOfStream(size, count);
  let reported;
  if (!blocks) void end.listen((sum) => reported(sum));
  let message = blank(size);

  const sendAllSync = () => {
    for (let number = 0; number < count; number++) {
      setNumber(message, number);
      end.sendSync(message);
    }
    return end.receiveSync();
  };
  const sendAll = async () => {
    const sum = new Promise((resolve) => (reported = resolve));
    for (let number = 0; number < count; number++) {
      setNumber(message, number);
      // One that is moved leaves the sender without.
      const next = way === 'moved' ? message.slice() : message;
      const sent = end.send(message);
      if (sent !== undefined) await sent;
      message = next;
    }
    return sum;
  };

  const once = async () => expect(await (blocks ? sendAllSync() : sendAll()), wanted);
  await once();
  return {
    round: () => samples(once, quick ? ONCE : { seconds: 0.8, least: 3 }),
    close: () => end.close(),
  };
}
