// Decodes what encode.ts encoded. Whatever the bytes, the outcome is a value or a CodecError.
import type { ByteReader } from './byte-reader.js';
import { CodecError } from './codec-error.js';
import { Decoder } from './decoder.js';
import { isPacked, readLane } from './numbers.js';
import { NOT_PLAIN, readPlain } from './plain-values.js';
import { ReviveFailure } from './travellers.js';

/** Where large binaries are that were encoded with Attachments. */
export interface Attached {
  /** The memory behind a handle, which is the caller's from now on. */
  take(handle: number, byteLength: number): ArrayBuffer;
}

export interface DecodeContext {
  readonly attached?: Attached | undefined;
  readonly sharedBuffers?: { get(number: number): SharedArrayBuffer | undefined } | undefined;
}

// Decoders keep their tables from call to call; `take` might decode something itself, hence more than one.
const idle: Decoder[] = [];

/** Reads the value at the reader's position. Nothing in it refers to the reader's memory. */
export function decode(reader: ByteReader, context: DecodeContext): unknown {
  const plain = readPlain(reader);
  if (plain !== NOT_PLAIN) return plain;
  const decoder = idle.pop() ?? new Decoder();
  decoder.begin(reader, context);
  try {
    return decoder.value();
  } catch (error) {
    throw explained(error);
  } finally {
    decoder.end();
    idle.push(decoder);
  }
}

/** Reads what `encodeItems` wrote, as a plain array. */
export function decodeItems(reader: ByteReader, context: DecodeContext): unknown[] {
  const decoder = idle.pop() ?? new Decoder();
  decoder.begin(reader, context);
  try {
    return decoder.items();
  } catch (error) {
    throw explained(error);
  } finally {
    decoder.end();
    idle.push(decoder);
  }
}

/** Reads what `encodeLists` wrote; lists of nothing but numbers as views of them, in the reader's memory itself. */
export function decodeLists(reader: ByteReader, context: DecodeContext): ArrayLike<unknown>[] {
  const decoder = idle.pop() ?? new Decoder();
  decoder.begin(reader, context);
  try {
    return Array.from({ length: reader.count() }, () => packedNumbers(reader) ?? decoder.items());
  } catch (error) {
    throw explained(error);
  } finally {
    decoder.end();
    idle.push(decoder);
  }
}

/**
 * When what `encodeItems` wrote here is packed numbers: a view of them, in the reader's memory itself, and the reader
 * stands behind them. Else undefined, and the reader has not moved.
 */
export function packedNumbers(reader: ByteReader): Float64Array | Int32Array | undefined {
  const tag = reader.position < reader.end ? reader.bytes[reader.position]! : 0;
  if (!isPacked(tag)) return undefined;
  reader.position++;
  return readLane(reader, tag);
}

function explained(error: unknown): unknown {
  if (error instanceof CodecError) return error;
  if (error instanceof ReviveFailure) return error.reason;
  // What a constructor refused (a regular expression, a length), or more nesting than there is stack.
  const reason = error instanceof Error ? error.message : String(error);
  return new CodecError(`The encoded value is damaged: ${reason}`, { cause: error });
}
