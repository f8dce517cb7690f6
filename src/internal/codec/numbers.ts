// Arrays that hold nothing but numbers, packed as int32 or doubles at the speed of memory.
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { copyDoubles, copyIntegers, doubleList, integerList, LONGEST_SIZED } from './sized-list.js';
import { TAG } from './tags.js';

/** Shorter lists are written one by one. */
export const FEWEST_PACKED = 8;

const HEADER_BYTES = 24;
const LARGEST_KEPT_BYTES = 16 * 1024 * 1024;

/** What was read of a list before it turned out to hold other things; read once, as getters are. */
export interface Unpacked {
  readonly numbers: Int32Array | Float64Array;
  /** The element behind those numbers. */
  readonly next: unknown;
}

let buffer: ArrayBufferLike | undefined;
let integers: Int32Array = new Int32Array(0);
let doubles: Float64Array = new Float64Array(0);

/** Makes `integers` and `doubles` views of the writer's memory, unless they are. */
function lanesOver(bytes: Uint8Array): void {
  if (buffer === bytes.buffer && doubles.byteOffset === bytes.byteOffset) return;
  buffer = bytes.buffer;
  integers = new Int32Array(buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4));
  doubles = new Float64Array(buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 8));
}

/** Views of large memory are not kept: they would keep the memory. */
function forgetLarge(bytes: Uint8Array): void {
  if (bytes.length <= LARGEST_KEPT_BYTES) return;
  buffer = undefined;
  integers = new Int32Array(0);
  doubles = new Float64Array(0);
}

/**
 * Writes items[start..end) packed, where `first` is items[start], a number. When there is anything but numbers,
 * nothing is written and what was read is returned. The writer's memory must begin at a multiple of 8.
 */
export function writeNumbers(
  items: ArrayLike<unknown>,
  start: number,
  end: number,
  first: number,
  writer: ByteWriter,
): Unpacked | undefined {
  const count = end - start;
  const from = writer.position;
  writer.ensure(count * 4 + HEADER_BYTES);
  writer.tagged(TAG.INT32_ARRAY, count);
  writer.align(8);
  const data = writer.position;
  lanesOver(writer.bytes);

  let value: unknown = first;
  let done = 0;
  {
    const lane = integers;
    const at = data / 4;
    // A double that is no int32, and -0, differ from their int32 in Object.is; 1/-0 tells the latter.
    while (typeof value === 'number' && (value | 0) === value && (value !== 0 || 1 / value > 0)) {
      lane[at + done] = value;
      if (++done === count) {
        writer.position = data + count * 4;
        forgetLarge(writer.bytes);
        return undefined;
      }
      value = items[start + done];
    }
  }

  if (typeof value === 'number') {
    writer.ensure(count * 8);
    lanesOver(writer.bytes);
    writer.bytes[from] = TAG.DOUBLE_ARRAY;
    const lane = doubles;
    const at = data / 8;
    // Upwards the doubles would overwrite integers that are still to be moved.
    for (let i = done - 1; i >= 0; i--) lane[at + i] = integers[2 * at + i]!;
    while (typeof value === 'number') {
      lane[at + done] = value;
      if (++done === count) {
        writer.position = data + count * 8;
        forgetLarge(writer.bytes);
        return undefined;
      }
      value = items[start + done];
    }
    writer.position = from;
    return { numbers: lane.slice(at, at + done), next: value };
  }
  writer.position = from;
  return { numbers: integers.slice(data / 4, data / 4 + done), next: value };
}

/** The packed numbers that come next (their tag has been read), in place where their memory allows it. */
export function readLane(reader: ByteReader, tag: number): Int32Array | Float64Array {
  const wide = tag === TAG.DOUBLE_ARRAY;
  const count = reader.count(wide ? 8 : 4);
  reader.align(8);
  const byteLength = count * (wide ? 8 : 4);
  reader.need(byteLength);
  const at = reader.bytes.byteOffset + reader.position;
  if ((at & 7) !== 0) {
    const copy = reader.buffer(byteLength);
    return wide ? new Float64Array(copy) : new Int32Array(copy);
  }
  reader.position += byteLength;
  return wide ? new Float64Array(reader.bytes.buffer, at, count) : new Int32Array(reader.bytes.buffer, at, count);
}

/** The packed numbers that come next (their tag has been read), as a plain array. */
export function readNumbers(reader: ByteReader, tag: number): number[] {
  const lane = readLane(reader, tag);
  if (lane.length > LONGEST_SIZED) return Array.from(lane);
  if (lane instanceof Int32Array) {
    const integers = integerList(lane.length);
    copyIntegers(lane, integers, 0);
    return integers;
  }
  const doubles = doubleList(lane.length);
  copyDoubles(lane, doubles, 0);
  return doubles;
}

export function isPacked(tag: number): boolean {
  return tag === TAG.INT32_ARRAY || tag === TAG.DOUBLE_ARRAY;
}
