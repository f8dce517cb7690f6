// Starts the maps of a pool: checks the call, lists its source, submits the chunks, and lets each call end once.
import { startAsync, type AsyncResult } from './async-result.js';
import { callSettings, chunkOptions, chunksizeOf, guardedCallback, progressOf } from './call-options.js';
import { CancelledError } from './errors.js';
import type { Engine, TypedArray } from './internal/engine/engine.js';
import type { Captured, Task as TaskFunction } from './internal/function/capture.js';
import type { LocalSettings } from './internal/engine/settings.js';
import {
  checkArgumentLists,
  checkIterable,
  collectItems,
  copyOf,
  defaultChunksize,
  isAsyncIterable,
  isIterable,
  listItems,
} from './internal/job/items.js';
import { blockOn } from './internal/job/blocking-call.js';
import { type Holder, stackOutside } from './internal/job/caller-stack.js';
import { columnsOf, unconverted, withStats } from './internal/job/typed-results.js';
import { Zip } from './internal/job/zip.js';
import { type CallSettings, Job } from './internal/job/job.js';
import {
  endOnce,
  mapColumns,
  mapItems,
  mapLists,
  mapNothing,
  type MapOutcome,
  type MapSettings,
} from './internal/job/map-job.js';
import type { NativeThreads } from './internal/kernel/native-threads.js';
import type { ProgressReport } from './internal/job/progress.js';
import { task as checkTask, wrongType } from './internal/validate.js';
import { kernelOptions, refuseOut, targetOf } from './kernel-options.js';
import type { IteratorLifecycle, OpenIterator } from './result-iterator.js';

/** A call of `map` or `starmap` as it was made. */
export interface MapCall {
  readonly fn: unknown;
  readonly items: unknown;
  readonly options: unknown;
  /** Each item is the argument list (starmap). */
  readonly spread: boolean;
  /** The method that was called, which still runs; or the stack of its caller. */
  readonly caller: Function | Holder;
  /** The caller waits. */
  readonly sync?: boolean;
  /** It is part of another call, which the pool has taken. */
  readonly isStep?: boolean;
}

/** What a map needs of its pool. */
export interface MapHost {
  readonly engine: Engine;
  readonly settings: LocalSettings;
  /** Throws when the pool takes no more calls. */
  admit(): void;
  /** Told of the source while it is being listed: the pool does not end before. */
  readonly sources: IteratorLifecycle;
  readonly onError: (error: unknown) => void;
  readonly threads: NativeThreads;
}

export class MapStarter {
  readonly #host: MapHost;

  constructor(host: MapHost) {
    this.#host = host;
  }

  promise(call: MapCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#start(call, { fulfilled: resolve, rejected: reject });
    });
  }

  handle(call: MapCall): AsyncResult<unknown> {
    return startAsync(call.options, this.#host.onError, ({ fulfil, reject }) => {
      const cancel = this.#start(call, { fulfilled: fulfil, rejected: reject });
      return () => {
        cancel(new CancelledError('The call was cancelled'));
        return true;
      };
    });
  }

  /** The results, when they are there: until then this thread is blocked. */
  block(call: MapCall): unknown {
    if (!isIterable(call.items)) throw wrongType('items', 'an iterable that gives its items at once', call.items);
    return blockOn(this.#host.engine, (resolve, reject) => {
      this.#start({ ...call, sync: true }, { fulfilled: resolve, rejected: reject });
    });
  }

  /** Starts a map; returns how to cancel it. Throws what is wrong with the call; the rest goes to `outcome`. */
  #start(call: MapCall, outcome: MapOutcome): (error: unknown) => void {
    const { fn, items, spread } = call;
    checkTask('fn', fn);
    checkIterable('items', items);
    const options = chunkOptions(call.options);
    chunksizeOf(options);
    progressOf(options);
    const settings = callSettings(options, this.#host.settings);
    if (call.isStep !== true) this.#host.admit();
    const columns = columnsOf(items, spread);
    const { engine, fast } = kernelOptions(options);
    let out: TypedArray | undefined;
    if (columns === undefined) refuseOut(options, items);
    if (columns !== undefined || engine === 'native') {
      const progress = guardedCallback('onProgress', options, this.#host.onError);
      for (const column of columns ?? []) out = targetOf(options, column);
      if (engine !== 'workers') {
        const started = typedMaps().startTypedMap(
          { fn: fn as Function, columns, spread, out, settings, fast, progress },
          {
            engine: this.#host.engine,
            threads: this.#host.threads,
            sources: this.#host.sources,
            insist: engine === 'native',
            sync: call.sync === true,
          },
          outcome,
          () => this.#onWorkers(call, out, options),
        );
        if (started !== undefined) return started;
      }
    }
    return this.#onWorkers(call, out, options)(columns, settings, outcome);
  }

  /** What starts a call on the workers. To be called while the caller still runs, whose stack they need. */
  #onWorkers(
    { fn, items, spread, caller }: MapCall,
    out: TypedArray | undefined,
    options: Record<string, unknown> | undefined,
  ): (
    columns: readonly TypedArray[] | undefined,
    settings: CallSettings,
    outcome: MapOutcome,
  ) => (error: unknown) => void {
    const stack = typeof caller === 'function' ? stackOutside(caller) : caller;
    const begun = performance.now();
    return (columns, settings, outcome) => {
      const { engine, settings: host } = this.#host;
      const convert = spread && out === undefined ? unconverted : undefined;
      const told = columns === undefined ? outcome : withStats(outcome, host.processes, convert, begun);
      const job = new Job(engine, fn as TaskFunction, settings, stack);
      const ending = endOnce(settings.signal, told, (error) => {
        source?.fail(error);
        job.cancel(error);
      });
      const submit = (list: readonly unknown[]): void => this.#submit(job, list, options, spread, ending.outcome);
      let source: OpenIterator | undefined;
      try {
        if (isAsyncIterable(items)) source = this.#collect(items, submit, ending.outcome.rejected);
        else if (columns !== undefined) this.#submitColumns(job, columns, out, options, spread, ending.outcome);
        else this.#submitListed(job, items as Iterable<unknown>, options, spread, ending.outcome);
      } catch (error) {
        ending.outcome.rejected(error);
      }
      return ending.cancel;
    };
  }

  #collect(
    items: AsyncIterable<unknown>,
    submit: (list: readonly unknown[]) => void,
    rejected: (error: unknown) => void,
  ): OpenIterator {
    const { engine, sources } = this.#host;
    const { list, stop } = collectItems(items);
    const source: OpenIterator = { unbind: () => undefined, fail: stop };
    sources.opened(source);
    engine.ref();
    list
      .then(submit)
      .catch(rejected)
      .finally(() => {
        engine.unref();
        sources.ended(source);
      });
    return source;
  }

  #submit(
    job: Job,
    items: readonly unknown[],
    options: Record<string, unknown> | undefined,
    spread: boolean,
    outcome: MapOutcome,
  ): void {
    if (spread) checkArgumentLists(items);
    const plan = this.#plan(items.length, options, spread);
    if (items.length === 0) mapNothing(undefined, outcome);
    else
      this.#whenCaptured(
        job,
        () => this.#host.engine.copy(items, 'items'),
        (captured, list) => mapItems(job, captured, list ?? items, plan, outcome),
        outcome,
      );
  }

  #submitListed(
    job: Job,
    items: Iterable<unknown>,
    options: Record<string, unknown> | undefined,
    spread: boolean,
    outcome: MapOutcome,
  ): void {
    const { captured } = job;
    const lists = spread && items instanceof Zip ? items.lists() : undefined;
    const count = Math.min(...(lists ?? []).map(({ length }) => length));
    // What has to be copied first is copied as tuples, so that errors name the place as everywhere.
    if (lists === undefined || count === 0 || captured instanceof Promise)
      this.#submit(job, listItems(items), options, spread, outcome);
    else mapLists(job, captured, lists, count, this.#plan(count, options, spread), outcome);
  }

  #submitColumns(
    job: Job,
    columns: readonly TypedArray[],
    out: TypedArray | undefined,
    options: Record<string, unknown> | undefined,
    spread: boolean,
    outcome: MapOutcome,
  ): void {
    const [items] = columns as [TypedArray];
    const target = out ?? (spread ? undefined : copyOf(items));
    const plan = this.#plan(items.length, options, spread);
    if (items.length === 0) mapNothing(target, outcome);
    else
      this.#whenCaptured(
        job,
        () => columns.map(copyOf),
        (captured, copies) => mapColumns(job, captured, copies ?? columns, target, plan, outcome),
        outcome,
      );
  }

  #plan(count: number, options: Record<string, unknown> | undefined, spread: boolean): MapSettings {
    const { settings, onError } = this.#host;
    const onProgress = guardedCallback('onProgress', options, onError);
    return {
      chunksize: chunksizeOf(options) ?? defaultChunksize(count, settings.processes),
      spread,
      progress: reporter(count, onProgress, progressOf(options)),
    };
  }

  /** Sends now, or a moment later, when it is known how the function crosses: what is copied now. */
  #whenCaptured<T>(
    { captured }: Job,
    copy: () => T,
    send: (captured: Captured, copied?: T) => void,
    outcome: MapOutcome,
  ): void {
    if (!(captured instanceof Promise)) {
      send(captured);
      return;
    }
    const { engine } = this.#host;
    const copied = copy();
    engine.hold();
    captured
      .then((ready) => send(ready, copied))
      .catch(outcome.rejected)
      .finally(() => engine.release());
  }
}

let loaded: typeof import('./internal/job/typed-map.js') | undefined;

/** Loaded by the first map over typed arrays: the compiler of kernels comes along. */
const typedMaps = (): NonNullable<typeof loaded> =>
  (loaded ??= require('./internal/job/typed-map.js') as NonNullable<typeof loaded>);

/** The report that a map is asked for; few are, so that its code is loaded only then. */
function reporter(
  total: number,
  onProgress: ReturnType<typeof guardedCallback>,
  progress: ReturnType<typeof progressOf>,
): ProgressReport | undefined {
  if (total === 0 || (onProgress === undefined && progress === undefined)) return undefined;
  const { progressReporter } = require('./internal/job/progress.js') as typeof import('./internal/job/progress.js');
  return progressReporter(total, onProgress, progress);
}
