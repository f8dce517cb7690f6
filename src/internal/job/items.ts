// What a pool can map over: lists an iterable, and says how many items go into one chunk.
import type { TypedArray } from '../engine/engine.js';
import { wrongType } from '../validate.js';

// As in Python: about four chunks for each worker, so that a slow chunk can be made up for.
const CHUNKS_PER_WORKER = 4;

export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return value !== null && value !== undefined && typeof Object(value)[Symbol.iterator] === 'function';
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return value !== null && value !== undefined && typeof Object(value)[Symbol.asyncIterator] === 'function';
}

/** Throws TypeError unless the value can be iterated, synchronously or not. */
export function checkIterable(name: string, value: unknown): void {
  if (!isIterable(value) && !isAsyncIterable(value)) throw wrongType(name, 'an iterable or async iterable', value);
}

/** What `next` gave, checked as `for...of` does: of what is no object it would be `undefined` for ever. */
export function checkedResult<T>(result: T): T {
  if (Object(result) !== result) throw new TypeError(`Iterator result ${String(result)} is not an object`);
  return result;
}

/** Throws TypeError unless each item of a starmap is a list of arguments: an array or another iterable object. */
export function checkArgumentLists(items: ArrayLike<unknown>): void {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item !== 'object' || !isIterable(item)) throw wrongType(`items[${i}]`, 'a list of arguments', item);
  }
}

export function defaultChunksize(items: number, processes: number): number {
  return Math.max(1, Math.ceil(items / (CHUNKS_PER_WORKER * processes)));
}

/** All items of a synchronous iterable; an array is returned as it is. */
export function listItems(items: Iterable<unknown>): readonly unknown[] {
  return Array.isArray(items) ? items : Array.from(items);
}

/** All items of an asynchronous iterable; after `stop(error)` the list rejects at once and the source is given back. */
export function collectItems(items: AsyncIterable<unknown>): { list: Promise<unknown[]>; stop(error: unknown): void } {
  const all: unknown[] = [];
  let source: AsyncIterator<unknown> | undefined;
  let fail: (error: unknown) => void = () => undefined;
  let stopped = false;
  const list = new Promise<unknown[]>((resolve, reject) => {
    fail = reject;
    const take = async (from: AsyncIterator<unknown>): Promise<void> => {
      for (;;) {
        const item = checkedResult(await from.next());
        if (stopped) return;
        if (item.done === true) break;
        all.push(item.value);
      }
      resolve(all);
    };
    source = items[Symbol.asyncIterator]();
    take(source).catch(reject);
  });
  const stop = (error: unknown): void => {
    if (stopped) return;
    stopped = true;
    fail(error);
    // The call has failed already: an error of the source's clean-up has nobody to go to.
    source?.return?.().then(undefined, () => undefined);
  };
  return { list, stop };
}

/** A copy in memory of its own, of the same type. A Buffer's own `slice` gives a view of the same memory. */
export function copyOf(items: TypedArray): TypedArray {
  return Uint8Array.prototype.slice.call(items) as TypedArray;
}
