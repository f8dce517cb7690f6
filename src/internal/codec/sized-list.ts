// Plain arrays that have their length from the start: V8 copies one that grows ten times over, and collects what it left.

/** A longer one would become a dictionary. */
export const LONGEST_SIZED = 2 ** 24;
/** A shorter one is grown before it could be given its length. */
const SHORTEST = 64;

/** An array to be filled from its beginning, element by element; of that length already where that is worth it. */
export function sizedList(length: number): unknown[] {
  const list: unknown[] = [];
  if (length >= SHORTEST && length <= LONGEST_SIZED) list.length = length;
  return list;
}

// Two functions each, so that V8 lays out and compiles them for one kind of element.

/** An array of that length, at most LONGEST_SIZED, for integers. */
export function integerList(length: number): number[] {
  const list = [0];
  list.length = length;
  return list;
}

/** The same for doubles: V8 would convert all of the other one at the first. */
export function doubleList(length: number): number[] {
  const list = [0.5];
  list.length = length;
  return list;
}

export function copyIntegers(from: Int32Array, to: number[], start: number): void {
  for (let i = 0; i < from.length; i++) to[start + i] = from[i]!;
}

export function copyDoubles(from: Float64Array, to: number[], start: number): void {
  for (let i = 0; i < from.length; i++) to[start + i] = from[i]!;
}
