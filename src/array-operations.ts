// The operations of pools over whole typed arrays, on native threads.
import type {
  BigIntArray,
  DataOperations,
  Histogram,
  HistogramOptions,
  NumberArray,
  Predicate,
  Reduction,
  ScanOp,
  SortOptions,
} from './data-operations.js';
import type { WaitOptions } from './internal/job/time-limit.js';
import type { Zip } from './internal/job/zip.js';
import type { TypedArray } from './internal/typed-array.js';
import type { KernelOptions } from './kernel-options.js';
import type { Measured } from './result-types.js';
import type { Task } from './task.js';

/** What a function over a typed array may give. */
type Element = number | bigint | boolean | Promise<number | bigint | boolean>;

/** Where a pool keeps what runs its operations; not for its users. */
export const dataOperations = Symbol('dataOperations');

/** What every pool can do with typed arrays besides mapping them. */
export abstract class ArrayOperations {
  /** @internal */
  abstract get [dataOperations](): DataOperations;

  /**
   * Reduces a typed array to one number on native threads: by name, or by an associative function in the numeric subset
   * (any other function runs on the workers). The result has the same bits for any number of threads.
   *
   * Sums, means and variances carry the errors of all additions; `variance` is the population's. `min` and `max` are as
   * `Math.min` and `Math.max`; `argmin` and `argmax` give the first of equals, or the first NaN; `count`, `any` and `all` go by
   * truthiness. Of no elements: sum 0, prod 1, min Infinity, max -Infinity, mean and variance NaN. BigInt arrays give BigInts.
   *
   * @throws RangeError for `argmin` and `argmax` of no elements; TypeError for a function of none; KernelError
   * @example
   * await pool.reduce('mean', Float64Array.of(1, 2, 4)); // 2.3333333333333335
   */
  reduce(op: Reduction<number>, items: NumberArray, options?: KernelOptions): Promise<number>;
  reduce(op: Reduction<bigint>, items: BigIntArray, options?: KernelOptions): Promise<number | bigint>;
  reduce(op: unknown, items: unknown, options?: unknown): Promise<unknown> {
    return this[dataOperations].reduce(op, items, options, ArrayOperations.prototype.reduce);
  }

  /**
   * Reduces what `fn` gives for each element, without storing it: `fn(x, index)` over a typed array, `fn(...columns)` over a
   * zip of typed arrays.
   *
   * @throws as `reduce`
   * @example
   * await pool.mapReduce((a, b) => a * b, 'sum', zip(a, b)); // the dot product
   */
  mapReduce<X extends TypedArray>(
    fn: Task<[X[number], number], Element>,
    op: Reduction<number> | Reduction<bigint>,
    items: X,
    options?: KernelOptions,
  ): Promise<number>;
  mapReduce<A extends unknown[]>(
    fn: Task<A, Element>,
    op: Reduction<number> | Reduction<bigint>,
    items: Zip<A> | Zip,
    options?: KernelOptions,
  ): Promise<number>;
  mapReduce(fn: unknown, op: unknown, items: unknown, options?: unknown): Promise<unknown> {
    return this[dataOperations].mapReduce(fn, op, items, options, ArrayOperations.prototype.mapReduce);
  }

  /**
   * The elements for which `predicate(x, index)` is truthy, in their order, as a new array of the same type.
   *
   * @example
   * await pool.filter((x) => x > 0, Float64Array.of(1, -1, 2)); // Float64Array [1, 2]
   */
  filter<X extends TypedArray>(predicate: Predicate<X>, items: X, options?: KernelOptions): Promise<Measured<X>> {
    const { filter } = ArrayOperations.prototype;
    return this[dataOperations].filter(predicate, items, options, filter) as Promise<Measured<X>>;
  }

  /**
   * Inclusive prefixes, each stored as the type of the items stores: `'sum'` gives the cumulative sum. Sums of floating-point
   * numbers carry the errors of all additions; integers are exact, then wrap or clamp.
   *
   * @example
   * await pool.scan('sum', Int32Array.of(1, 2, 3)); // Int32Array [1, 3, 6]
   */
  scan<X extends TypedArray>(op: ScanOp, items: X, options?: WaitOptions & { out?: X }): Promise<Measured<X>> {
    return this[dataOperations].scan(op, items, options) as Promise<Measured<X>>;
  }

  /**
   * The elements in the order of `TypedArray.prototype.sort` (-0 before 0, NaN last), or its exact opposite. With `inPlace`
   * resolves to `items` itself; when it is stopped before the end, all elements are in it, in no
   * order.
   *
   * @example
   * await pool.sort(Float64Array.of(3, 1, 2), { descending: true }); // Float64Array [3, 2, 1]
   */
  sort<X extends TypedArray>(items: X, options?: SortOptions): Promise<Measured<X>> {
    return this[dataOperations].sort(items, options) as Promise<Measured<X>>;
  }

  /**
   * Counts the elements in `bins` intervals of equal width (10 by default) with numpy's edges: the last interval is closed,
   * NaN and what lies outside `range` count nowhere. Without a range it is that of the data.
   *
   * @throws RangeError for infinite data without a range, or more bins than doubles can bound
   * @example
   * await pool.histogram(Float64Array.of(0, 0.5, 1), { bins: 2 }); // { counts: [1, 2], edges: [0, 0.5, 1] }
   */
  histogram(items: TypedArray, options?: HistogramOptions): Promise<Histogram> {
    return this[dataOperations].histogram(items, options);
  }
}
