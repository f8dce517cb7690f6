// Strings in bytes: one byte a character where all are Latin-1, else two.
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { damaged } from './codec-error.js';
import { LONGEST_SHORT_STRING, SHORT_STRING, TAG } from './tags.js';

// Below this a loop in JavaScript beats a call into Node.
const LONGEST_LOOP = 40;
const LONGEST_DECODE_LOOP = 24;

type Write = (this: Uint8Array, text: string, offset: number, length: number) => number;
type Slice = (this: Uint8Array, start: number, end: number) => string;

const { latin1Write, ucs2Write, latin1Slice, ucs2Slice } = Buffer.prototype as unknown as {
  latin1Write: Write;
  ucs2Write: Write;
  latin1Slice: Slice;
  ucs2Slice: Slice;
};

export function writeString(writer: ByteWriter, text: string): void {
  const { length } = text;
  const start = writer.position;
  writer.ensure(length + 6);
  if (length <= LONGEST_LOOP) {
    const { bytes } = writer;
    bytes[start] = SHORT_STRING | length;
    let at = start + 1;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0xff) {
        writeUtf16(writer, text);
        return;
      }
      bytes[at++] = unit;
    }
    writer.position = at;
    return;
  }
  if (length <= LONGEST_SHORT_STRING) writer.byte(SHORT_STRING | length);
  else writer.tagged(TAG.LATIN1, length);
  const at = writer.position;
  latin1Write.call(writer.bytes, text, at, length);
  // Characters beyond Latin-1 lose their upper byte; comparing is faster than looking for them one by one.
  if (latin1Slice.call(writer.bytes, at, at + length) === text) {
    writer.position = at + length;
    return;
  }
  writer.position = start;
  writeUtf16(writer, text);
}

function writeUtf16(writer: ByteWriter, text: string): void {
  writer.tagged(TAG.UTF16, text.length);
  writer.ensure(text.length * 2);
  ucs2Write.call(writer.bytes, text, writer.position, text.length * 2);
  writer.position += text.length * 2;
}

const { fromCharCode } = String;

/** The next `length` Latin-1 characters. */
export function readLatin1(reader: ByteReader, length: number): string {
  reader.need(length);
  const { bytes, position: at } = reader;
  reader.position = at + length;
  if (length > LONGEST_DECODE_LOOP) return latin1Slice.call(bytes, at, at + length);
  let text = '';
  let i = 0;
  // Joining pieces of four is cheaper than joining characters.
  for (; i + 4 <= length; i += 4) text += fromCharCode(bytes[at + i]!, bytes[at + i + 1]!, bytes[at + i + 2]!, bytes[at + i + 3]!);
  for (; i < length; i++) text += fromCharCode(bytes[at + i]!);
  return text;
}

export function readUtf16(reader: ByteReader): string {
  const length = reader.count(2);
  const at = reader.position;
  reader.position = at + length * 2;
  return ucs2Slice.call(reader.bytes, at, at + length * 2);
}

/** A string value where nothing else may stand. */
export function readString(reader: ByteReader): string {
  const tag = reader.byte();
  if ((tag & 0xc0) === SHORT_STRING) return readLatin1(reader, tag & LONGEST_SHORT_STRING);
  if (tag === TAG.LATIN1) return readLatin1(reader, reader.count());
  if (tag === TAG.UTF16) return readUtf16(reader);
  throw damaged(`a string was expected, not tag ${tag},`, reader.position - 1);
}

// Keys come again and again: found by their bytes they need not be made anew, and V8 knows them already.
const KEY_SLOTS = 1024;
const keys: (string | undefined)[] = Array.from({ length: KEY_SLOTS });

/** A property key. */
export function readKey(reader: ByteReader): string {
  const { bytes, position } = reader;
  const tag = bytes[position]!;
  if (position >= reader.end || (tag & 0xc0) !== SHORT_STRING) return readString(reader);
  const length = tag & LONGEST_SHORT_STRING;
  reader.position = position + 1;
  reader.need(length);
  let hash = length;
  for (let i = 1; i <= length; i++) hash = (Math.imul(hash, 31) + bytes[position + i]!) | 0;
  const slot = hash & (KEY_SLOTS - 1);
  const known = keys[slot];
  if (known !== undefined && known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === bytes[position + 1 + i]) i++;
    if (i === length) {
      reader.position += length;
      return known;
    }
  }
  const key = readLatin1(reader, length);
  keys[slot] = key;
  return key;
}
