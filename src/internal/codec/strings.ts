// Strings in bytes: one byte a character where all are Latin-1, else two.
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { damaged } from './codec-error.js';
import { LONGEST_SHORT_STRING, SHORT_STRING, TAG } from './tags.js';

// Up to here a loop in JavaScript beats a call into Node (about 35 ns, whatever the length).
const LONGEST_WRITE_LOOP = 24;
const LONGEST_READ_LOOP = 12;

// Of a string that V8 keeps with one byte a character this is known to match nothing without looking at any of them.
const WIDE = /[\u0100-\uffff]/;

type Write = (this: Uint8Array, text: string, offset: number, length: number) => number;
type Slice = (this: Uint8Array, start: number, end: number) => string;

const { fromCharCode } = String;
const { latin1Write, ucs2Write, latin1Slice, ucs2Slice } = Buffer.prototype as unknown as {
  latin1Write: Write;
  ucs2Write: Write;
  latin1Slice: Slice;
  ucs2Slice: Slice;
};

export function writeString(writer: ByteWriter, text: string): void {
  const { length } = text;
  if (length > LONGEST_WRITE_LOOP) {
    writeLong(writer, text);
    return;
  }
  writer.ensure(length + 1);
  const { bytes, position } = writer;
  bytes[position] = SHORT_STRING | length;
  let at = position + 1;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) {
      writeUtf16(writer, text);
      return;
    }
    bytes[at++] = unit;
  }
  writer.position = at;
}

function writeLong(writer: ByteWriter, text: string): void {
  if (WIDE.test(text)) {
    writeUtf16(writer, text);
    return;
  }
  const { length } = text;
  if (length <= LONGEST_SHORT_STRING) writer.byte(SHORT_STRING | length);
  else writer.tagged(TAG.LATIN1, length);
  writer.ensure(length);
  latin1Write.call(writer.bytes, text, writer.position, length);
  writer.position += length;
}

function writeUtf16(writer: ByteWriter, text: string): void {
  writer.tagged(TAG.UTF16, text.length);
  writer.ensure(text.length * 2);
  ucs2Write.call(writer.bytes, text, writer.position, text.length * 2);
  writer.position += text.length * 2;
}

/** The next `length` Latin-1 characters. */
export function readLatin1(reader: ByteReader, length: number): string {
  reader.need(length);
  const { bytes, position } = reader;
  const end = position + length;
  reader.position = end;
  if (length > LONGEST_READ_LOOP) return latin1Slice.call(bytes, position, end);
  let at = position;
  let text = '';
  // The fewer pieces are joined, the faster.
  if (length >= 8) {
    text = fromCharCode(
      bytes[at]!,
      bytes[at + 1]!,
      bytes[at + 2]!,
      bytes[at + 3]!,
      bytes[at + 4]!,
      bytes[at + 5]!,
      bytes[at + 6]!,
      bytes[at + 7]!,
    );
    at += 8;
  }
  if (end - at >= 4) {
    text += fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!);
    at += 4;
  }
  switch (end - at) {
    case 1:
      return text + fromCharCode(bytes[at]!);
    case 2:
      return text + fromCharCode(bytes[at]!, bytes[at + 1]!);
    case 3:
      return text + fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!);
    default:
      return text;
  }
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
