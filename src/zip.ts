// Columns side by side for `starmap` and the data-parallel operations.
import { isIterable } from './internal/job/items.js';
import { Zip } from './internal/job/zip.js';
import { wrongType } from './internal/validate.js';

export type { Zip };

/**
 * Tuples of what several iterables yield, ending with the shortest. Typed arrays stay columns: nothing is copied, and
 * `starmap` over them runs as native code where its function is in the numeric subset.
 *
 * @example
 * await pool.starmap((a, b) => a * b, zip(xs, ys)); // Float64Array
 */
export function zip(...columns: Iterable<unknown>[]): Zip {
  columns.forEach((column, i) => {
    if (!isIterable(column)) throw wrongType(`columns[${i}]`, 'an iterable', column);
  });
  return new Zip(columns);
}
