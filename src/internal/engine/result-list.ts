// The results of a map over a plain array: each chunk goes straight to its place in one array of the whole length.
import { copyDoubles, copyIntegers, doubleList, integerList, LONGEST_SIZED, sizedList } from '../codec/sized-list.js';

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
    if (this.#length > LONGEST_SIZED) {
      this.#chunks.set(start, results);
      return;
    }
    const list = (this.#list ??= sizedList(this.#length));
    for (let i = 0; i < results.length; i++) list[start + i] = results[i];
  }

  putNumbers(start: number, results: Int32Array | Float64Array): void {
    if (this.#length > LONGEST_SIZED) {
      this.#chunks.set(start, Array.from(results));
      return;
    }
    // V8 knows the list as one of numbers, unless other results came as well.
    if (results instanceof Int32Array)
      copyIntegers(results, (this.#list ??= integerList(this.#length)) as number[], start);
    else copyDoubles(results, (this.#list ??= doubleList(this.#length)) as number[], start);
  }

  /** All results, when every chunk was put. */
  all(): unknown[] {
    if (this.#length <= LONGEST_SIZED) return this.#list ?? [];
    const inOrder = [...this.#chunks].sort(([a], [b]) => a - b).map(([, results]) => results);
    return ([] as unknown[]).concat(...inOrder);
  }
}
