// Runs tasks on workers of this machine: owns the workers, their queue of replies, and every task until it is settled.
import { StateError } from '../../errors.js';
import type { Captured } from '../function/capture.js';
import { arena, type Arena } from '../memory/arena.js';
import { monotonicMs } from '../memory/clock.js';
import { doorbell, type Doorbell } from '../memory/doorbell.js';
import type { ExitStatus } from '../worker/launch.js';
import { Deadlines } from './deadlines.js';
import { DefinitionStore } from './definition-store.js';
import { Dispatcher } from './dispatcher.js';
import type { Engine, EngineEvents, EngineStats, TaskBody, WorkerInfo } from './engine.js';
import { FrameWriter } from './frame-writer.js';
import type { InFlight } from './in-flight.js';
import { Lookout } from './lookout.js';
import { Meter } from './meter.js';
import { Pending } from './pending.js';
import { Receiver } from './receiver.js';
import type { LocalSettings } from './settings.js';
import { Settlement } from './settlement.js';
import { Task, type ErrorOrigin, type TaskListener, type TaskOptions } from './task.js';
import { deathOf, infoOf, WorkerSet } from './worker-set.js';
import type { WorkerSlot, WorkerState } from './worker-slot.js';

const OUTBOX_CAPACITY = 1024;
// queueMicrotask makes an AsyncResource each time, and leads through ten times the code.
const SOON = Promise.resolve();

/**
 * Legal: running -> closing -> ended; running and closing -> failed -> ended.
 * `closing`: no more tasks will come, workers are told to finish when none is left. `failed`: everything is rejected.
 */
type State = 'running' | 'closing' | 'failed' | 'ended';

const GOING: ReadonlySet<WorkerState> = new Set(['retiring', 'stopping', 'exited']);

export class LocalEngine implements Engine {
  readonly ended: Promise<void>;
  readonly #settings: LocalSettings;
  readonly #events: EngineEvents;
  readonly #arena: Arena;
  readonly #doorbell: Doorbell;
  readonly #outbox: number;
  readonly #meter = new Meter();
  readonly #pending: Pending;
  readonly #frames: FrameWriter;
  readonly #workers: WorkerSet;
  readonly #dispatcher: Dispatcher;
  readonly #receiver: Receiver;
  readonly #settlement: Settlement;
  readonly #lookout: Lookout;
  readonly #deadlines: Deadlines;
  #state: State = 'running';
  /** What every further submission is refused with. */
  #failure: { readonly error: unknown } | undefined;
  #flushing = false;
  #readyWaiters: { resolve(): void; reject(error: unknown): void }[] = [];
  #resolveEnded: () => void = () => undefined;

  /** Throws what is wrong with the initializer. */
  constructor(settings: LocalSettings, events: EngineEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#arena = arena();
    // May find no descriptor left: before there is a worker, whose end nobody could hear of.
    this.#doorbell = doorbell();
    const definitions = new DefinitionStore();
    this.#pending = new Pending(settings.maxQueue);
    this.#frames = new FrameWriter(this.#arena, settings.method === 'thread');
    this.#deadlines = new Deadlines((task) => this.#stop(task, this.#deadlines.error(task), 'pool'));
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#outbox = this.#arena.native.queueCreate(OUTBOX_CAPACITY);
    try {
      this.#workers = new WorkerSet(this.#arena, settings, this.#outbox, definitions, this.#frames, {
        exiting: () => void this.#lookout.drain(),
        exited: (worker, status, before) => this.#exited(worker, status, before),
        failed: (error) => this.#fail(error),
        started: () => this.#flushSoon(),
      });
    } catch (error) {
      this.#arena.native.queueDestroy(this.#outbox);
      throw error;
    }
    // What follows is done while they start.
    const failed = this.#workers.spawnAll();
    this.#settlement = new Settlement(this.#doorbell, this.#frames, this.#deadlines, this.#meter, () =>
      this.#retireWhenIdle(),
    );
    this.#dispatcher = new Dispatcher(this.#arena, this.#pending, this.#workers.slots, definitions, this.#meter);
    this.#receiver = new Receiver(
      this.#arena,
      this.#outbox,
      this.#dispatcher.batches,
      (entry) => this.#workers.find(entry),
      {
        replied: (task, reply, inFlight) => this.#settlement.replied(task, reply, inFlight),
        finished: (inFlight) => this.#finishBatch(inFlight),
        ready: (worker) => this.#workerReady(worker),
        failed: (error) => this.#fail(error),
        error: (error) => this.#events.error(error),
      },
    );
    this.#lookout = new Lookout(
      this.#arena,
      this.#doorbell,
      this.#outbox,
      this.#workers,
      this.#dispatcher,
      this.#receiver,
      this.#deadlines,
      {
        isRunning: () => this.#failure === undefined,
        dispatch: () => this.#dispatch(),
        drained: () => this.#retireWhenIdle(),
      },
    );
    if (failed !== undefined) {
      // Nobody will ever hold this pool: what it has started by now must go.
      this.#fail(failed.error);
      throw failed.error;
    }
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  get isIdle(): boolean {
    return this.#state === 'running' && this.#settlement.isIdle;
  }

  get isFree(): boolean {
    if (this.#state !== 'running' || !this.#pending.isEmpty || !this.#workers.allReady) return false;
    // Of a batch that is through, its worker may not have said so yet: the tasks tell.
    return [...this.#dispatcher.batches.values()].every(({ tasks, limit }) =>
      tasks.slice(0, limit).every(({ state }) => state === 'settled'),
    );
  }

  submit(captured: Captured, body: TaskBody, options: TaskOptions, listener: TaskListener): Task {
    if (this.#failure !== undefined) throw this.#failure.error;
    const task = new Task(captured.definition, options, listener, monotonicMs());
    this.#frames.write(task, body, captured.values);
    this.#meter.submitted++;
    this.#settlement.begin();
    this.#pending.push(task);
    this.#flushSoon();
    return task;
  }

  copy<T>(value: T, path: string): T {
    return this.#frames.copy(value, path);
  }

  cancel(task: Task, error: unknown): boolean {
    if (task.state === 'settled') return false;
    if (task.state === 'queued' ? this.#pending.remove(task) : this.#dispatcher.withdraw(task)) {
      this.#settlement.settle(task, { ok: false, error }, 'given');
      this.#flushSoon();
    } else {
      this.#stop(task, error, 'given');
    }
    return true;
  }

  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#workers.allReady) return resolve();
      this.#doorbell.hold();
      this.#readyWaiters.push({ resolve, reject });
    });
  }

  room(): Promise<void> | undefined {
    return this.#pending.room();
  }

  workers(): readonly WorkerInfo[] {
    return this.#workers.slots.filter(({ state }) => state !== 'retiring').map(infoOf);
  }

  stats(): EngineStats {
    let running = 0;
    for (const { limit, seen, worker } of this.#dispatcher.batches.values())
      if (worker.state !== 'stopping') running += limit - seen;
    const { queued, waiting } = this.#pending;
    return this.#meter.report(
      { workers: this.#workers.slots.length, queued, waiting, running },
      this.#settings.processes,
    );
  }

  close(): void {
    if (this.#state !== 'running') return;
    this.#state = 'closing';
    this.#retireWhenIdle();
  }

  terminate(error: unknown): void {
    this.#fail(error);
  }

  hold(): void {
    this.#settlement.begin();
  }

  release(): void {
    this.#settlement.end();
  }

  ref(): void {
    this.#doorbell.hold();
  }

  unref(): void {
    this.#doorbell.release();
  }

  blockUntil(done: () => boolean): void {
    this.#dispatch();
    this.#lookout.block(done);
  }

  // ---- sending

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    void SOON.then(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    this.#dispatch();
  };

  #dispatch(): void {
    if (this.#state === 'ended' || this.#failure !== undefined) return;
    const before = this.#pending.queued;
    if (before === 0 && this.#dispatcher.batches.size === 0) return;
    let sent = false;
    try {
      sent = this.#dispatcher.dispatch((task) => this.#deadlines.add(task));
    } catch (error) {
      // No memory is left, or it is damaged.
      return this.#fail(error);
    }
    if (before > 0 && this.#pending.isEmpty) this.#events.drain();
    if (sent) this.#lookout.sent();
  }

  // ---- receiving

  #finishBatch(inFlight: InFlight): void {
    const { batch, worker } = inFlight;
    const { memory } = batch;
    // Its worker has room from now on: a callback that is told of a reply may itself wait for another task.
    this.#dispatcher.forget(inFlight);
    this.#receiver.collect(inFlight);
    this.#settlement.lost(inFlight);
    this.#dispatcher.free(inFlight);
    const { maxMemoryPerChild } = this.#settings;
    const tooLarge = maxMemoryPerChild !== undefined && memory > maxMemoryPerChild;
    const spent = worker.tasksLeft <= 0 && worker.inFlight.length === 0;
    if (worker.state === 'ready' && (tooLarge || spent)) this.#replace(worker);
  }

  // ---- workers

  #workerReady(worker: WorkerSlot): void {
    this.#workers.ready(worker);
    this.#events.workerStart(infoOf(worker));
    if (!this.#workers.allReady) return;
    this.#events.ready();
    for (const { resolve } of this.#readyWaiters.splice(0)) {
      this.#doorbell.release();
      resolve();
    }
  }

  /** Lets a worker end after what it has, and starts its successor at once. */
  #replace(worker: WorkerSlot): void {
    this.#dispatcher.takeBackAll(worker);
    this.#workers.retire(worker);
    if (this.#state === 'running' || !this.#settlement.isIdle) this.#respawn();
  }

  /** Starts a successor. What prevents it (no descriptors, no memory) is the end of the pool, not of the program. */
  #respawn(): void {
    try {
      this.#workers.spawn();
      this.#meter.restarts++;
    } catch (error) {
      this.#fail(error);
    }
  }

  #retireWhenIdle(): void {
    if (this.#state !== 'closing' || !this.#settlement.isIdle) return;
    for (const worker of this.#workers.slots) {
      if (!GOING.has(worker.state)) this.#workers.retire(worker);
    }
    this.#endWhenEmpty();
  }

  /** Kills the worker that runs the task; the task ends with `error`, the others of the worker go elsewhere. */
  #stop(task: Task, error: unknown, origin: ErrorOrigin): void {
    const { inFlight } = task;
    if (inFlight === undefined) return;
    this.#dispatcher.takeBackAll(inFlight.worker);
    inFlight.worker.kill();
    this.#settlement.settle(task, { ok: false, error }, origin);
  }

  #exited(worker: WorkerSlot, status: ExitStatus, before: WorkerState): void {
    for (const inFlight of [...worker.inFlight]) this.#recover(inFlight, status);
    this.#events.workerExit({ ...infoOf(worker), exitCode: status.exitCode, signal: status.signal });
    const wanted = before !== 'retiring' && !(this.#state === 'closing' && this.#settlement.isIdle);
    if (this.#failure === undefined && wanted) {
      const hopeless = this.#workers.hopeless(worker, status, before);
      if (hopeless === undefined) this.#respawn();
      else this.#fail(hopeless);
    }
    this.#endWhenEmpty();
    this.#dispatch();
  }

  /** Settles the batch of a dead worker: what was done counts, what ran died with it, the rest goes to others. */
  #recover(inFlight: InFlight, status: ExitStatus): void {
    this.#receiver.collect(inFlight);
    const { tasks, lastProgress: progress } = inFlight;
    // Of a damaged batch nobody knows what has run.
    const next = progress?.started ?? inFlight.limit;
    if (progress === undefined) this.#settlement.lost(inFlight);
    const running = inFlight.seen < next ? tasks[inFlight.seen] : undefined;
    const again = tasks.slice(next, inFlight.limit).filter(({ state }) => state === 'sent');
    if (running !== undefined && running.state === 'sent') {
      if (running.options.retries > 0 && this.#failure === undefined) {
        running.options = { ...running.options, retries: running.options.retries - 1 };
        this.#meter.retried++;
        again.unshift(running);
      } else {
        this.#settlement.settle(running, { ok: false, error: deathOf(inFlight.worker, status) }, 'pool');
      }
    }
    this.#dispatcher.requeue(again);
    this.#dispatcher.forget(inFlight);
    this.#dispatcher.free(inFlight);
  }

  /** Rejects everything and stops every worker; later submissions throw the same error. */
  #fail(error: unknown): void {
    if (this.#state === 'ended' || this.#failure !== undefined) return;
    this.#state = 'failed';
    this.#failure = { error };
    this.#events.failed(error);
    for (const { reject } of this.#readyWaiters.splice(0)) {
      this.#doorbell.release();
      reject(error);
    }
    const tasks = this.#pending.clear();
    for (const inFlight of this.#dispatcher.batches.values()) tasks.push(...inFlight.tasks.slice(0, inFlight.limit));
    for (const worker of this.#workers.slots) {
      worker.ref();
      worker.kill();
    }
    for (const task of tasks) this.#settlement.settle(task, { ok: false, error }, 'given');
    this.#endWhenEmpty();
  }

  #endWhenEmpty(): void {
    const ending = this.#failure !== undefined || (this.#state === 'closing' && this.#settlement.isIdle);
    if (!ending || this.#workers.slots.length > 0 || this.#state === 'ended') return;
    this.#lookout.drain();
    this.#state = 'ended';
    this.#failure ??= { error: new StateError('The pool has ended') };
    this.#lookout.stop();
    this.#arena.native.queueDestroy(this.#outbox);
    this.#resolveEnded();
  }
}
