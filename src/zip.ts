// Columns side by side for `starmap` and the data-parallel operations.
import { isIterable } from './internal/job/items.js';
import { Zip } from './internal/job/zip.js';
import { wrongType } from './internal/validate.js';

export type { Zip };

/** What the columns yield, side by side. */
export type Tuple<C extends readonly Iterable<unknown>[]> = {
  -readonly [K in keyof C]: C[K] extends Iterable<infer T> ? T : never;
};

/**
 * Tuples of what several iterables yield, ending with the shortest. Typed arrays stay columns: nothing is copied, and
 * `starmap` over them runs as native code where its function is in the numeric subset.
 *
 * @example
 * await pool.starmap((a, b) => a * b, zip(xs, ys)); // Float64Array
 */
export function zip<C extends Iterable<unknown>[]>(...columns: C): Zip<Tuple<C>> {
  columns.forEach((column, i) => {
    if (!isIterable(column)) throw wrongType(`columns[${i}]`, 'an iterable', column);
  });
  return new Zip(columns);
}
