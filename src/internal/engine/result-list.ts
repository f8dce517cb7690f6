// The results of a map over a plain array: each chunk goes straight to its place in one array of the whole length.

// A longer array becomes a dictionary when it is given its length at once.
const LARGEST = 2 ** 24;

export class ResultList {
  readonly #length: number;
  /** Made for the kind of the first results that come, while workers are at the others. */
  #list: unknown[] | undefined;
  /** What is too much for one array of a given length; by the place of its first result. */
  readonly #chunks = new Map<number, readonly unknown[]>();

  constructor(length: number) {
    this.#length = length;
  }

  put(start: number, results: readonly unknown[]): void {
    if (this.#length > LARGEST) {
      this.#chunks.set(start, results);
      return;
    }
    const list = (this.#list ??= ofLength(this.#length, results[0]));
    for (let i = 0; i < results.length; i++) list[start + i] = results[i];
  }

  putNumbers(start: number, results: Int32Array | Float64Array): void {
    if (this.#length > LARGEST) {
      this.#chunks.set(start, Array.from(results));
      return;
    }
    this.#list ??= ofLength(this.#length, results instanceof Int32Array ? 0 : 0.5);
    // V8 knows them to be lists of numbers, unless other results came as well.
    if (results instanceof Int32Array) copyIntegers(results, this.#list as number[], start);
    else copyDoubles(results, this.#list as number[], start);
  }

  /** All results, when every chunk was put. */
  all(): unknown[] {
    if (this.#length <= LARGEST) return this.#list ?? [];
    const inOrder = [...this.#chunks].sort(([a], [b]) => a - b).map(([, results]) => results);
    return ([] as unknown[]).concat(...inOrder);
  }
}

/** `first`: one of the results, so that V8 lays out the list for its kind at once. */
function ofLength(length: number, first: unknown): unknown[] {
  const list = typeof first === 'number' ? [first] : [];
  list.length = length;
  return list;
}

// Two functions, so that each is compiled for one kind of element.
function copyIntegers(from: Int32Array, to: number[], start: number): void {
  for (let i = 0; i < from.length; i++) to[start + i] = from[i]!;
}

function copyDoubles(from: Float64Array, to: number[], start: number): void {
  for (let i = 0; i < from.length; i++) to[start + i] = from[i]!;
}
