// The two ends of a pipe in the arena: a queue each way, and for each end an object that lives as long as the end does.
//
// An end holds (or carries, on its way) its own life object and the queues, and only knows the life object of the other
// end. So that ends exactly when nobody has the other end any more, however they lost it. Whoever lets go of an end last
// shuts its queues; after a death nobody does, and the sweep's ring makes the other end look at the life object.
import { EOFError } from '../../errors.js';
import { arena } from '../memory/arena.js';
import { letGo, type Arrival } from './handle.js';
import { NOT_YET } from './wait-line.js';

/** Puts an item now: 0, or the block with it when there is no room. */
export type Send<T> = (queue: number, item: T, peer: number) => number;
/** Takes the next message of a queue, and may wait for it so long. */
export type Take<T> = (queue: number, waitMs: number) => T | typeof NOT_YET;

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
    return [new PipeEnd(first, second, forth, back), new PipeEnd(second, first, back, forth)];
  } catch (error) {
    for (const number of made) letGo(number);
    throw error;
  }
}

/** An end that has arrived: its life object is held already, its queues are held from now on. */
export function arrivedEnd({ number, mentions }: Arrival): PipeEnd {
  const [peer = 0, incoming = 0, outgoing = 0] = mentions;
  const end = new PipeEnd(number, peer, incoming, outgoing);
  for (const queue of end.queues) {
    arena().native.hold(queue);
    holds.set(queue, (holds.get(queue) ?? 0) + 1);
  }
  return end;
}

/** One end, held by this environment. What it refuses since nobody has the other end it throws as Python does. */
export class PipeEnd {
  /** Numbers of shared objects; 0 where there is none. */
  readonly own: number;
  readonly peer: number;
  readonly incoming: number;
  readonly outgoing: number;
  /** The other end is lost, and the queue knows. */
  #isShut = false;

  constructor(own: number, peer: number, incoming: number, outgoing: number) {
    this.own = own;
    this.peer = peer;
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  /** The queues that there are. */
  get queues(): number[] {
    return [this.incoming, this.outgoing].filter((queue) => queue !== 0);
  }

  /** Whether nobody has the other end, and no message carries it. */
  isPeerLost(): boolean {
    return arena().native.exists(this.peer) === 0;
  }

  /** Whether the other end is lost, and nobody here has tried to take anything since. */
  isLossNew(): boolean {
    return !this.#isShut && this.isPeerLost();
  }

  /** Whether `take` would not wait. */
  isReady(): boolean {
    return arena().native.queueLength(this.incoming) > 0 || this.isPeerLost();
  }

  /** 0 when the item was sent, else a block with it. Throws EPIPE. */
  send<T>(send: Send<T>, item: T): number {
    try {
      return send(this.outgoing, item, this.peer);
    } catch (error) {
      throw isShut(error) ? brokenPipe() : error;
    }
  }

  /** Puts a packed item, if there is room. Throws EPIPE. */
  put(block: number): undefined | typeof NOT_YET {
    if (this.isPeerLost()) throw brokenPipe();
    try {
      return arena().native.put(this.outgoing, block) === 0 ? NOT_YET : undefined;
    } catch (error) {
      throw isShut(error) ? brokenPipe() : error;
    }
  }

  /** What `take` takes. Throws EOFError when all that the other end sent was received. */
  take<T>(take: Take<T>, waitMs: number): T | typeof NOT_YET {
    const { incoming } = this;
    try {
      const value = take(incoming, waitMs);
      if (value !== NOT_YET || !this.isPeerLost()) return value;
      // It may have sent something between the first look and its end, and what another reader has may come back: from here
      // on the queue itself says when all that was sent is received.
      arena().native.queueShut(incoming, false);
      this.#isShut = true;
      return take(incoming, 0);
    } catch (error) {
      throw isShut(error) ? new EOFError('The other end of the connection is closed') : error;
    }
  }

  /** Lets go of the end; the last one to do so tells the other side. */
  release(): void {
    const { native } = arena();
    letGo(this.own);
    if (native.exists(this.own) === 0) {
      // What was sent can still be received there; what would be received here is wanted by nobody any more.
      if (this.outgoing !== 0) native.queueShut(this.outgoing, false);
      if (this.incoming !== 0) native.queueShut(this.incoming, true);
    }
    for (const queue of this.queues) {
      const left = (holds.get(queue) ?? 1) - 1;
      if (left > 0) {
        holds.set(queue, left);
      } else {
        holds.delete(queue);
        letGo(queue);
      }
    }
  }
}

function isShut(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_SHUT_DOWN';
}

function brokenPipe(): Error {
  return Object.assign(new Error('EPIPE: broken pipe, nobody has the other end of the connection'), {
    code: 'EPIPE',
    errno: -32,
    syscall: 'send',
  });
}
