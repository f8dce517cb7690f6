// Copies through the codec, in memory of both kinds, and compares copies with those of structuredClone.
import { isDeepStrictEqual } from 'node:util';
import { ByteReader } from '../../src/internal/codec/byte-reader.ts';
import { ByteWriter, type Sink } from '../../src/internal/codec/byte-writer.ts';
import { decode, type DecodeContext } from '../../src/internal/codec/decode.ts';
import { encode, type EncodeContext } from '../../src/internal/codec/encode.ts';

/** Memory as the arena has it: a large buffer that others fill too, of which the writer gets a part. */
function externalSink(): Sink {
  const memory = new ArrayBuffer(64 * 1024 * 1024);
  new Uint8Array(memory, 0, 1024 * 1024).fill(0xee);
  return {
    bytes: new Uint8Array(memory, 4096),
    view: new DataView(memory, 4096),
    grow: (minBytes) => {
      throw new Error(`the block is full: ${minBytes}`);
    },
  };
}

const external = externalSink();

export const COPIES: Readonly<
  Record<string, (value: unknown, encodeContext?: Partial<EncodeContext>, decodeContext?: DecodeContext) => unknown>
> = {
  'heap memory': (value, encodeContext = {}, decodeContext = {}) => {
    const writer = new ByteWriter(16);
    encode(value, writer, { path: 'value', ...encodeContext });
    return decodeAll(new ByteReader(writer.bytes, 0, writer.position), decodeContext);
  },
  'memory of others': (value, encodeContext = {}, decodeContext = {}) => {
    const writer = new ByteWriter(external);
    writer.skip(13);
    encode(value, writer, { path: 'value', ...encodeContext });
    return decodeAll(new ByteReader(external.bytes, 13, writer.position), decodeContext);
  },
};

function decodeAll(reader: ByteReader, context: DecodeContext): unknown {
  const copy = decode(reader, context);
  if (reader.position !== reader.end) throw new Error(`${reader.end - reader.position} bytes were not read`);
  return copy;
}

/** What differs between two values, or undefined: also in how the objects inside refer to each other. */
export function difference(actual: unknown, expected: unknown): string | undefined {
  // Two invalid dates are not equal to isDeepStrictEqual.
  if (expected instanceof Date && Number.isNaN(expected.getTime())) {
    return actual instanceof Date && Number.isNaN(actual.getTime()) ? undefined : 'no invalid date';
  }
  if (!isDeepStrictEqual(actual, expected)) return 'contents differ';
  const pairs = new Map<object, object>();
  return sharing(actual, expected, pairs, 'value');
}

function sharing(actual: unknown, expected: unknown, pairs: Map<object, object>, path: string): string | undefined {
  if (typeof expected !== 'object' || expected === null)
    return Object.is(actual, expected) ? undefined : `${path} differs`;
  if (typeof actual !== 'object' || actual === null) return `${path} is no object`;
  const partner = pairs.get(expected);
  if (partner !== undefined) return partner === actual ? undefined : `${path} is not shared`;
  if ([...pairs.values()].includes(actual)) return `${path} is shared`;
  pairs.set(expected, actual);
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return `${path} has another prototype`;
  for (const [key, a, b] of parts(actual, expected)) {
    const found = sharing(a, b, pairs, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parts(actual: object, expected: object): [string, unknown, unknown][] {
  if (expected instanceof Map && actual instanceof Map) return list([...actual].flat(), [...expected].flat());
  if (expected instanceof Set && actual instanceof Set) return list([...actual], [...expected]);
  if (ArrayBuffer.isView(expected) && ArrayBuffer.isView(actual)) return [['buffer', actual.buffer, expected.buffer]];
  const keys = Object.keys(expected);
  if (keys.join() !== Object.keys(actual).join()) return [['keys', Object.keys(actual).join(), keys.join()]];
  return keys.map((key) => [key, (actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key]]);
}

function list(actual: unknown[], expected: unknown[]): [string, unknown, unknown][] {
  return expected.map((value, i) => [String(i), actual[i], value]);
}
