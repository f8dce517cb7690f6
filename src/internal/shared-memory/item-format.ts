// How one item of a ShareableList is written: its `struct` format, its code, its bytes.
//
// CPython reads texts and bytes of format `<n>s` without their trailing NULs, as the slot is filled up with them. An item
// that ends in NULs of its own therefore says its exact length: `5s3x` are 5 bytes and 3 to skip, which every `struct` can
// read. A bigint that would come back as a number has a space behind its `q`, which `struct` ignores.
import { types } from 'node:util';
import { outOfRange, wrongType } from '../validate.js';

export type ShareableItem = number | bigint | boolean | string | Uint8Array | null;

/** What CPython makes of the bytes. */
export const CODE = { VALUE: 0, TEXT: 1, BYTES: 2, NONE: 3 } as const;

export const SLOT_BYTES = 8;
/** Room for a format. */
export const FORMAT_BYTES = 8;

export const FORMAT = { INTEGER: 'q', BIG: 'q ', FLOAT: 'd', BOOLEAN: 'xxxxxxx?', NONE: 'xxxxxx?x' } as const;

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const LONGEST = 9_999_992;

/** An item ready to be stored. */
export interface StoredItem {
  readonly code: number;
  /** undefined: that of texts, which depends on the slot. */
  readonly format: string | undefined;
  readonly bytes: Uint8Array;
}

/** Throws TypeError for what cannot be an item, RangeError for a bigint beyond 64 bits. */
export function stored(value: unknown, name: string): StoredItem {
  switch (typeof value) {
    case 'string':
      // UTF-8 has no bytes for half a pair.
      if (!value.isWellFormed()) throw outOfRange(name, 'a text without lone surrogates', value);
      return { code: CODE.TEXT, format: undefined, bytes: Buffer.from(value, 'utf8') };
    case 'boolean':
      return { code: CODE.VALUE, format: FORMAT.BOOLEAN, bytes: word((view) => view.setUint8(7, Number(value))) };
    case 'bigint':
      if (value < LEAST || value > MOST) throw outOfRange(name, 'a bigint of 64 bits', value);
      return {
        code: CODE.VALUE,
        format: isSafe(value) ? FORMAT.BIG : FORMAT.INTEGER,
        bytes: word((view) => view.setBigInt64(0, value, true)),
      };
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? { code: CODE.VALUE, format: FORMAT.INTEGER, bytes: word((view) => view.setBigInt64(0, BigInt(value), true)) }
        : { code: CODE.VALUE, format: FORMAT.FLOAT, bytes: word((view) => view.setFloat64(0, value, true)) };
    default:
      if (value === null) return { code: CODE.NONE, format: FORMAT.NONE, bytes: new Uint8Array(SLOT_BYTES) };
      if (types.isUint8Array(value)) return { code: CODE.BYTES, format: undefined, bytes: Uint8Array.from(value) };
      throw wrongType(name, 'a number, bigint, boolean, string, Uint8Array or null', value);
  }
}

/** Bytes of the slot that an item gets when the list is made. */
export function slotBytes({ format, bytes }: StoredItem, name: string): number {
  if (format !== undefined) return SLOT_BYTES;
  if (bytes.byteLength > LONGEST) throw outOfRange(name, `at most ${LONGEST} bytes long`, bytes.byteLength);
  return SLOT_BYTES * (Math.floor(bytes.byteLength / SLOT_BYTES) + 1);
}

/** The format of a text or of bytes in a slot of `room` bytes. */
export function textFormat(bytes: Uint8Array, room: number): string {
  if (bytes.at(-1) !== 0) return `${room}s`;
  const exact = `${bytes.byteLength}s${room - bytes.byteLength}x`;
  return exact.length <= FORMAT_BYTES ? exact : `${bytes.byteLength}s`;
}

/** Bytes of a list of these items: count, offsets, data, formats, codes. */
export function bytesNeeded(items: readonly unknown[]): number {
  const data = items.reduce<number>((sum, item, i) => sum + slotBytes(stored(item, `items[${i}]`), `items[${i}]`), 0);
  return SLOT_BYTES * (items.length + 2) + data + items.length * (FORMAT_BYTES + 1);
}

export const isSafe = (value: bigint): boolean =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);

function word(write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(SLOT_BYTES);
  write(new DataView(bytes.buffer));
  return bytes;
}
