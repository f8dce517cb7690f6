// The bytes that open every encoded value, and the numbers of the kinds of views.
//
//   0x80-0xff  an integer from 0 to 127
//   0x40-0x7f  a string of 0 to 63 Latin-1 characters, which follow
//   below      as listed; "n" is a variable-length unsigned integer (7 bits a byte, lowest first), "value" an encoded value
//
// Objects are numbered in the order in which both sides meet them; REFERENCE names one that came before.

export const SMALL_INTEGER = 0x80;
export const SHORT_STRING = 0x40;
export const LONGEST_SHORT_STRING = 63;

export const TAG = {
  UNDEFINED: 1,
  NULL: 2,
  TRUE: 3,
  FALSE: 4,
  /** 4 bytes. */
  INT32: 5,
  /** 8 bytes. */
  DOUBLE: 6,
  /** 8 bytes, two's complement. */
  BIGINT64: 7,
  /** Text in base 16, with the sign, as a string value. */
  BIGINT: 8,
  /** n characters of one byte. */
  LATIN1: 9,
  /** n units of two bytes. */
  UTF16: 10,
  /** n: number of an object. */
  REFERENCE: 11,
  /** n keys (strings), then their values; both sides number the list of keys as the next shape. */
  OBJECT: 12,
  /** n: number of a shape; values. */
  SHAPED: 13,
  /** Stands for an element or property that is not there. */
  HOLE: 14,
  /** n values. */
  ARRAY: 15,
  /** n, bytes up to a multiple of 8, n int32. */
  INT32_ARRAY: 16,
  /** n, bytes up to a multiple of 8, n doubles. */
  DOUBLE_ARRAY: 17,
  /** Length n; n elements that are there: index n, value. */
  SPARSE_ARRAY: 18,
  /** An array value of the tags 15 to 18; n further properties: key, value. */
  ARRAY_WITH_PROPERTIES: 19,
  /** 8 bytes: milliseconds. */
  DATE: 20,
  /** Source and flags as string values. */
  REGEXP: 21,
  /** n pairs of values. */
  MAP: 22,
  /** n values. */
  SET: 23,
  /** A primitive value. */
  BOXED: 24,
  /** n bytes: length, bytes up to a multiple of 8, the bytes. */
  ARRAY_BUFFER: 25,
  /** Two n: length and greatest length; then as ARRAY_BUFFER. */
  RESIZABLE_BUFFER: 26,
  /** n: length; n: handle of the block that holds the bytes. */
  ATTACHED_BUFFER: 27,
  /** n: number that the thread back end gave the SharedArrayBuffer. */
  SHARED_BUFFER: 28,
  /** Kind of view (one byte), n: byte offset, n: length + 1, or 0 when the view follows its buffer's length; a buffer value. */
  VIEW: 29,
  /** A Buffer that shares its memory with nothing: n, the bytes. */
  BYTES: 30,
  /** n class names from the most derived one on; the name as string value; n properties: flag (1 = enumerable), key, value. */
  ERROR: 31,
  /** Message, name and stack as values; n properties as in ERROR. */
  DOM_EXCEPTION: 32,
  /** Kind (one byte), 8 bytes: the handle of a shared object, as a double. */
  HANDLE: 33,
  /** The memory of a shared object: that, as a value. */
  OWNED_BUFFER: 34,
  /** A short Uint8Array over all of its memory: n, the bytes. Numbered twice: first its memory, then itself. */
  SHORT_BYTES: 35,
} as const;

type ViewConstructor = new (
  buffer: ArrayBuffer | SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
) => ArrayBufferView;

const float16 = (globalThis as { Float16Array?: ViewConstructor }).Float16Array;

/** Kinds of views by number: constructor and bytes per element. The order is part of the format. */
export const VIEWS: readonly (readonly [ViewConstructor | undefined, number])[] = [
  [DataView as unknown as ViewConstructor, 1],
  [Int8Array, 1],
  [Uint8Array, 1],
  [Uint8ClampedArray, 1],
  [Int16Array, 2],
  [Uint16Array, 2],
  [Int32Array, 4],
  [Uint32Array, 4],
  [Float32Array, 4],
  [Float64Array, 8],
  [BigInt64Array, 8],
  [BigUint64Array, 8],
  [float16, 2],
];

/** The number of a Buffer, which is no kind of view of its own. */
export const BUFFER_VIEW = VIEWS.length;

const viewNumbers = new Map(VIEWS.map(([type], i) => [type?.name, i]));

/** The number of a view's kind, by the name in its internal slot (a subclass counts as what it is derived from). */
export function viewNumber(name: string): number | undefined {
  return viewNumbers.get(name);
}
