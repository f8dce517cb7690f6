// The workers of a local engine: starts them, runs their initializer, lets them retire, and notices when they cannot start.
import { join } from 'node:path';
import { InitializerError, WorkerDiedError } from '../../errors.js';
import { captureTask, type Captured } from '../function/capture.js';
import type { Arena } from '../memory/arena.js';
import { LAUNCHERS } from '../worker/launchers.js';
import type { ExitStatus } from '../worker/launch.js';
import type { DefinitionStore } from './definition-store.js';
import type { WorkerInfo } from './engine.js';
import type { FrameWriter } from './frame-writer.js';
import { TO_WORKER } from './messages.js';
import type { LocalSettings } from './settings.js';
import { WorkerSlot, type WorkerState } from './worker-slot.js';

// The bundle itself, which runs worker/main.js when it is what Node was started with: one file less to find and to read.
const MAIN = join(__dirname, '..', '..', 'child-code.js');

/** So many workers in a row that end before they are ready: they cannot start at all. */
const FAILED_STARTS = 3;

export interface WorkerSetEvents {
  /** A worker has ended: what it had published is to be read while it can still be found. */
  exiting(): void;
  /** A worker has ended and left the set; its batches are still in flight. */
  exited(worker: WorkerSlot, status: ExitStatus, before: WorkerState): void;
  /** No worker will ever run: the initializer cannot be sent. */
  failed(error: unknown): void;
  /** A worker that had to wait for the initializer's definition may get tasks now. */
  started(): void;
}

export class WorkerSet {
  readonly slots: WorkerSlot[] = [];
  readonly #arena: Arena;
  readonly #settings: LocalSettings;
  readonly #outbox: number;
  readonly #definitions: DefinitionStore;
  readonly #frames: FrameWriter;
  readonly #events: WorkerSetEvents;
  readonly #initializer: Captured | Promise<Captured> | undefined;
  readonly #initargs: readonly unknown[];
  /** Those that have ended, whose last messages are still to be read. */
  readonly #leaving: WorkerSlot[] = [];
  #nextId = 1;
  #failedStarts = 0;

  /** Throws what is wrong with the initializer. */
  constructor(
    arena: Arena,
    settings: LocalSettings,
    outbox: number,
    definitions: DefinitionStore,
    frames: FrameWriter,
    events: WorkerSetEvents,
  ) {
    this.#arena = arena;
    this.#settings = settings;
    this.#outbox = outbox;
    this.#definitions = definitions;
    this.#frames = frames;
    this.#events = events;
    this.#initializer = settings.initializer === undefined ? undefined : captureTask(settings.initializer);
    // As they are now: a worker that is started later gets the same.
    this.#initargs = settings.initargs.length === 0 ? [] : frames.copy(settings.initargs, 'initargs');
  }

  get allReady(): boolean {
    return this.slots.every(({ state }) => state !== 'starting' && state !== 'waiting');
  }

  /** The worker whose participant entry that is, also while its exit is dealt with. */
  find(entry: number): WorkerSlot | undefined {
    return this.slots.find((slot) => slot.entry === entry) ?? this.#leaving.find((slot) => slot.entry === entry);
  }

  /** Starts as many as the pool has; what prevented it. */
  spawnAll(): { readonly error: unknown } | undefined {
    try {
      while (this.slots.length < this.#settings.processes) this.spawn();
    } catch (error) {
      return { error };
    }
    return undefined;
  }

  spawn(): void {
    const { method, maxTasksPerChild, maxMemoryPerChild, env, execArgv, resourceLimits, name } = this.#settings;
    const id = this.#nextId++;
    const memory = maxMemoryPerChild === undefined ? null : method === 'thread' ? 'heap' : 'rss';
    const worker = new WorkerSlot(
      this.#arena,
      id,
      this.#outbox,
      LAUNCHERS[method],
      { main: MAIN, env, execArgv, resourceLimits, name: `${name}-${id}` },
      { tasks: maxTasksPerChild, memory, initializes: this.#initializer !== undefined },
      (slot, status) => this.exited(slot, status),
    );
    this.slots.push(worker);
    if (this.#initializer instanceof Promise) {
      worker.state = 'waiting';
      this.#initializer
        .then((captured) => this.#initialize(worker, captured))
        .catch((error: unknown) => this.#events.failed(error));
    } else if (this.#initializer !== undefined) {
      this.#initialize(worker, this.#initializer);
    }
  }

  #initialize(worker: WorkerSlot, captured: Captured): void {
    if (worker.state === 'exited') return;
    worker.known.add(captured.definition.id);
    worker.send(this.#arena.store(this.#definitions.message(captured.definition)), TO_WORKER.DEFINE);
    worker.send(this.#frames.standalone(captured, this.#initargs, worker), TO_WORKER.INITIALIZE);
    if (worker.state === 'waiting') worker.state = 'starting';
    this.#events.started();
  }

  ready(worker: WorkerSlot): void {
    this.#failedStarts = 0;
    if (worker.state === 'starting') worker.state = 'ready';
  }

  /** Lets a worker end after what it has. */
  retire(worker: WorkerSlot): void {
    worker.state = 'retiring';
    worker.send(this.#arena.native.alloc(0), TO_WORKER.CLOSE);
  }

  /** The end of a worker is known from the system. */
  exited(worker: WorkerSlot, status: ExitStatus): void {
    if (worker.state === 'exited') return;
    const before = worker.state;
    worker.state = 'exited';
    this.#events.exiting();
    this.slots.splice(this.slots.indexOf(worker), 1);
    this.#leaving.push(worker);
    worker.bury();
    this.#events.exited(worker, status, before);
    this.#leaving.splice(this.#leaving.indexOf(worker), 1);
  }

  /** While the thread is blocked no 'exit' event can come: asks the system for each worker. */
  reap(): void {
    for (const worker of [...this.slots]) {
      const status = worker.poll();
      if (status !== undefined) this.exited(worker, status);
    }
  }

  /** Why no further worker should be tried after this death; undefined when one may. */
  hopeless(worker: WorkerSlot, status: ExitStatus, before: WorkerState): Error | undefined {
    if (before !== 'starting' && before !== 'waiting') return undefined;
    if (this.#initializer !== undefined) {
      return new InitializerError('A worker died in its initializer', { cause: deathOf(worker, status) });
    }
    if (++this.#failedStarts < FAILED_STARTS) return undefined;
    return deathOf(
      worker,
      status,
      `Workers cannot start: ${FAILED_STARTS} in a row ended before they were ready. The last one`,
    );
  }
}

export function infoOf(worker: WorkerSlot): WorkerInfo {
  // What was taken back from it is not its work any more, though it has not seen that yet.
  const busy = worker.inFlight.some(({ limit, seen }) => limit > seen);
  return { id: worker.id, pid: worker.pid, threadId: worker.threadId, busy };
}

/** The error for what a worker was running when it ended. */
export function deathOf(
  worker: WorkerSlot,
  { exitCode, signal, error }: ExitStatus,
  who = 'The worker that ran the task',
): WorkerDiedError {
  const code = exitCode === null ? String(error) : `exit code ${exitCode}`;
  const how = signal === null ? code : `signal ${signal}`;
  const cause = error ?? worker.fault?.error;
  return new WorkerDiedError(`${who} (pid ${worker.pid}) died: ${how}`, { exitCode, signal, pid: worker.pid, cause });
}
