// Two producers and two consumers of one queue of manyhands, each a child, all blocking.
import { Queue } from '../../dist/index.mjs';
import { blank, setNumber, Tally } from '../numbered.mjs';
import { startChild } from './manyhands.mjs';

const CAPACITY = 1024;
const SIDES = [0, 1];
/** Ends the stream of one producer, and the work of the consumer that gets it. */
const END = new Uint8Array(0);

/** `round` gives what both consumers have got. */
export async function openCrowd(kind, size, count) {
  const [queue, reports] = [new Queue(CAPACITY), new Queue()];
  const starts = [];
  const begin = (name, ...args) => {
    const start = new Queue();
    starts.push(start);
    return startChild(kind, new URL(import.meta.url), name, [queue, start, ...args]);
  };
  const ends = await Promise.all([
    ...SIDES.map((producer) => begin('produce', producer, size, count)),
    ...SIDES.map(() => begin('consume', reports)),
  ]);
  return {
    async round() {
      for (const start of starts) start.putNowait('go');
      return [await reports.get(), await reports.get()];
    },
    close: () => Promise.all(ends.map((end) => end())),
  };
}

export function produce(queue, start, producer, size, count) {
  const message = blank(size, producer);
  for (;;) {
    start.getSync();
    for (let number = 0; number < count; number++) {
      setNumber(message, number);
      queue.putSync(message);
    }
    queue.putSync(END);
  }
}

export function consume(queue, start, reports) {
  for (;;) {
    start.getSync();
    const tally = new Tally();
    for (let message = queue.getSync(); message.length > 0; message = queue.getSync()) tally.takeAny(message);
    reports.putSync({ count: tally.count, sum: tally.sum });
  }
}
