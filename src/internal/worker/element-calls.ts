// How a function is called for each place of a chunk: with an item, with a list of arguments, or with what lists have there.
import type { Frame } from './frame-reader.js';

type Callable = (...args: unknown[]) => unknown;

/** `fn(item)`. */
export function itemCalls(fn: Callable, { items }: Frame): (i: number) => unknown {
  return (i) => fn(items[i]);
}

/** `fn(...item)`. */
export function spreadCalls(fn: Callable, { items }: Frame): (i: number) => unknown {
  return (i) => fn(...(items[i] as unknown as unknown[]));
}

/** `fn(x, index)`, or `fn(...columns)`. */
export function elementCalls(fn: Callable, { columns, spread, base }: Frame): (i: number) => unknown {
  const [a, b, c] = columns as [ArrayLike<unknown>, ArrayLike<unknown>, ArrayLike<unknown>];
  if (!spread) return (i) => fn(a[i], base + i);
  switch (columns.length) {
    case 1:
      return (i) => fn(a[i]);
    case 2:
      return (i) => fn(a[i], b[i]);
    case 3:
      return (i) => fn(a[i], b[i], c[i]);
    default:
      return (i) => fn(...columns.map((column) => column[i]));
  }
}
