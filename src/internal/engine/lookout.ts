// Notices what workers have sent: when the doorbell rings, at glances, and in slices of a thread that is blocked.
import type { Arena } from '../memory/arena.js';
import { SIDE, type Doorbell, type Watch } from '../memory/doorbell.js';
import type { Deadlines } from './deadlines.js';
import type { Dispatcher } from './dispatcher.js';
import { Glance } from './glance.js';
import { onlyWorker } from './in-flight.js';
import type { Receiver } from './receiver.js';
import type { WorkerSet } from './worker-set.js';

const SLICE_MS = 50;

export interface LookoutEvents {
  /** Whether the pool goes on. */
  isRunning(): boolean;
  /** Workers may have room. */
  dispatch(): void;
  /** All that was there is received, and what could be was sent. */
  drained(): void;
}

export class Lookout {
  readonly #arena: Arena;
  readonly #doorbell: Doorbell;
  readonly #workers: WorkerSet;
  readonly #dispatcher: Dispatcher;
  readonly #receiver: Receiver;
  readonly #deadlines: Deadlines;
  readonly #events: LookoutEvents;
  readonly #watch: Watch;
  readonly #glance = new Glance(() => this.#look());
  /** Something was sent, and nobody looks for it later yet. */
  #unwatched = false;
  #isStopped = false;

  constructor(
    arena: Arena,
    doorbell: Doorbell,
    outbox: number,
    workers: WorkerSet,
    dispatcher: Dispatcher,
    receiver: Receiver,
    deadlines: Deadlines,
    events: LookoutEvents,
  ) {
    this.#arena = arena;
    this.#doorbell = doorbell;
    this.#workers = workers;
    this.#dispatcher = dispatcher;
    this.#receiver = receiver;
    this.#deadlines = deadlines;
    this.#events = events;
    const { batches } = dispatcher;
    this.#watch = {
      queue: outbox,
      drain: () => this.drain(),
      hasMore: () => false,
      partner: () => onlyWorker(batches),
    };
    doorbell.watch(this.#watch);
  }

  /** Something was sent: looks for answers from now on. */
  sent(): void {
    // One that starts gives its first answer much later, and rings.
    if (this.#workers.slots.some(({ state, inFlight }) => state === 'ready' && inFlight.length > 0)) {
      // The first look comes before all that is for later: the answer may be there by then.
      this.#unwatched = this.#doorbell.pollUnlessInTheWay();
      if (!this.#unwatched) this.#glance.soon();
    } else {
      this.#glance.soon();
    }
  }

  /** Receives all that is there; whether there was something. */
  drain(): boolean {
    if (this.#isStopped) return false;
    const found = this.#receiver.drain();
    this.#endDamaged();
    if (!found) {
      if (this.#unwatched) this.#glanceSoon();
    } else if (this.#events.isRunning()) {
      this.#flushBacklogs();
      this.#events.dispatch();
      this.#glanceSoon();
      this.#events.drained();
    }
    return found;
  }

  /** Blocks the thread until `done()`. */
  block(done: () => boolean): void {
    try {
      while (!done()) {
        this.#waitSlice();
        this.#flushBacklogs();
        this.#arena.withoutViews(() => this.drain());
        this.#deadlines.check();
        this.#workers.reap();
        this.#receiver.collectAll();
        this.#endDamaged();
        this.#dispatcher.relieveLate();
        this.#events.dispatch();
      }
    } finally {
      // Each slice has taken back the waiting that the event loop had begun.
      this.#doorbell.poll();
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#glance.stop();
    this.#doorbell.unwatch(this.#watch);
  }

  // A function of its own: V8 looks for a pending termination at function entry, not at the back edge of a loop.
  #waitSlice(): void {
    this.#arena.native.waitSlice(this.#watch.queue, SIDE.TAKE, 0, SLICE_MS);
  }

  #glanceSoon(): void {
    this.#unwatched = false;
    if (this.#dispatcher.batches.size > 0) this.#glance.soon();
  }

  /** A reply that is ready inside a batch whose later tasks turn out long must not wait for them: the pool looks by itself. */
  #look(): void {
    if (this.#dispatcher.batches.size === 0) return;
    const flushed = this.#flushBacklogs();
    const collected = this.#receiver.collectAll();
    this.#endDamaged();
    if (this.#dispatcher.relieveLate() || collected) this.#events.dispatch();
    if (flushed || collected) this.#glanceSoon();
    if (this.#dispatcher.batches.size > 0) this.#glance.later();
  }

  /** Functions are taken from a full inbox without any reply, so the pool also does this at its glances. */
  #flushBacklogs(): boolean {
    let found = false;
    for (const worker of this.#workers.slots) if (worker.flush()) found = true;
    return found;
  }

  /** Nobody knows how far the worker of a damaged batch came: it is ended, and with it the batch. */
  #endDamaged(): void {
    for (const { damage, worker } of this.#dispatcher.batches.values())
      if (damage !== undefined && worker.state !== 'stopping') worker.kill();
  }
}
