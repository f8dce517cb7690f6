// Columns side by side: an iterable of tuples that keeps typed arrays as they are.
import type { TypedArray } from '../typed-array.js';
import { isTypedArray } from './items.js';

/** Whether iterating it gives its elements from the first to the last. */
function isList(column: Iterable<unknown>): column is Iterable<unknown> & ArrayLike<unknown> {
  if (isTypedArray(column)) return column[Symbol.iterator] === Uint8Array.prototype[Symbol.iterator];
  return Array.isArray(column) && column[Symbol.iterator] === Array.prototype[Symbol.iterator];
}

/** What `zip` gives. As an iterable it yields tuples and ends with the shortest column. */
export class Zip<A extends unknown[] = unknown[]> implements Iterable<A> {
  readonly columns: readonly Iterable<unknown>[];

  constructor(columns: readonly Iterable<unknown>[]) {
    this.columns = columns;
  }

  /** The columns where every one is a typed array, each as long as the shortest; undefined: they are not. */
  typed(): TypedArray[] | undefined {
    const { columns } = this;
    if (columns.length === 0 || !columns.every(isTypedArray)) return undefined;
    const length = Math.min(...columns.map((column) => column.length));
    return columns.map((column) => (column.length === length ? column : (column.subarray(0, length) as TypedArray)));
  }

  /** The columns where every one can be looked at in any order; undefined: some can only be iterated. */
  lists(): readonly ArrayLike<unknown>[] | undefined {
    const { columns } = this;
    return columns.length > 0 && columns.every(isList) ? columns : undefined;
  }

  *[Symbol.iterator](): Generator<A> {
    const open = this.columns.map((column) => column[Symbol.iterator]());
    try {
      while (open.length > 0) {
        const tuple: unknown[] = [];
        for (const iterator of open) {
          const next = iterator.next();
          if (next.done === true) return;
          tuple.push(next.value);
        }
        // One of each column, as `zip` says.
        yield tuple as A;
      }
    } finally {
      for (const iterator of open) iterator.return?.();
    }
  }
}
