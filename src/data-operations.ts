// The data-parallel operations of a pool: checks each call and leaves it to native threads or to the workers.
import { callSettings } from './call-options.js';
import type { CallSettings } from './internal/job/job.js';
import { type Holder, stackOutside } from './internal/job/caller-stack.js';
import { isTypedArray } from './internal/job/items.js';
import { isForTrial, tried } from './internal/job/trial.js';
import type { WaitOptions } from './internal/job/time-limit.js';
import { columnsOf } from './internal/job/typed-results.js';
import { Zip } from './internal/job/zip.js';
import type { Histogram } from './internal/data-parallel/histogram.js';
import type { ReduceOp } from './internal/data-parallel/reduce.js';
import type { ScanOp } from './internal/data-parallel/rewrite.js';
import type { Values } from './internal/data-parallel/values.js';
import type { TypedArray } from './internal/typed-array.js';
import { integer, optionalObject, outOfRange, task as checkTask, wrongType } from './internal/validate.js';
import { kernelOptions, targetOf } from './kernel-options.js';
import type { MapHost, MapStarter } from './map-starter.js';
import type { Task } from './task.js';

export type { Histogram, ReduceOp, ScanOp };
export type BigIntArray = BigInt64Array | BigUint64Array;
export type NumberArray = Exclude<TypedArray, BigIntArray>;

/** Options of `sort`. */
export interface SortOptions extends WaitOptions {
  /** The exact opposite of the ascending order. @default false */
  descending?: boolean;
  /** Sorts the array itself. @default false */
  inPlace?: boolean;
}

/** Options of `histogram`. */
export interface HistogramOptions extends WaitOptions {
  /** Number of intervals. @default 10 */
  bins?: number;
  /** From where to where; both ends belong to it. @default that of the data */
  range?: readonly [number, number];
}

/** Says of an element and its index whether to keep it, by truthiness. */
export type Predicate<X extends TypedArray> = Task<[X[number], number], unknown>;

/** What to reduce by: a name, or an associative function. */
export type Reduction<T> = ReduceOp | ((a: T, b: T) => T);

type Options = Record<string, unknown> | undefined;
type AnyFunction = (...args: readonly unknown[]) => unknown;

/** Elements of one task where workers reduce, whatever their number: the shape of the reduction does not depend on it. */
const WORKER_CHUNK = 65_536;

export class DataOperations {
  readonly #host: MapHost;
  readonly #maps: MapStarter;
  /** Shared by all calls without options. */
  readonly #plain: Call;

  constructor(host: MapHost, maps: MapStarter) {
    this.#host = host;
    this.#maps = maps;
    this.#plain = callOf(undefined, host);
  }

  /** `method` of the pool was called, here and below: the stack of an error from a worker begins outside it. */
  async reduce(op: unknown, given: unknown, options: unknown, method: Function): Promise<number | bigint> {
    const call = this.#begin(options);
    const items = typedArray(given);
    const by = reduction(op);
    // Workers get functions, and products of BigInts.
    const caller = typeof by === 'function' || by === 'prod' ? stackOutside(method) : {};
    return this.#reduced(by, operations().elementsOf(items), () => Promise.resolve(items), call, caller);
  }

  async mapReduce(
    fn: unknown,
    op: unknown,
    items: unknown,
    options: unknown,
    method: Function,
  ): Promise<number | bigint> {
    const call = this.#begin(options);
    checkTask('fn', fn);
    const by = reduction(op);
    const spread = items instanceof Zip;
    const columns = columnsOf(items, spread);
    if (columns === undefined) throw wrongType('items', 'a typed array or a zip of typed arrays', items);
    for (const column of columns) checkKnown(column);
    const results = this.#nativeResults(fn, columns, spread, 'any', call);
    // BigInts that a function gives are not bounded by 64 bits, so they are left to the workers.
    const values = results?.bigints === true ? undefined : results;
    // Workers may get what loops.
    const caller = values?.ends === true && typeof by !== 'function' ? {} : stackOutside(method);
    const reduced = (from: Values | undefined, given: Call): Promise<number | bigint> =>
      this.#reduced(by, from, () => this.#mapped(fn, items, columns, spread, given, caller), given, caller);
    return this.#either(fn, values, call, reduced, () => reduced(undefined, call));
  }

  async filter(predicate: unknown, given: unknown, options: unknown, method: Function): Promise<TypedArray> {
    const call = this.#begin(options);
    checkTask('predicate', predicate);
    const items = typedArray(given);
    const values = this.#nativeResults(predicate, [items], false, 'boolean', call);
    const caller = values?.ends === true ? {} : stackOutside(method);
    return this.#either(
      predicate,
      values,
      call,
      (from, { settings }) => operations().keep(items, from, this.#host, settings),
      async () =>
        this.#inSteps(async () => {
          const truths = await this.#truths(predicate, items, call, caller);
          const kept = await operations().keep(items, operations().elementsOf(truths), this.#host, call.settings);
          Object.assign((kept as unknown as { stats: object }).stats, { engine: 'workers' });
          return kept;
        }),
    );
  }

  async scan(op: unknown, given: unknown, options: unknown): Promise<TypedArray> {
    const call = this.#begin(options);
    const name = operations().SCAN_OPS.find((known) => known === op);
    if (name === undefined) throw choice('op', operations().SCAN_OPS, op);
    const items = typedArray(given);
    const out = targetOf(call.options, items) ?? operations().emptyLike(items, items.length);
    if (out[Symbol.toStringTag] !== items[Symbol.toStringTag])
      throw wrongType('out', `a ${items[Symbol.toStringTag]}, as the items are`, out);
    return operations().scan(name, items, out, this.#host, call.settings);
  }

  async sort(given: unknown, options: unknown): Promise<TypedArray> {
    const call = this.#begin(options);
    const items = typedArray(given);
    const descending = flag(call.options, 'descending');
    const out = flag(call.options, 'inPlace') ? items : operations().emptyLike(items, items.length);
    return operations().sort(items, out, descending, this.#host, call.settings);
  }

  async histogram(given: unknown, options: unknown): Promise<Histogram> {
    const call = this.#begin(options);
    const items = typedArray(given);
    const bins = call.options?.['bins'] === undefined ? 10 : integer('bins', call.options['bins'], 1);
    if (bins >= 2 ** 31) throw outOfRange('bins', 'below 2^31', bins);
    return operations().histogram(items, bins, rangeOf(call.options), this.#host, call.settings);
  }

  #begin(options: unknown): Call {
    const call = options === undefined ? this.#plain : callOf(options, this.#host);
    this.#host.admit();
    return call;
  }

  /** What `fn` gives as native code; undefined: it is for the workers. Throws KernelError when the call insists. */
  #nativeResults(
    fn: unknown,
    columns: readonly TypedArray[],
    spread: boolean,
    wanted: 'any' | 'boolean',
    { engine, fast, settings }: Call,
  ): Values | undefined {
    if (engine === 'workers') return undefined;
    if (typeof fn !== 'function') {
      if (engine === 'native') throw wrongType('fn', 'a function, since `engine` is native', fn);
      return undefined;
    }
    const compilation = operations().compileFor(fn, columns, spread, wanted, fast, settings.with);
    if ('reason' in compilation && engine === 'native') throw operations().kernelError(compilation);
    return operations().resultsOf(compilation, columns);
  }

  /** Native code where there is any; for few values that may take long first, then the workers. */
  #either<T>(
    fn: unknown,
    values: Values | undefined,
    call: Call,
    native: (values: Values, call: Call) => Promise<T>,
    workers: () => Promise<T>,
  ): Promise<T> {
    if (values === undefined) return workers();
    if (call.engine !== undefined || !isForTrial(fn, values, values.length, this.#host.threads.count))
      return native(values, call);
    return tried(this.#host.engine, call.settings, (settings) => native(values, { ...call, settings }), workers);
  }

  /** Reduces `values`, or where workers must do it, the elements that `list` gives. */
  async #reduced(
    by: ReduceOp | AnyFunction,
    values: Values | undefined,
    list: () => Promise<TypedArray>,
    call: Call,
    caller: Holder,
  ): Promise<number | bigint> {
    call.settings.signal?.throwIfAborted();
    if (values !== undefined && typeof by !== 'function' && !(by === 'prod' && values.bigints))
      return operations().reduceByName(by, values, this.#host, call.settings);
    return this.#inSteps(() => this.#reducedInSteps(by, values, list, call, caller));
  }

  /** A pool that is closed between the steps of a call does not end before the last one. */
  async #inSteps<T>(steps: () => Promise<T>): Promise<T> {
    const { engine } = this.#host;
    engine.hold();
    try {
      return await steps();
    } finally {
      engine.release();
    }
  }

  async #reducedInSteps(
    by: ReduceOp | AnyFunction,
    values: Values | undefined,
    list: () => Promise<TypedArray>,
    call: Call,
    caller: Holder,
  ): Promise<number | bigint> {
    const { elementsOf, compileFor, reduceByFunction, reduceByName, foldOf, productOf } = operations();
    let listed: Promise<TypedArray> | undefined;
    const items = (): Promise<TypedArray> => (listed ??= list());
    const native = values ?? elementsOf(await items());
    if (typeof by !== 'function') {
      if (by !== 'prod' || !native.bigints || native.length === 0)
        return reduceByName(by, native, this.#host, call.settings);
      return (await this.#folded(productOf as AnyFunction, await items(), call, caller)) as bigint;
    }
    if (native.length === 0) throw new TypeError('Reduce of an empty array by a function, which says nothing of none');
    if (call.engine !== 'workers' && !native.bigints) {
      const pair = [new Float64Array(0), new Float64Array(0)];
      const fold = compileFor(by, pair, true, 'number', call.fast, call.settings.with);
      if (!('reason' in fold)) return reduceByFunction(fold, native, this.#host, call.settings);
      if (call.engine === 'native') throw operations().kernelError(fold);
    }
    if (call.settings.with !== undefined)
      return (await this.#paired(by, await items(), call, caller)) as number | bigint;
    return (await this.#folded(foldOf(by) as AnyFunction, await items(), call, caller)) as number | bigint;
  }

  /** For each item whether the workers find that `predicate` holds, as 1 or 0. */
  async #truths(predicate: unknown, items: TypedArray, call: Call, caller: Holder): Promise<TypedArray> {
    const truths = new Uint8Array(items.length);
    if (typeof predicate === 'function' && call.settings.with === undefined) {
      const fn = operations().truthOf(predicate as AnyFunction);
      return (await this.#onWorkers(fn, items, { ...call.options, out: truths }, caller)) as TypedArray;
    }
    // The values of `with` are for the function itself, so nothing may stand around it.
    const indices = Float64Array.from({ length: items.length }, (_, i) => i);
    const found = await this.#onWorkers(predicate, new Zip([items, indices]), call.options, caller, true);
    truths.set(Array.from(found as ArrayLike<unknown>, (value) => (value ? 1 : 0)));
    return truths;
  }

  /** Neighbours combined until one is left, where nothing may stand around `fn`. */
  async #paired(fn: AnyFunction, items: TypedArray, call: Call, caller: Holder): Promise<unknown> {
    let values: unknown[] = [...items];
    while (values.length > 1) {
      const single = values.length % 2 === 1 ? values.slice(-1) : [];
      const pairs = Array.from({ length: values.length >> 1 }, (_, i) => values.slice(2 * i, 2 * i + 2));
      const combined = await this.#onWorkers(fn, pairs, { ...call.options, out: undefined }, caller, true);
      values = [...(combined as unknown[]), ...single];
    }
    return values[0];
  }

  /** Lists of elements, each reduced by `fold` in a worker, then the list of what came out. */
  async #folded(fold: AnyFunction, items: TypedArray, call: Call, caller: Holder): Promise<unknown> {
    const lists: unknown[] = [];
    for (let start = 0; start < items.length; start += WORKER_CHUNK)
      lists.push(items.slice(start, start + WORKER_CHUNK));
    const options = { ...call.options, chunksize: 1, out: undefined };
    const partial = (await this.#onWorkers(fold, lists, options, caller)) as unknown[];
    if (partial.length === 1) return partial[0];
    return ((await this.#onWorkers(fold, [partial], options, caller)) as unknown[])[0];
  }

  /** What `fn` gives on the workers, unconverted: doubles, or BigInts as the type of the items holds them. */
  async #mapped(
    fn: unknown,
    items: unknown,
    columns: readonly TypedArray[],
    spread: boolean,
    call: Call,
    caller: Holder,
  ): Promise<TypedArray> {
    const [first] = columns as [TypedArray];
    if (spread) return (await this.#onWorkers(fn, items, call.options, caller, true)) as TypedArray;
    const out = operations().holdsBigints(first)
      ? operations().emptyLike(first, first.length)
      : new Float64Array(first.length);
    return (await this.#onWorkers(fn, first, { ...call.options, out }, caller)) as TypedArray;
  }

  #onWorkers(fn: unknown, items: unknown, options: Options, caller: Holder, spread = false): Promise<unknown> {
    return this.#maps.promise({ fn, items, options: { ...options, engine: 'workers' }, spread, caller, isStep: true });
  }
}

interface Call {
  readonly options: Options;
  readonly settings: CallSettings;
  readonly engine: 'native' | 'workers' | undefined;
  readonly fast: boolean;
}

function callOf(options: unknown, { settings }: MapHost): Call {
  const given = optionalObject('options', options);
  return { options: given, settings: callSettings(given, settings), ...kernelOptions(given) };
}

function typedArray(items: unknown): TypedArray {
  if (!isTypedArray(items)) throw wrongType('items', 'a typed array', items);
  checkKnown(items);
  return items;
}

function checkKnown(items: TypedArray): void {
  if (!operations().isKnown(items)) throw wrongType('items', 'a typed array of a type that native code knows', items);
}

function reduction(op: unknown): ReduceOp | AnyFunction {
  if (typeof op === 'function') return op as AnyFunction;
  const { REDUCE_OPS } = operations();
  if (!REDUCE_OPS.includes(op as ReduceOp)) throw choice('op', REDUCE_OPS, op, ' or a function');
  return op as ReduceOp;
}

function choice(name: string, choices: readonly string[], got: unknown, also = ''): Error {
  const must = `one of ${choices.map((known) => `'${known}'`).join(', ')}${also}`;
  return typeof got === 'string' ? outOfRange(name, must, got) : wrongType(name, must, got);
}

function flag(options: Options, name: string): boolean {
  const value = options?.[name];
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value);
  return value;
}

function rangeOf(options: Options): [number, number] | undefined {
  const range = options?.['range'];
  if (range === undefined) return undefined;
  const must = 'two finite numbers, the first not above the second';
  if (!Array.isArray(range) || range.length !== 2) throw wrongType('range', must, range);
  const [low, high] = range as unknown[];
  if (typeof low !== 'number' || typeof high !== 'number') throw wrongType('range', must, range);
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high)
    throw new RangeError(`Expected \`range\` to be ${must}, got \`[${low}, ${high}]\` (array)`);
  return [low, high];
}

type Operations = typeof import('./internal/data-parallel/index.js');
let loaded: Operations | undefined;

/**
 * Loaded by the first operation: the compiler of kernels comes along. What the module gives is read once: there each is a
 * function that looks it up elsewhere, and most calls find the caches full of other things.
 */
const operations = (): Operations => (loaded ??= { ...(require('./internal/data-parallel/index.js') as Operations) });
