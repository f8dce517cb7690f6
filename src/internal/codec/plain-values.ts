// Values that are most messages and need no tables: numbers, strings, short bytes. Written and read without an encoder or
// a decoder when they stand alone.
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { isShort, readShort, writeShort } from './short-bytes.js';
import { readLatin1, writeString } from './strings.js';
import { LONGEST_SHORT_STRING, SHORT_STRING, SMALL_INTEGER, TAG } from './tags.js';

export function writeNumber(writer: ByteWriter, value: number): void {
  writer.ensure(9);
  const { bytes, position: at } = writer;
  if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
    if ((value & 0x7f) === value) {
      bytes[at] = SMALL_INTEGER | value;
      writer.position = at + 1;
      return;
    }
    bytes[at] = TAG.INT32;
    writer.view.setInt32(at + 1, value, true);
    writer.position = at + 5;
    return;
  }
  bytes[at] = TAG.DOUBLE;
  writer.view.setFloat64(at + 1, value, true);
  writer.position = at + 9;
}

/** Writes a value that is plain; false, and nothing written, for any other. */
export function writePlain(value: unknown, writer: ByteWriter): boolean {
  if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') writeString(writer, value);
  else if (ArrayBuffer.isView(value) && isShort(value, value.buffer)) writeShort(writer, value);
  else return false;
  return true;
}

/** What stands for a value that is not plain: no value is a symbol. */
export const NOT_PLAIN = Symbol('not plain');

/** Reads a value that is plain; NOT_PLAIN, and nothing read, for any other. */
export function readPlain(reader: ByteReader): unknown {
  const { bytes, position, end } = reader;
  const tag = position < end ? bytes[position]! : 0;
  if (tag < SHORT_STRING && tag !== TAG.SHORT_BYTES && tag !== TAG.INT32 && tag !== TAG.DOUBLE) return NOT_PLAIN;
  reader.position = position + 1;
  if (tag >= SMALL_INTEGER) return tag & 0x7f;
  if (tag >= SHORT_STRING) return readLatin1(reader, tag & LONGEST_SHORT_STRING);
  if (tag === TAG.SHORT_BYTES) return readShort(reader);
  return tag === TAG.INT32 ? reader.int32() : reader.double();
}
