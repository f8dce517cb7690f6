// The argument lists of a starmap side by side: the first arguments of all calls, the second ones, and so on.
import { sizedList } from '../codec/sized-list.js';

// Fewer calls are not worth it: each list is written with a head of its own.
const FEWEST_CALLS = 8;

/**
 * items[start..end) by place; undefined where the lists of arguments are not all arrays of one length. What else a list has than
 * its elements no callee sees.
 */
export function argumentsByPlace(items: readonly unknown[], start: number, end: number): unknown[][] | undefined {
  const [count, width] = [end - start, (items[start] as ArrayLike<unknown>).length];
  if (count < FEWEST_CALLS || width === 0) return undefined;
  for (let i = start; i < end; i++) {
    const list = items[i];
    if (!Array.isArray(list) || list.length !== width) return undefined;
  }
  const places = Array.from({ length: width }, () => sizedList(count));
  for (let i = 0; i < count; i++) {
    const list = items[start + i] as unknown[];
    for (let place = 0; place < width; place++) (places[place] as unknown[])[i] = list[place];
  }
  return places;
}
