// Typed arrays on their way to native threads: refused when detached, copied when their memory may change its place.
import { native } from '../native.js';
import type { TypedArray } from '../typed-array.js';
import { KINDS } from './element-kinds.js';
import { LARGE_BYTES, reusedBuffer } from './result-memory.js';

interface Resizable {
  readonly resizable?: boolean;
  readonly detached?: boolean;
}

/** Throws TypeError for a typed array whose buffer is gone. */
export function checkAttached(name: string, array: TypedArray): void {
  const { buffer } = array;
  if (buffer instanceof SharedArrayBuffer || buffer.byteLength > 0) return;
  if ((buffer as Resizable).detached ?? isDetached(buffer))
    throw new TypeError(`Expected \`${name}\` to be a typed array with a buffer, got one whose buffer is detached`);
}

/** Node 20 has no property for it. */
function isDetached(buffer: ArrayBuffer): boolean {
  try {
    return new Uint8Array(buffer).length < 0;
  } catch {
    return true;
  }
}

/** Whether the memory may shrink while threads use it. Shared memory only grows, and is not said to be resizable. */
export const mayShrink = ({ buffer }: TypedArray): boolean => (buffer as Resizable).resizable === true;

/** The array, or a copy of it where its memory may shrink or `out` writes to it at other places than it is read. */
export function readableDuring(array: TypedArray, out: TypedArray, sameElements: boolean): TypedArray {
  if (!mayShrink(array) && !(overlap(array, out) && !(sameElements && samePlaces(array, out)))) return array;
  return copyOf(array);
}

/** A copy in memory of its own. */
export function copyOf(array: TypedArray): TypedArray {
  const copy = emptyLike(array, array.length);
  copy.set(array as never);
  return copy;
}

const overlap = (a: TypedArray, b: TypedArray): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

const samePlaces = (a: TypedArray, b: TypedArray): boolean =>
  a.byteOffset === b.byteOffset && a.BYTES_PER_ELEMENT === b.BYTES_PER_ELEMENT;

const CLASSES = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

/** A new array of this kind with anything in it, or a view of `buffer` as one. */
export function newArray(kind: number, length: number, buffer?: ArrayBuffer): TypedArray {
  const { name } = KINDS[kind] as (typeof KINDS)[number];
  const Class = CLASSES[name as keyof typeof CLASSES];
  return buffer === undefined ? uncleared(Class, length) : new Class(buffer, 0, length);
}

/** A new array of the same type as another one, with anything in it; a Buffer for a Buffer. */
export function emptyLike(array: TypedArray, length: number): TypedArray {
  if (Buffer.isBuffer(array)) return Buffer.from(new ArrayBuffer(length));
  return uncleared(CLASSES[array[Symbol.toStringTag] as keyof typeof CLASSES], length);
}

/** A view of the whole of a buffer, of the same type as an array; a Buffer for a Buffer. */
export function viewLike(array: TypedArray, buffer: ArrayBuffer): TypedArray {
  if (Buffer.isBuffer(array)) return Buffer.from(buffer);
  return new CLASSES[array[Symbol.toStringTag] as keyof typeof CLASSES](buffer);
}

/** Native code writes every element of a new array once; most of that time would go into new small pages. */
function uncleared(Class: (typeof CLASSES)[keyof typeof CLASSES], length: number): TypedArray {
  const bytes = length * Class.BYTES_PER_ELEMENT;
  if (bytes < LARGE_BYTES) return new Class(length);
  const buffer = reusedBuffer(bytes);
  if (buffer !== undefined) return new Class(buffer);
  const array = new Class(length);
  native().largePages(array);
  return array;
}
