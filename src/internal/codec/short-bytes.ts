// Short Uint8Arrays over memory of their own: most are messages by themselves, and V8 makes them ten times as fast as others.
import { types } from 'node:util';
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { TAG } from './tags.js';
import { ownerOf } from './travellers.js';

/** V8 keeps the memory of typed arrays up to here among its objects. */
const LONGEST_SHORT = 64;

const bytesPrototype = Uint8Array.prototype;
const nameOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(bytesPrototype), Symbol.toStringTag)!.get as (
  this: object,
) => string;
const sliceOf = bytesPrototype.slice as (this: Uint8Array, start: number, end: number) => Uint8Array;

/** Whether it is a plain Uint8Array over all of its memory, which is short and nobody else's. */
export function isShort(view: ArrayBufferView, buffer: ArrayBufferLike): view is Uint8Array {
  const { byteLength } = view;
  return (
    // A detached one has no bytes.
    byteLength > 0 &&
    byteLength <= LONGEST_SHORT &&
    byteLength === buffer.byteLength &&
    // Neither a Buffer nor of a class of the program's own.
    Object.getPrototypeOf(view) === bytesPrototype &&
    nameOf.call(view) === 'Uint8Array' &&
    !types.isSharedArrayBuffer(buffer) &&
    (buffer as { resizable?: boolean }).resizable !== true &&
    ownerOf(buffer) === undefined
  );
}

export function writeShort(writer: ByteWriter, bytes: Uint8Array): void {
  writer.tagged(TAG.SHORT_BYTES, bytes.length);
  writer.copy(bytes);
}

/** What `writeShort` wrote behind the tag. */
export function readShort(reader: ByteReader): Uint8Array {
  const length = reader.count();
  const { bytes, position } = reader;
  reader.position += length;
  // Not that of a Buffer, which would share the memory.
  return sliceOf.call(bytes, position, position + length);
}
