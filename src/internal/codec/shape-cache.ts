// Finds the shape of a list of keys again, from value to value: by the keys when encoding, by their bytes when decoding.
import type { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { Shape } from './shapes.js';
import { readString, writeString } from './strings.js';

// Longer lists are those of dictionaries, which hardly come twice.
const MOST_KEYS = 64;
const LARGEST_BYTES = 1024;
const SLOTS = 512;

const byKeys: (Shape | undefined)[] = Array.from({ length: SLOTS });
const byBytes: (Shape | undefined)[] = Array.from({ length: SLOTS });

const scratch = new ByteWriter(LARGEST_BYTES);

function encodedKeys(keys: readonly string[]): Uint8Array {
  // For once only, and for shapes that are made anew.
  scratch.reset();
  scratch.varint(keys.length);
  for (const key of keys) writeString(scratch, key);
  return scratch.bytes.slice(0, scratch.position);
}

/** The shape of an object's keys. */
export function shapeOfKeys(keys: readonly string[]): Shape {
  const count = keys.length;
  if (count > MOST_KEYS) return new Shape(keys, encodedKeys(keys));
  let hash = count;
  if (count > 0) {
    const first = keys[0]!;
    const middle = keys[count >> 1]!;
    const last = keys[count - 1]!;
    hash = (Math.imul(hash, 31) + textHash(first)) | 0;
    hash = (Math.imul(hash, 31) + textHash(middle)) | 0;
    hash = (Math.imul(hash, 31) + textHash(last)) | 0;
  }
  const slot = (hash ^ (hash >>> 9)) & (SLOTS - 1);
  const known = byKeys[slot];
  if (known !== undefined && known.has(keys)) return known;
  const shape = new Shape(keys, encodedKeys(keys));
  byKeys[slot] = shape;
  return shape;
}

/** Something of a text: its length and the ends of it. */
function textHash(text: string): number {
  const { length } = text;
  return length === 0 ? 0 : length * 961 + text.charCodeAt(0) * 31 + text.charCodeAt(length - 1);
}

/** The shape whose encoded keys come next. */
export function readShape(reader: ByteReader): Shape {
  const { bytes, position: start } = reader;
  // The first bytes are enough to guess; all of them are compared.
  let hash = 0;
  const looked = Math.min(start + 16, reader.end);
  for (let at = start; at < looked; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  const slot = (hash ^ (hash >>> 9)) & (SLOTS - 1);
  const known = byBytes[slot];
  if (known !== undefined && begins(bytes, start, reader.end, known.encoded)) {
    reader.position = start + known.encoded.length;
    return known;
  }
  const count = reader.count();
  const keys: string[] = [];
  for (let i = 0; i < count; i++) keys.push(readString(reader));
  const shape = new Shape(keys, bytes.slice(start, reader.position));
  if (count <= MOST_KEYS && shape.encoded.length <= LARGEST_BYTES) byBytes[slot] = shape;
  return shape;
}

function begins(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  const { length } = expected;
  if (start + length > end) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== expected[i]) return false;
  return true;
}
