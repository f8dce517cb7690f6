// The two ends of a pipe in the arena: a queue each way, and for each end an object that lives as long as the end does.
//
// An end holds (or carries, on its way) its own life object and the queues, and only knows the life object of the other
// end. So that ends exactly when nobody has the other end any more, however they lost it. Whoever lets go of an end last
// shuts its queues; after a death nobody does, and the sweep's ring makes the other end look at the life object.
import { arena } from '../memory/arena.js';
import { letGo } from './handle.js';

/** Numbers of shared objects; 0 where there is none. */
export interface PipeEnd {
  readonly own: number;
  readonly peer: number;
  readonly incoming: number;
  readonly outgoing: number;
}

/** Messages that wait in each direction before `send` does. */
const CAPACITY = 1024;

// A life object is never used for anything but its life; a queue of one is the smallest object.
const LIFE = 1;

/** The environment holds a queue once, however many of its ends do. */
const holds = new Map<number, number>();

/** Both ends of a new pipe, held by this environment: [end that reads, end that writes], either both or one way. */
export function makePipe(duplex: boolean): [PipeEnd, PipeEnd] {
  const { native } = arena();
  const made: number[] = [];
  const make = (capacity: number): number => {
    const number = native.queueCreate(capacity);
    made.push(number);
    return number;
  };
  try {
    const [first, second, forth] = [make(LIFE), make(LIFE), make(CAPACITY)];
    const back = duplex ? make(CAPACITY) : 0;
    for (const queue of duplex ? [forth, back] : [forth]) holds.set(queue, 2);
    return [
      { own: first, peer: second, incoming: forth, outgoing: back },
      { own: second, peer: first, incoming: back, outgoing: forth },
    ];
  } catch (error) {
    for (const number of made) letGo(number);
    throw error;
  }
}

/** Holds the queues of an end that has arrived; its life object is held already. */
export function holdQueues({ incoming, outgoing }: PipeEnd): void {
  for (const queue of [incoming, outgoing]) {
    if (queue === 0) continue;
    arena().native.hold(queue);
    holds.set(queue, (holds.get(queue) ?? 0) + 1);
  }
}

/** Whether anybody has the other end, or a message carries it. */
export function isPeerAlive({ peer }: PipeEnd): boolean {
  return arena().native.exists(peer) === 1;
}

/** Lets go of an end; the last one to do so tells the other side. */
export function releaseEnd({ own, incoming, outgoing }: PipeEnd): void {
  const { native } = arena();
  letGo(own);
  if (native.exists(own) === 0) {
    // What was sent can still be received there; what would be received here is wanted by nobody any more.
    if (outgoing !== 0) native.queueShut(outgoing, false);
    if (incoming !== 0) native.queueShut(incoming, true);
  }
  for (const queue of [incoming, outgoing]) {
    if (queue === 0) continue;
    const left = (holds.get(queue) ?? 1) - 1;
    if (left > 0) {
      holds.set(queue, left);
    } else {
      holds.delete(queue);
      letGo(queue);
    }
  }
}
