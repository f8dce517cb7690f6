// Plain arrays that have their length from the start: V8 copies one that grows ten times over, and collects what it left.

// A shorter one is grown before it could be given its length, and a longer one would become a dictionary.
const SHORTEST = 64;
const LARGEST = 2 ** 24;

/** An array to be filled from its beginning, element by element; of that length already where that is worth it. */
export function sizedList(length: number): unknown[] {
  const list: unknown[] = [];
  if (length >= SHORTEST && length <= LARGEST) list.length = length;
  return list;
}
