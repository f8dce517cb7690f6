// Waits on queues of the arena in the event loop: polls for a short while, then sleeps on this environment's doorbell pipe.
import { environment } from '../native.js';
import { arena as currentArena, type Arena } from './arena.js';
import { monotonicMs } from './clock.js';
import { setImmediate } from './timers.js';

/** What to wait for with a shared object; the numbers are the core's. */
export const SIDE = {
  /** A queue that has a message, or none will come. */
  TAKE: 0,
  /** A queue that has room, or takes no more. */
  PUT: 1,
  /** A lock or semaphore that is free, a condition that has notified us, an event or barrier that changed since `seen`. */
  CHANGE: 2,
  /** A queue that counts its tasks and has none that is unfinished, or had none since `seen`. */
  DONE: 3,
} as const;

/** A shared object and what to do when it may be ready. `drain` returns whether it was. */
export interface Watch {
  readonly queue: number;
  /** One of SIDE; TAKE when there is none. */
  readonly side?: number;
  /** Changes of an event or barrier that are known already. */
  readonly seen?: number;
  /** The entry of the one participant that it waits for; 0 or none: it may be any. */
  partner?(): number;
  drain(): boolean;
  /** Whether `drain` would find something that it took before; without this function it may. */
  hasMore?(): boolean;
  /** Whether it is ready by something that `arm` does not look at, such as the end of another object. */
  isReady?(): boolean;
}

// Sleeping costs 25-30 us on a virtual machine's idle core, a turn of the event loop about 1 us: while an answer is
// likely to be near, it is cheaper to poll, for some times as long as the last answer took that was caught so. A poll that
// caught none, or later than a sleeper hears of it, halves the next one: who answers may be waiting for the very core that
// the poll keeps busy. Now and then a longer one is tried, less often after each try in vain.
const LONGEST_POLL_MS = 0.2;
const SHORTEST_POLL_MS = 0.02;
const POLL_TIMES = 3;
const MOST_PATIENCE = 64;
// A turn of the event loop leaves some hundred bytes of garbage, so that polls alone would have V8 collect it every other
// millisecond; most of a poll is therefore spent in native code, for so long at a time.
const LOOK_MS = 0.005;
// Answers that follow each other within this are worth a poll, and one that shares the processor with who is to answer moves
// to another. After a pause, who is to answer runs soonest where this thread has just been, if that sleeps.
const BUSY_MS = 1;

/** The event-loop side of waiting; one per environment, shared by all its pools. */
export class Doorbell {
  readonly #arena: Arena;
  readonly #watches = new Set<Watch>();
  /** The event loop is kept alive while it sleeps. */
  #keeps = false;
  #pollUntil = 0;
  /** Since when an answer is awaited. */
  #awaitedSince = 0;
  #pollMs = LONGEST_POLL_MS;
  #slept = false;
  /** How long the last answer took for which the loop slept. */
  #sleptMs = Infinity;
  /** Answers that a longer poll might have caught, since one was tried, and how many it takes to try again. */
  #missed = 0;
  #patience = 1;
  /** The last poll caught nothing, or too late, and it is not the time to try again. */
  #futile = false;
  #polling = false;
  /** Nothing was looked for in vain since something was asked for. */
  #fresh = false;
  #holds = 0;
  /** The watch that had something last, and when. */
  #answered: Watch | undefined;
  #answeredAt = 0;
  /** It came soon after the one before. */
  #busy = false;
  /** When this thread last moved to another processor. */
  #movedAt = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    // A ring is for every load of the package in this environment, whichever of them hears it.
    const { polls } = environment();
    polls.add(this.#look);
    arena.native.hearBell(() => {
      for (const look of polls) look(true);
    });
  }

  /** Keeps the event loop alive, or no longer. While the loop polls that is not needed, and it ends in a sleep. */
  #keep(): void {
    const wanted = this.#holds > 0;
    if (this.#keeps === wanted) return;
    this.#keeps = wanted;
    this.#arena.native.keepListening(wanted);
  }

  watch(watch: Watch): void {
    this.#watches.add(watch);
    this.poll();
  }

  unwatch(watch: Watch): void {
    this.#watches.delete(watch);
    if (this.#answered === watch) this.#answered = undefined;
    this.#arena.native.disarm(watch.queue, watch.side ?? SIDE.TAKE, 0);
  }

  /** Keeps the event loop alive until the matching `release`. */
  hold(): void {
    if (this.#holds++ > 0 || this.#polling) return;
    this.#keep();
  }

  release(): void {
    if (--this.#holds === 0 && !this.#polling) this.#keep();
  }

  /** Looks at the queues in every turn of the event loop for a while; called whenever something was asked for. */
  poll(): void {
    this.#await(monotonicMs());
    // Nobody need ring for what is seen by looking.
    if (!this.#polling) this.#awake();
  }

  /**
   * The same for an answer through a queue that is watched already. False: the loop sleeps and goes on sleeping, because
   * whoever is to answer gets the processor sooner then.
   */
  pollUnlessInTheWay(): boolean {
    const now = monotonicMs();
    this.#await(now);
    if (this.#polling) return true;
    this.#slept = !this.#isBusy(now) || this.#isInTheWay();
    if (!this.#slept) this.#awake();
    return !this.#slept;
  }

  #await(now: number): void {
    this.#slept = false;
    this.#fresh = true;
    this.#awaitedSince = now;
    this.#pollUntil = now + (this.#holds > 0 && this.#isBusy(now) ? this.#pollMs : 0);
  }

  #isBusy(now: number): boolean {
    return this.#busy && now - this.#answeredAt < BUSY_MS;
  }

  /** The one flag that is cleared stands for every load of the package here, so each of them looks. */
  #awake(): void {
    this.#arena.native.drainBell();
    for (const look of environment().polls) look(false);
  }

  /** At once when the loop itself was woken, else in its next turn: whoever asks for something is in the middle of it. */
  readonly #look = (isRung: boolean): void => {
    if (this.#polling) return;
    this.#polling = true;
    if (isRung) this.#turn();
    else setImmediate(this.#turn);
  };

  readonly #turn = (): void => {
    const seen = monotonicMs();
    let found = false;
    for (const watch of this.#watches) if (this.#drain(watch, seen)) found = true;
    const polls = !found && seen < this.#pollUntil && !this.#isInTheWay();
    if (found || (polls && this.#lookOn())) {
      if (this.#busy) this.#adapt(this.#answeredAt - this.#awaitedSince);
      this.#await(monotonicMs());
      if (!this.#isInTheWay() || this.#mayHaveMore()) return void setImmediate(this.#turn);
    } else if (polls) {
      return void setImmediate(this.#turn);
    }
    if (this.#sleep()) {
      this.#slept = true;
      this.#polling = false;
    } else {
      setImmediate(this.#turn);
    }
  };

  #drain(watch: Watch, now: number): boolean {
    if (!watch.drain()) return false;
    this.#answered = watch;
    this.#busy = now - this.#answeredAt < BUSY_MS;
    this.#answeredAt = now;
    return true;
  }

  /** Goes on looking where the last answer came from, for a part of a turn. */
  #lookOn(): boolean {
    const answered = this.#answered;
    const watch = answered !== undefined && this.#watches.has(answered) ? answered : this.#onlyWatch();
    if (watch === undefined) return false;
    const found = this.#arena.native.look(watch.queue, watch.side ?? SIDE.TAKE, watch.seen ?? 0, LOOK_MS) === 1;
    return found && this.#drain(watch, monotonicMs());
  }

  #onlyWatch(): Watch | undefined {
    if (this.#watches.size === 1) for (const watch of this.#watches) return watch;
    return undefined;
  }

  #mayHaveMore(): boolean {
    for (const watch of this.#watches) if (watch.hasMore?.() !== false) return true;
    return false;
  }

  /** Whether who is to answer has to wait for this very processor. Asked once for everything that is awaited. */
  #isInTheWay(): boolean {
    if (!this.#fresh) return false;
    this.#fresh = false;
    // Polls that pay are worth more than one answer: while they last, the scheduler finds a processor for either.
    if (!this.#futile) return false;
    let found = false;
    for (const watch of this.#watches) {
      const partner = watch.partner?.() ?? 0;
      if (partner !== 0 && this.#arena.native.beside(partner) === 1) found = true;
    }
    return found && !this.#moves();
  }

  /** Leaves the processor to who is to answer, where answers come quickly; moving takes as long as some of them. */
  #moves(): boolean {
    const now = monotonicMs();
    if (!this.#isBusy(now) || now - this.#movedAt < BUSY_MS) return false;
    this.#movedAt = now;
    return this.#arena.native.stepAside() === 1;
  }

  /** Chooses the length of the next poll: the last answer took `ms`. */
  #adapt(ms: number): void {
    let next = this.#pollMs / 2;
    this.#futile = true;
    if (this.#slept) {
      this.#sleptMs = ms;
      if (ms < LONGEST_POLL_MS && ++this.#missed >= this.#patience) {
        this.#missed = 0;
        this.#patience = Math.min(MOST_PATIENCE, 2 * this.#patience);
        next = POLL_TIMES * ms;
        this.#futile = false;
      }
    } else if (ms <= this.#sleptMs) {
      this.#patience = Math.max(1, this.#patience / 2);
      this.#futile = false;
      next = Math.min(this.#pollMs, POLL_TIMES * ms);
    }
    this.#pollMs = Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, next));
  }

  /** Arms the doorbell for every queue; false when one of them is not empty after all. */
  #sleep(): boolean {
    this.#keep();
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
