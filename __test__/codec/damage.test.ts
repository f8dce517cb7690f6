// Bytes that are no encoded value give a CodecError or some value: never a crash, a hang, or memory without bounds.
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../src/internal/codec/byte-reader.ts';
import { ByteWriter } from '../../src/internal/codec/byte-writer.ts';
import { CodecError } from '../../src/internal/codec/codec-error.ts';
import { decode, decodeItems, packedNumbers } from '../../src/internal/codec/decode.ts';
import { encode, encodeItems } from '../../src/internal/codec/encode.ts';
import { TAG } from '../../src/internal/codec/tags.ts';
import { CASES, sparse } from './cases.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const MUTANTS = 30_000;
const GUARD_BYTES = 64;

/** Mulberry32. */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const frames = Object.values(CASES).map((make) => {
  const writer = new ByteWriter();
  encode(make(), writer, { path: 'value' });
  return writer.bytes.slice(0, writer.position);
});

/** What came of decoding: 'value', or the CodecError; everything else is thrown. */
function outcome(bytes: Uint8Array, read: (reader: ByteReader) => unknown): unknown {
  try {
    read(new ByteReader(bytes));
    return 'value';
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
}

function mutant(random: (below: number) => number): Uint8Array {
  const frame = frames[random(frames.length)]!;
  const bytes = frame.slice(0, 4096);
  switch (random(5)) {
    case 0:
      return Uint8Array.from({ length: random(200) }, () => random(256));
    case 1:
      return bytes.subarray(0, random(bytes.length + 1));
    case 2:
      for (let i = 0; i <= random(8); i++) bytes[random(Math.max(1, bytes.length))]! ^= 1 << random(8);
      return bytes;
    case 3:
      for (let i = 0; i <= random(4); i++)
        bytes[random(Math.max(1, bytes.length))] = [0xff, 0x7f, 0x80, random(40)][random(4)]!;
      return bytes;
    default: {
      // The middle of another value in place of this one's.
      const other = frames[random(frames.length)]!;
      bytes.set(
        other.subarray(0, Math.max(0, bytes.length - 1)).subarray(0, random(64)),
        random(Math.max(1, bytes.length - 64)) % Math.max(1, bytes.length),
      );
      return bytes;
    }
  }
}

describe(`damaged bytes made with SEED=${seed}`, () => {
  const ways: Readonly<Record<string, (reader: ByteReader) => unknown>> = {
    decode: (reader) => decode(reader, {}),
    decodeItems: (reader) => decodeItems(reader, {}),
    packedNumbers: (reader) => packedNumbers(reader),
  };

  test.each(Object.entries(ways))('are refused by %s', { timeout: 120_000 }, (_, read) => {
    const random = randomFrom(seed);
    let refused = 0;
    for (let i = 0; i < MUTANTS; i++) if (outcome(mutant(random), read) !== 'value') refused++;
    expect(refused).toBeGreaterThan(0);
  });

  test('never make the decoder read behind the end', () => {
    for (const frame of frames) {
      if (frame.length > 4096) continue;
      for (let end = 0; end < frame.length; end++) {
        const guarded = new Uint8Array(end + GUARD_BYTES).fill(0x81);
        guarded.set(frame.subarray(0, end));
        expect(() => decode(new ByteReader(guarded, 0, end), {})).toThrow(CodecError);
      }
    }
  });
});

const CLAIMS: Readonly<Record<string, number[]>> = {
  'an array of 2^32 elements': [TAG.ARRAY, 0xff, 0xff, 0xff, 0xff, 0x0f],
  'a number array of 2^50 elements': [TAG.DOUBLE_ARRAY, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],
  'a number that never ends': [TAG.ARRAY, ...Array.from({ length: 30 }, () => 0xff)],
  'a buffer of 4 GiB': [TAG.ARRAY_BUFFER, 0xff, 0xff, 0xff, 0xff, 0x0f],
  'a string of 4 GiB': [TAG.UTF16, 0xff, 0xff, 0xff, 0xff, 0x0f],
  'a map of 2^32 entries': [TAG.MAP, 0xff, 0xff, 0xff, 0xff, 0x0f],
  'an unknown tag': [0x3f],
  'no tag': [0],
  'a reference to nothing': [TAG.REFERENCE, 5],
  'a boxed object that is inside itself': [TAG.BOXED, TAG.REFERENCE, 0],
  'an unknown list of keys': [TAG.SHAPED, 7],
  'memory outside': [TAG.ATTACHED_BUFFER, 8, 1],
  'shared memory outside': [TAG.SHARED_BUFFER, 0],
  'arrays in arrays without end': Array.from({ length: 100_000 }, () => [TAG.ARRAY, 1]).flat(),
  'a regular expression that is none': [TAG.REGEXP, 0x41, 0x28, 0x40],
};

test.each(Object.entries(CLAIMS))('%s is a CodecError', (_, bytes) => {
  expect(outcome(Uint8Array.from(bytes), (reader) => decode(reader, {}))).toMatchObject({
    name: 'CodecError',
    code: 'ERR_CODEC',
  });
});

test('a claim of millions of holes takes no memory', () => {
  const before = process.memoryUsage().heapUsed;
  const arrays = Array.from(
    { length: 20 },
    () => decode(new ByteReader(Uint8Array.of(TAG.SPARSE_ARRAY, 0xff, 0xff, 0xff, 0x0f, 0)), {}) as unknown[],
  );
  expect(arrays[0]).toHaveLength(2 ** 25 - 1);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 2 ** 20);
});

test('decoding goes on working after damage', () => {
  outcome(Uint8Array.of(TAG.ARRAY, 3, TAG.OBJECT, 1), (reader) => decode(reader, {}));
  const writer = new ByteWriter();
  encode([{ a: 1 }, { a: 2 }], writer, { path: 'value' });
  expect(decode(new ByteReader(writer.bytes, 0, writer.position), {})).toEqual([{ a: 1 }, { a: 2 }]);
});

describe('lists of items', () => {
  const LISTS: readonly unknown[][] = [
    [],
    [1],
    ['a', { b: 1 }],
    Array.from({ length: 100 }, (_, i) => i),
    Array.from({ length: 100 }, (_, i) => i / 2),
    sparse(4, { 1: 1, 3: undefined }),
  ];

  test.each(LISTS.map((list) => [list]))('come back one after the other: %j', (list) => {
    const writer = new ByteWriter();
    encode('before', writer, { path: 'value' });
    encodeItems(list, 0, list.length, writer, { path: 'items' });
    encodeItems(list, Math.min(1, list.length), list.length, writer, { path: 'items' });
    encode('after', writer, { path: 'value' });
    const reader = new ByteReader(writer.bytes, 0, writer.position);
    expect(decode(reader, {})).toBe('before');
    const { position } = reader;
    const view = packedNumbers(reader);
    if (view !== undefined) expect([...view]).toEqual(list);
    else expect(reader.position).toBe(position);
    reader.position = position;
    expect(decodeItems(reader, {})).toStrictEqual(list);
    expect(decodeItems(reader, {})).toStrictEqual(list.slice(1));
    expect(decode(reader, {})).toBe('after');
    expect(reader.position).toBe(reader.end);
  });
});
