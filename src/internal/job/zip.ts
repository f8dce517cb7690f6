// Columns side by side: an iterable of tuples that keeps typed arrays as they are.
import type { TypedArray } from '../typed-array.js';
import { isTypedArray } from './items.js';

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
