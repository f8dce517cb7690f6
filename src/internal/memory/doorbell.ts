// Waits on queues of the arena in the event loop: polls for a short while, then sleeps on this environment's doorbell pipe.
import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';
import { setInterval } from 'node:timers';
import { environment } from '../native.js';
import { arena as currentArena, type Arena } from './arena.js';

/** What to wait for with a shared object; the numbers are the core's. */
export const SIDE = {
  /** A queue that has a message, or none will come. */
  TAKE: 0,
  /** A queue that has room, or takes no more. */
  PUT: 1,
  /** A lock or semaphore that is free, a condition that has notified us, an event or barrier that changed since `seen`. */
  CHANGE: 2,
} as const;

/** A shared object and what to do when it may be ready. `drain` returns whether it was. */
export interface Watch {
  readonly queue: number;
  /** One of SIDE; TAKE when there is none. */
  readonly side?: number;
  /** Changes of an event or barrier that are known already. */
  readonly seen?: number;
  drain(): boolean;
  /** Whether it is ready by something that `arm` does not look at, such as the end of another object. */
  isReady?(): boolean;
}

// Sleeping costs 25-30 us on a virtual machine's idle core, a turn of the event loop about 1 us: while an answer is
// likely to be near, it is cheaper to poll. A poll that did not pay halves the next one, so that a burst of long tasks
// costs nothing.
const LONGEST_POLL_MS = 0.3;
const SHORTEST_POLL_MS = 0.02;
const LONGEST_TIMER = 2 ** 31 - 1;

/** The event-loop side of waiting; one per environment, shared by all its pools. */
export class Doorbell {
  readonly #arena: Arena;
  readonly #watches = new Set<Watch>();
  /** What keeps the event loop alive while something is awaited. */
  #keeper: { ref(): unknown; unref(): unknown };
  #pollUntil = 0;
  #pollMs = LONGEST_POLL_MS;
  #polling = false;
  #holds = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    const { polls } = environment();
    // A ring is for every load of the package in this environment, whichever of them reads the pipe.
    const poll = (): void => this.poll();
    // Every read only says "look again", so all of them may land in the same byte.
    const scratch = Buffer.alloc(64);
    const options: SocketConstructorOpts & { onread: OnReadOpts } = {
      fd: polls.size === 0 ? arena.native.bellFd() : arena.native.renewBell(),
      readable: true,
      writable: false,
      onread: {
        buffer: scratch,
        callback: () => {
          this.#arena.native.drainBell();
          for (const look of polls) look();
          return true;
        },
      },
    };
    const socket = new Socket(options).unref();
    this.#keeper = socket;
    // Another load of the package has put its own pipe in the place of this one, and rings for both.
    socket.once('close', () => {
      this.#keeper = setInterval(() => undefined, LONGEST_TIMER);
      if (this.#holds === 0) this.#keeper.unref();
    });
    polls.add(poll);
  }

  watch(watch: Watch): void {
    this.#watches.add(watch);
    this.poll();
  }

  unwatch(watch: Watch): void {
    this.#watches.delete(watch);
    this.#arena.native.disarm(watch.queue, watch.side ?? SIDE.TAKE, 0);
  }

  /** Keeps the event loop alive until the matching `release`. */
  hold(): void {
    if (this.#holds++ === 0) this.#keeper.ref();
  }

  release(): void {
    if (--this.#holds === 0) this.#keeper.unref();
  }

  /** Looks at the queues in every turn of the event loop for a while; called whenever an answer may be near. */
  poll(): void {
    this.#pollUntil = performance.now() + (this.#holds === 0 ? 0 : this.#pollMs);
    if (this.#polling) return;
    this.#polling = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    let found = false;
    for (const watch of this.#watches) if (watch.drain()) found = true;
    const now = performance.now();
    if (found && this.#holds > 0) {
      this.#pollMs = LONGEST_POLL_MS;
      this.#pollUntil = now + this.#pollMs;
    } else if (!found && now >= this.#pollUntil && this.#sleep()) {
      this.#pollMs = Math.max(SHORTEST_POLL_MS, this.#pollMs / 2);
      this.#polling = false;
      return;
    }
    setImmediate(this.#turn);
  };

  /** Arms the doorbell for every queue; false when one of them is not empty after all. */
  #sleep(): boolean {
    for (const watch of this.#watches) {
      if (!this.#arena.native.arm(watch.queue, watch.side ?? SIDE.TAKE, watch.seen ?? 0)) {
        this.#disarmAll();
        return false;
      }
    }
    // Whoever ends an object rings after that: either this sees the end, or its ring finds the doorbell armed.
    for (const watch of this.#watches) {
      if (watch.isReady?.() !== true) continue;
      this.#disarmAll();
      return false;
    }
    return true;
  }

  #disarmAll(): void {
    for (const { queue, side } of this.#watches) this.#arena.native.disarm(queue, side ?? SIDE.TAKE, 0);
  }
}

let current: Doorbell | undefined;

/** The doorbell of this environment. */
export function doorbell(): Doorbell {
  current ??= new Doorbell(currentArena());
  return current;
}
