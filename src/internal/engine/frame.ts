// The layout of a task's frame: what a worker reads to run one task.
//
//   offset  type  meaning
//   0       u32   id of the function's definition; of a stored frame: 0
//   4       u32   kind | flags << 8
//   8       u32   length of the frame in bytes, header included, a multiple of 8
//   12      u32   call: 0; items, lists: number of calls; typed, columns: index of the first element; stored: the block that holds
//                 the frame
//   16      call, items, lists: the encoded arguments, items or lists, then (flag VALUES) the encoded captured values
//           typed, columns: u32 count, u32 number of columns, u32 type of the results (columns: 0), u32 0, then the u32 type of
//           each column, padded to 8 in all, the bytes of each column, padded to 8 each, and the values
//
// Every frame begins at a multiple of 8, in whatever memory it lies, so that the numbers in it can be read in place.

import type { TypedArray } from '../typed-array.js';
import { wrongType } from '../validate.js';

export const FRAME_HEADER_BYTES = 16;
export const TYPED_HEADER_BYTES = 16;

/** TYPED and COLUMNS: a chunk of typed arrays, whose results are elements of a typed array, or any values. LISTS: of any lists. */
export const FRAME_KIND = { CALL: 0, ITEMS: 1, EACH: 2, TYPED: 3, STORED: 4, COLUMNS: 5, LISTS: 6 } as const;

export const FRAME_FLAG = {
  /** The captured values follow. */
  VALUES: 1,
  /** Each item, or what the columns have at a place, is the argument list. */
  SPREAD: 2,
  /** Large binaries are copied, not taken over: the task may be run again. */
  KEEP: 4,
} as const;

const WORD = { DEFINITION: 0, KIND: 1, LENGTH: 2, EXTRA: 3 } as const;

export interface FrameHeader {
  readonly definition: number;
  readonly kind: number;
  readonly flags: number;
  readonly length: number;
  readonly extra: number;
}

/** A view to read and write words with; `u8` may begin anywhere in its buffer. */
function words(u8: Uint8Array): DataView {
  return new DataView(u8.buffer, u8.byteOffset, u8.byteLength);
}

export function writeFrameHeader(view: DataView, start: number, header: FrameHeader): void {
  view.setUint32(start + WORD.DEFINITION * 4, header.definition, true);
  view.setUint32(start + WORD.KIND * 4, header.kind | (header.flags << 8), true);
  view.setUint32(start + WORD.LENGTH * 4, header.length, true);
  view.setUint32(start + WORD.EXTRA * 4, header.extra, true);
}

export function readFrameHeader(view: DataView, start: number): FrameHeader {
  const kind = view.getUint32(start + WORD.KIND * 4, true);
  return {
    definition: view.getUint32(start + WORD.DEFINITION * 4, true),
    kind: kind & 0xff,
    flags: kind >>> 8,
    length: view.getUint32(start + WORD.LENGTH * 4, true),
    extra: view.getUint32(start + WORD.EXTRA * 4, true),
  };
}

/** What stands in a batch for a frame that is too large for it. */
export const StoredFrame = {
  BYTES: FRAME_HEADER_BYTES,
  write(u8: Uint8Array, start: number, block: number): void {
    writeFrameHeader(words(u8), start, {
      definition: 0,
      kind: FRAME_KIND.STORED,
      flags: 0,
      length: FRAME_HEADER_BYTES,
      extra: block,
    });
  },
};

type TypedArrayConstructor = { readonly name: string; readonly BYTES_PER_ELEMENT: number } & (new (
  ...args: [length: number] | [buffer: ArrayBuffer, byteOffset: number, length: number]
) => TypedArray);

// Node has it from version 24 on.
const { Float16Array } = globalThis as { Float16Array?: TypedArrayConstructor };

/** Element types of typed chunks, by number. */
export const TYPED_ARRAYS: readonly TypedArrayConstructor[] = [
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
  ...(Float16Array === undefined ? [] : [Float16Array]),
];

const numbers = new Map(TYPED_ARRAYS.map(({ name }, number) => [name, number]));

/** The number of an array's element type. Throws TypeError for one of a later version of the language. */
export function typeNumber(array: TypedArray): number {
  // The tag is an accessor of the language, which other realms and subclasses (Buffer) have as well.
  const number = numbers.get(array[Symbol.toStringTag]);
  if (number === undefined) throw wrongType('items', `one of ${[...numbers.keys()].join(', ')}`, array);
  return number;
}

export const padded = (bytes: number): number => (bytes + 7) & ~7;
