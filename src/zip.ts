// Columns side by side for `starmap` and the data-parallel operations.
import { isIterable } from './internal/job/items.js';
import { Zip } from './internal/job/zip.js';
import type { TypedArray } from './internal/typed-array.js';
import { wrongType } from './internal/validate.js';

export type { Zip };

/** What the columns yield, side by side. */
export type Tuple<C extends readonly Iterable<unknown>[]> = {
  -readonly [K in keyof C]: C[K] extends Iterable<infer T> ? T : never;
};

/** A zip whose columns are all typed arrays: `starmap` over it gives one, too, where its function gives numbers or BigInts. */
export type TypedZip<A extends unknown[] = unknown[]> = Zip<A> & { readonly columns: readonly TypedArray[] };

/**
 * Tuples of what several iterables yield, ending with the shortest. Typed arrays stay columns: nothing is copied, and
 * `starmap` over them runs as native code where its function is in the numeric subset.
 *
 * @example
 * await pool.starmap((a, b) => a * b, zip(xs, ys)); // Float64Array
 */
export function zip<C extends [TypedArray, ...TypedArray[]]>(...columns: C): TypedZip<Tuple<C>>;
export function zip<C extends Iterable<unknown>[]>(...columns: C): Zip<Tuple<C>>;
export function zip(...columns: Iterable<unknown>[]): Zip {
  columns.forEach((column, i) => {
    if (!isIterable(column)) throw wrongType(`columns[${i}]`, 'an iterable', column);
  });
  return new Zip(columns);
}
