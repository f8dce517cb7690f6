// The seam between a pool and whatever runs its tasks: today local workers, later workers of other machines.
import type { TypedArray } from '../typed-array.js';
import type { Captured } from '../function/capture.js';
import type { ResultList } from './result-list.js';
import type { Task, TaskListener, TaskOptions } from './task.js';

/** What a task calls its function with. */
export type TaskBody = { readonly kind: 'call'; readonly args: readonly unknown[] } | ItemsBody | ListsBody | TypedBody;

/** A chunk of items; the task's value is the array of results, unless they go to a place in `target`. */
export interface ItemsBody {
  readonly kind: 'items';
  readonly items: readonly unknown[];
  readonly start: number;
  readonly end: number;
  /** Each item is the argument list (starmap). */
  readonly spread: boolean;
  /** A failed item does not end the chunk; the value is an `ItemOutcomes`. */
  readonly each: boolean;
  /** Never with `each`. The place of the first result is `start`. */
  readonly target?: ResultList;
}

/** A chunk of lists side by side: `fn(...lists)` for each place from `start` to `end`. */
export interface ListsBody {
  readonly kind: 'lists';
  readonly lists: readonly ArrayLike<unknown>[];
  readonly start: number;
  readonly end: number;
  readonly target: ResultList;
  /** The place of the first result in it; in errors that of the first call. */
  readonly place: number;
}

/** A chunk of typed arrays side by side, all as long as each other; the results go to `target`, from the place `start` on. */
export interface TypedBody {
  readonly kind: 'typed';
  readonly columns: readonly TypedArray[];
  /** `fn(...columns)` and not `fn(x, i)`, of which there is one column. */
  readonly spread: boolean;
  readonly start: number;
  readonly end: number;
  /** A typed array converts what it stores. */
  readonly target: TypedArray | ResultList;
}

export type { TypedArray };

/** Results of a chunk run with `each`: a failed item has `undefined` in `values` and its error in `failures`. */
export interface ItemOutcomes {
  readonly values: readonly unknown[];
  readonly failures: ReadonlyMap<number, unknown>;
}

/** A worker of a pool. */
export interface WorkerInfo {
  /** Counted from 1; never used again in the pool. */
  readonly id: number;
  /** That of this process for a thread. */
  readonly pid: number;
  /** 0 for a process. */
  readonly threadId: number;
  /** Whether it has tasks. */
  readonly busy: boolean;
}

/** Called by the engine; a pool turns them into events. */
export interface EngineEvents {
  workerStart(worker: WorkerInfo): void;
  /** Every worker is up. */
  ready(): void;
  workerExit(worker: WorkerInfo & { exitCode: number | null; signal: NodeJS.Signals | null }): void;
  /** Something failed that no pending call can be told of. */
  error(error: unknown): void;
  /** No task is waiting for a worker any more. */
  drain(): void;
  /** From now on every submission throws `error`; called before the pending tasks are rejected. */
  failed(error: unknown): void;
}

/** Runs tasks somewhere. Every submitted task is settled exactly once, whatever happens to its worker. */
export interface Engine {
  /** Encodes the task now, so that later changes of its arguments are not seen, and queues it. Throws DataCloneError. */
  submit(captured: Captured, body: TaskBody, options: TaskOptions, listener: TaskListener): Task;
  /** A copy of a value as a worker would get it. Throws DataCloneError with a path from `path` on. */
  copy<T>(value: T, path: string): T;
  /** Rejects the task with `error`; if it runs, its worker is stopped and replaced. False when it was settled before. */
  cancel(task: Task, error: unknown): boolean;
  /** Resolves when every worker is up, rejects when they cannot start. */
  ready(): Promise<void>;
  /** Resolves when fewer than `maxQueue` tasks wait. */
  room(): Promise<void> | undefined;
  workers(): readonly WorkerInfo[];
  stats(): EngineStats;
  close(): void;
  terminate(error: unknown): void;
  /** Resolves when the last worker has gone after close() or terminate(). */
  readonly ended: Promise<void>;
  /** Every worker is up and none has anything to do. */
  readonly isFree: boolean;
  /** Whether `ended` has resolved. */
  readonly hasEnded: boolean;
  /** Blocks the thread until `done()`, while results arrive and dead workers are replaced. */
  blockUntil(done: () => boolean): void;
  /** A call is being prepared: until the matching release the engine does not end by close(), and the event loop lives. */
  hold(): void;
  release(): void;
  /** Keeps the event loop alive until the matching unref. */
  ref(): void;
  unref(): void;
}

/** Percentiles of durations, in ms. */
export interface Percentiles {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What a pool has done and has to do, in tasks: of a map each chunk is one. */
export interface EngineStats {
  readonly workers: number;
  /** Tasks that wait for a worker. */
  readonly queued: number;
  /** Tasks beyond `maxQueue` that wait for a place in the queue. */
  readonly waiting: number;
  /** Tasks that a worker has: the running ones and those at hand for it. */
  readonly running: number;
  readonly submitted: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly retried: number;
  /** Workers that were replaced after their end. */
  readonly restarts: number;
  /** Share of the workers' time spent in tasks since the start, 0 to 1. */
  readonly utilisation: number;
  /** Run time of tasks. */
  readonly run: Percentiles;
  /** Time from submission until it was handed to a worker. */
  readonly wait: Percentiles;
}
