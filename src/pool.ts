// Pools of workers: Python's Pool and ThreadPool for any JavaScript function.
import { inspect } from 'node:util';
import { startAsync, type AsyncResult } from './async-result.js';
import { stayHere } from './internal/codec/kinds.js';
import {
  callSettings,
  chunkOptions,
  imapSettings,
  type AsyncOptions,
  type CallOptions,
  type ImapOptions,
  type MapOptions,
} from './call-options.js';
import { CancelledError, PoolTerminatedError, StateError, TimeoutError } from './errors.js';
import type { Engine, EngineStats, TypedArray, WorkerInfo } from './internal/engine/engine.js';
import { NativeThreads } from './internal/kernel/native-threads.js';
import { cancelApply, startApply, type ApplyHandle } from './internal/job/apply-job.js';
import type { CallSettings } from './internal/job/job.js';
import { callerStack } from './internal/job/caller-stack.js';
import { blockOn } from './internal/job/blocking-call.js';
import { checkIterable } from './internal/job/items.js';
import type { Zip } from './internal/job/zip.js';
import { Job } from './internal/job/job.js';
import { limited, type WaitOptions } from './internal/job/time-limit.js';
import { array, optionalObject, task as checkTask } from './internal/validate.js';
import { ArrayOperations, dataOperations } from './array-operations.js';
import type { DataOperations } from './data-operations.js';
import type { KernelOptions } from './kernel-options.js';
import { MapStarter, type MapHost } from './map-starter.js';
import { endByCall, endWithPool, startEngine } from './pool-engine.js';
import { PoolEvents, type PoolEvent } from './pool-events.js';
import { oneArgument, poolSettings, withContext, type PoolOptions } from './pool-options.js';
import { ResultIterator, type IteratorLifecycle, type OpenIterator } from './result-iterator.js';
import type { ColumnResults, Measured } from './result-types.js';
import type { Task } from './task.js';
import { waitOptions } from './internal/shared/wait-options.js';
import type { TypedZip } from './zip.js';

/** What `pool.stats()` gives. */
export type PoolStats = EngineStats;
/** Whether a pool takes calls, finishes those it has, or has been stopped. */
export type PoolState = 'running' | 'closed' | 'terminated';

type Options = Record<string, unknown> | undefined;

/** Results are stored in an array of the caller's. */
type Into<O extends TypedArray> = { out: O };
/** Sources of lists of arguments; the spread keeps a literal's places apart: `['x', 2]` is a text and a number. */
type Lists<A extends unknown[]> = Iterable<[...A]> | Zip<A> | Zip;

/**
 * A fixed number of workers that run functions: processes by default, worker threads with `context: 'thread'`.
 *
 * Functions may be closures; arguments and results are copied as `structuredClone` copies. A worker that dies rejects
 * what it was running with WorkerDiedError and is replaced. An idle pool does not keep the program alive.
 *
 * @example
 * await using pool = new Pool(4);
 * const squares = await pool.map((x) => x * x, [1, 2, 3]); // [1, 4, 9]
 */
export class Pool<C extends object = {}> extends ArrayOperations implements AsyncDisposable {
  /** Resolves when all workers are up; rejects when they cannot start or their initializer fails. */
  static async create(options?: number | PoolOptions): Promise<Pool> {
    const pool = new this(options);
    try {
      await pool.#engine.ready();
    } catch (error) {
      await pool.terminate();
      throw error;
    }
    return pool;
  }

  readonly #engine: Engine;
  readonly #settings: ReturnType<typeof poolSettings>;
  /** Shared by all calls without options. */
  readonly #callDefaults: CallSettings;
  readonly #events = new PoolEvents();
  /** Sources that are still being pulled: the pool does not end before them. */
  readonly #sources = new Set<OpenIterator>();
  readonly #lifecycle: IteratorLifecycle = {
    opened: (source) => this.#sources.add(source),
    ended: (source) => {
      this.#sources.delete(source);
      this.#endWhenIterated();
    },
  };
  readonly #maps: MapStarter;
  readonly #host: MapHost;
  #data: DataOperations | undefined;
  #state: PoolState = 'running';

  /** For the type parameter only: a pool of an executor knows its context type. */
  declare protected readonly context?: C;

  /**
   * Starts the workers, which takes some ten milliseconds; calls may be made at once. A number in place of the options is that of
   * the workers.
   *
   * @throws TypeError, RangeError for what is no option or no value of one
   */
  constructor(options?: number | PoolOptions) {
    super();
    oneArgument(arguments);
    this.#settings = poolSettings(options);
    this.#callDefaults = callSettings(undefined, this.#settings);
    const threads = new NativeThreads(this.#settings.processes);
    this.#engine = startEngine(this.#settings, this.#events, this.#sources, threads);
    this.#host = {
      engine: this.#engine,
      settings: this.#settings,
      admit: () => this.#checkRunning(),
      sources: this.#lifecycle,
      onError: this.#events.failed,
      threads,
    };
    this.#maps = new MapStarter(this.#host);
    endWithPool(this, this.#engine);
  }

  /**
   * Calls `fn(...args)` in a worker.
   *
   * @throws what `fn` throws; WorkerDiedError, TimeoutError, CaptureError, DataCloneError, ResultEncodingError, StateError
   * @example
   * await pool.apply((a, b) => a + b, [1, 2]); // 3
   */
  apply<A extends unknown[], R>(fn: Task<A, R>, args?: [...A], options?: CallOptions): Promise<Awaited<R>> {
    const caller = callerStack();
    return new Promise((resolve) => {
      const settle = resolve as (value: unknown) => void;
      this.#apply(fn, args, optionalObject('options', options), caller, settle, undefined);
    });
  }

  /** Like `apply`, but returns a handle at once. */
  applyAsync<A extends unknown[], R>(
    fn: Task<A, R>,
    args?: [...A],
    options?: AsyncOptions<Awaited<R>>,
  ): AsyncResult<Awaited<R>> {
    const caller = callerStack();
    return startAsync(options, this.#events.failed, (control) => {
      const given = optionalObject('options', options);
      const handle = this.#apply(fn, args, given, caller, control.fulfil as (value: unknown) => void, control.reject);
      return () => cancelApply(this.#engine, handle, new CancelledError('The call was cancelled'));
    });
  }

  /** `apply` that blocks this thread until the result is there. */
  applySync<A extends unknown[], R>(fn: Task<A, R>, args?: [...A], options?: CallOptions): Awaited<R> {
    const caller = callerStack();
    return blockOn(this.#engine, (settle, reject) => {
      this.#apply(fn, args, optionalObject('options', options), caller, settle, reject);
    }) as Awaited<R>;
  }

  /**
   * Calls `fn` for each item, in chunks, and resolves to the results in order. Waits for every chunk even after a
   * failure, then rejects with the first error it received. Over a typed array it calls `fn(x, index)` and gives an array
   * of the same type (or `out`).
   *
   * @example
   * await pool.map((x) => x * 2, [1, 2, 3]); // [2, 4, 6]
   */
  map<X extends TypedArray, O extends TypedArray>(
    fn: Task<[X[number], number]>,
    items: X,
    options: KernelOptions & Into<O>,
  ): Promise<Measured<O>>;
  map<X extends TypedArray>(
    fn: Task<[X[number], number]>,
    items: X,
    options?: number | KernelOptions,
  ): Promise<Measured<X>>;
  map<T, R>(
    fn: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options?: number | MapOptions,
  ): Promise<Awaited<R>[]>;
  map(fn: unknown, items: unknown, options?: unknown): Promise<unknown> {
    return this.#maps.promise({ fn, items, options, spread: false, caller: Pool.prototype.map });
  }

  /** Like `map`, but returns a handle at once. */
  mapAsync<X extends TypedArray, O extends TypedArray>(
    fn: Task<[X[number], number]>,
    items: X,
    options: KernelOptions & AsyncOptions<Measured<O>> & Into<O>,
  ): AsyncResult<Measured<O>>;
  mapAsync<X extends TypedArray>(
    fn: Task<[X[number], number]>,
    items: X,
    options?: number | (KernelOptions & AsyncOptions<Measured<X>>),
  ): AsyncResult<Measured<X>>;
  mapAsync<T, R>(
    fn: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options?: number | (MapOptions & AsyncOptions<Awaited<R>[]>),
  ): AsyncResult<Awaited<R>[]>;
  mapAsync(fn: unknown, items: unknown, options?: unknown): unknown {
    return this.#maps.handle({ fn, items, options, spread: false, caller: Pool.prototype.mapAsync });
  }

  /** `map` that blocks this thread until the results are there. */
  mapSync<X extends TypedArray, O extends TypedArray>(
    fn: Task<[X[number], number]>,
    items: X,
    options: KernelOptions & Into<O>,
  ): Measured<O>;
  mapSync<X extends TypedArray>(fn: Task<[X[number], number]>, items: X, options?: number | KernelOptions): Measured<X>;
  mapSync<T, R>(fn: Task<[T], R>, items: Iterable<T>, options?: number | MapOptions): Awaited<R>[];
  mapSync(fn: unknown, items: unknown, options?: unknown): unknown {
    return this.#maps.block({ fn, items, options, spread: false, caller: Pool.prototype.mapSync });
  }

  /**
   * Like `map`, with each item as the list of arguments. Over columns of typed arrays (`zip(xs, ys)`) numbers come back in a
   * Float64Array and BigInts in a BigInt64Array, or in `out`.
   *
   * @example
   * await pool.starmap((a, b) => a * b, [[1, 2], [3, 4]]); // [2, 12]
   */
  starmap<A extends unknown[], R, O extends TypedArray>(
    fn: Task<A, R>,
    items: TypedZip<A>,
    options: KernelOptions & Into<O>,
  ): Promise<Measured<O>>;
  starmap<A extends unknown[], R>(
    fn: Task<A, R>,
    items: TypedZip<A>,
    options?: number | KernelOptions,
  ): Promise<Measured<ColumnResults<Awaited<R>>>>;
  starmap<A extends unknown[], R>(
    fn: Task<A, R>,
    items: Lists<A> | AsyncIterable<[...A]>,
    options?: number | KernelOptions,
  ): Promise<Awaited<R>[]>;
  starmap(fn: unknown, items: unknown, options?: unknown): Promise<unknown> {
    return this.#maps.promise({ fn, items, options, spread: true, caller: Pool.prototype.starmap });
  }

  /** Like `starmap`, but returns a handle at once. */
  starmapAsync<A extends unknown[], R, O extends TypedArray>(
    fn: Task<A, R>,
    items: TypedZip<A>,
    options: KernelOptions & AsyncOptions<Measured<O>> & Into<O>,
  ): AsyncResult<Measured<O>>;
  starmapAsync<A extends unknown[], R>(
    fn: Task<A, R>,
    items: TypedZip<A>,
    options?: number | (KernelOptions & AsyncOptions<Measured<ColumnResults<Awaited<R>>>>),
  ): AsyncResult<Measured<ColumnResults<Awaited<R>>>>;
  starmapAsync<A extends unknown[], R>(
    fn: Task<A, R>,
    items: Lists<A> | AsyncIterable<[...A]>,
    options?: number | (KernelOptions & AsyncOptions<Awaited<R>[]>),
  ): AsyncResult<Awaited<R>[]>;
  starmapAsync(fn: unknown, items: unknown, options?: unknown): unknown {
    return this.#maps.handle({ fn, items, options, spread: true, caller: Pool.prototype.starmapAsync });
  }

  /** `starmap` that blocks this thread until the results are there. */
  starmapSync<A extends unknown[], R, O extends TypedArray>(
    fn: Task<A, R>,
    items: TypedZip<A>,
    options: KernelOptions & Into<O>,
  ): Measured<O>;
  starmapSync<A extends unknown[], R>(
    fn: Task<A, R>,
    items: TypedZip<A>,
    options?: number | KernelOptions,
  ): Measured<ColumnResults<Awaited<R>>>;
  starmapSync<A extends unknown[], R>(fn: Task<A, R>, items: Lists<A>, options?: number | KernelOptions): Awaited<R>[];
  starmapSync(fn: unknown, items: unknown, options?: unknown): unknown {
    return this.#maps.block({ fn, items, options, spread: true, caller: Pool.prototype.starmapSync });
  }

  /**
   * Results in order, one by one. Takes items from `items` only as far ahead of the consumer as `buffersize`, so the source
   * may be endless or asynchronous.
   *
   * @example
   * for await (const page of pool.imap(parse, lines(), { buffersize: 100 })) save(page);
   */
  imap<T, R>(
    fn: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options?: number | ImapOptions,
  ): ResultIterator<Awaited<R>> {
    return this.#iterate(fn, items, options, true, callerStack());
  }

  /** Like `imap`, with each result as soon as it is there. */
  imapUnordered<T, R>(
    fn: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options?: number | ImapOptions,
  ): ResultIterator<Awaited<R>> {
    return this.#iterate(fn, items, options, false, callerStack());
  }

  /** No more tasks from now on; what was submitted still finishes, then the workers end. */
  close(): void {
    if (this.#state !== 'running') return;
    this.#state = 'closed';
    endByCall(this.#engine);
    this.#endWhenIterated();
  }

  /** Stops every worker now; whatever is pending rejects with PoolTerminatedError. Resolves when the workers are gone. */
  async terminate(): Promise<void> {
    this.#state = 'terminated';
    endByCall(this.#engine);
    this.#engine.terminate(new PoolTerminatedError('The pool was terminated'));
    await this.#engine.ended;
  }

  /**
   * Waits until the workers have ended.
   *
   * @throws StateError before close() or terminate(); TimeoutError
   */
  async join(options: WaitOptions = {}): Promise<void> {
    const limits = waitOptions(options);
    if (this.#state === 'running')
      throw new StateError('The pool is still running: call close() or terminate() before join()');
    for (const source of [...this.#sources]) source.unbind();
    this.#engine.ref();
    try {
      await limited(
        (settle) => {
          if (this.#engine.hasEnded) settle();
          else void this.#engine.ended.then(settle);
          return () => undefined;
        },
        () => undefined,
        () => {
          throw new TimeoutError(`The pool has not ended after ${limits.timeout ?? 0} ms`);
        },
        limits,
      );
    } finally {
      this.#engine.unref();
    }
  }

  /** close() and join(). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.join();
  }

  /** Number of workers. */
  get processes(): number {
    return this.#settings.processes;
  }

  /** `'closed'` after `close()`, also when all has ended. */
  get state(): PoolState {
    return this.#state;
  }

  /** The workers there are now. `threadId` is 0 for processes; `pid` of a thread is this process. */
  get workers(): readonly WorkerInfo[] {
    return this.#engine.workers();
  }

  /** Counts, queue depth, utilisation, and percentiles of run and wait times in ms. */
  stats(): PoolStats {
    return this.#engine.stats();
  }

  /**
   * Listens to `workerStart`, `workerExit`, `error` (what no pending call can be told of: a throwing callback, an unhandled
   * rejection in a worker) and `drain` (no task waits for a worker any more). Without a listener an `error` becomes a warning.
   */
  on(event: 'workerStart', listener: (worker: WorkerInfo) => void): this;
  on(
    event: 'workerExit',
    listener: (worker: WorkerInfo & { exitCode: number | null; signal: NodeJS.Signals | null }) => void,
  ): this;
  on(event: 'error', listener: (error: unknown) => void): this;
  on(event: 'drain', listener: () => void): this;
  on(event: PoolEvent, listener: (...args: never[]) => void): this {
    this.#events.on(event, listener);
    return this;
  }

  /** @internal */
  get [dataOperations](): DataOperations {
    // Loaded with the first operation: most pools have none.
    const load = (): typeof import('./data-operations.js') => require('./data-operations.js');
    return (this.#data ??= new (load().DataOperations)(this.#host, this.#maps));
  }

  [inspect.custom](): string {
    return `${this.constructor.name} { ${this.#state}, processes: ${this.processes} }`;
  }

  #checkRunning(): void {
    if (this.#state !== 'running') throw new StateError(`The pool is ${this.#state}: it takes no more tasks`);
  }

  #apply(
    fn: unknown,
    args: unknown,
    options: Options,
    caller: { stack?: string },
    resolve: (value: unknown) => void,
    reject: ((error: unknown) => void) | undefined,
  ): ApplyHandle {
    checkTask('fn', fn);
    const given = args === undefined ? [] : array('args', args);
    const settings = options === undefined ? this.#callDefaults : callSettings(options, this.#settings);
    this.#checkRunning();
    return startApply(this.#engine, fn, given, settings, caller, resolve, reject);
  }

  #iterate<R>(
    fn: unknown,
    items: unknown,
    options: unknown,
    ordered: boolean,
    caller: { stack?: string },
  ): ResultIterator<R> {
    checkTask('fn', fn);
    checkIterable('items', items);
    const given = chunkOptions(options);
    const settings = imapSettings(given, this.processes, ordered);
    const call = callSettings(given, this.#settings);
    this.#checkRunning();
    return new ResultIterator<R>(
      this.#engine,
      () => new Job(this.#engine, fn, call, caller),
      items as Iterable<unknown> | AsyncIterable<unknown>,
      { ...settings, signal: call.signal },
      this.#lifecycle,
    );
  }

  /** A source that is still being pulled may submit more tasks after close(): the workers end when it has ended. */
  #endWhenIterated(): void {
    if (this.#state === 'closed' && this.#sources.size === 0) this.#engine.close();
  }
}

stayHere(Pool);

/** The same as `Pool`, on worker threads. */
export class ThreadPool<C extends object = {}> extends Pool<C> {
  constructor(options?: number | PoolOptions) {
    oneArgument(arguments);
    super(withContext(options, 'thread'));
  }
}
