// Encodes values as structuredClone would copy them. It differs where that would lose something:
//
// - errors keep their class, code and own properties; Buffers stay Buffers; DOMExceptions are copied on every Node
// - what has state that no property shows (URL, Headers, AbortSignal, Blob, ...) is refused, not turned into `{}`
// - values nested more than 1,000 levels deep are refused (structuredClone throws a RangeError at 2,000 to 3,000)
//
// As with structuredClone, objects without prototype arrive with Object.prototype, class instances as plain objects.
import { DataCloneError } from '../../errors.js';
import type { ByteWriter } from './byte-writer.js';
import { Encoder } from './encoder.js';
import { writePlain } from './plain-values.js';
import { Uncloneable } from './uncloneable.js';

/** Keeps large binaries outside of the encoded bytes. */
export interface Attachments {
  /** Takes a copy of the bytes and returns a handle below 2^32. */
  attach(bytes: Uint8Array): number;
}

export interface EncodeContext {
  /** How the value is called in errors, such as `args`. */
  readonly path: string;
  /** Without it all binaries go into the encoded bytes. */
  readonly attachments?: Attachments | undefined;
  /** Bytes from which on an ArrayBuffer is attached; 32 KiB unless given. */
  readonly attachFrom?: number | undefined;
  /** Where the handles of shared objects in the value are noted, each once; without it they cannot be copied. */
  readonly handles?: number[] | undefined;
  /** Carries shared memory to other threads; without it a SharedArrayBuffer cannot be copied. */
  readonly sharedBuffers?: { put(buffer: SharedArrayBuffer): number } | undefined;
}

// Encoders keep their tables from call to call. A getter may encode something itself, hence more than one.
const idle: Encoder[] = [];

/**
 * Writes `value` at the writer's position. Objects that are shared within it stay shared.
 *
 * @throws DataCloneError naming the path of what cannot be copied; what getters throw comes through as it is. What was
 *   written by then is to be discarded.
 */
export function encode(value: unknown, writer: ByteWriter, context: EncodeContext): void {
  if (writePlain(value, writer)) return;
  const encoder = idle.pop() ?? new Encoder();
  encoder.begin(writer, context);
  try {
    encoder.value(value);
  } catch (error) {
    throw explained(error, context.path);
  } finally {
    encoder.end();
    idle.push(encoder);
  }
}

/** Writes items[start..end) for `decodeItems`; packed where all are numbers. The path in errors is that of the item. */
export function encodeItems(
  items: readonly unknown[],
  start: number,
  end: number,
  writer: ByteWriter,
  context: EncodeContext,
): void {
  const encoder = idle.pop() ?? new Encoder();
  encoder.begin(writer, context);
  try {
    encoder.elements(items, start, end);
  } catch (error) {
    throw explained(error, context.path);
  } finally {
    encoder.end();
    idle.push(encoder);
  }
}

/**
 * Writes the places from `start` to `end` of every list for `decodeLists`. What is shared among them stays shared. The path in
 * errors is that of the place, counted from `place`, and the list.
 */
export function encodeLists(
  lists: readonly ArrayLike<unknown>[],
  start: number,
  end: number,
  place: number,
  writer: ByteWriter,
  context: EncodeContext,
): void {
  const encoder = idle.pop() ?? new Encoder();
  encoder.begin(writer, context);
  try {
    writer.varint(lists.length);
    lists.forEach((list, i) => encoder.column(list, start, end, place, i));
  } catch (error) {
    throw explained(error, context.path);
  } finally {
    encoder.end();
    idle.push(encoder);
  }
}

function explained(error: unknown, path: string): unknown {
  if (error instanceof Uncloneable) return error.error(path);
  if (error instanceof RangeError && error.message === 'Maximum call stack size exceeded') {
    return new DataCloneError(`${path} cannot be copied: it is nested too deeply`, { path, cause: error });
  }
  return error;
}
