// Writes memory: ArrayBuffers, shared ones, and the views of both. Views of one buffer go on sharing it.
import { types } from 'node:util';
import type { Encoder } from './encoder.js';
import { isShort, writeShort } from './short-bytes.js';
import { BUFFER_VIEW, TAG, viewNumber } from './tags.js';
import { ownerOf } from './travellers.js';
import { describe, Uncloneable } from './uncloneable.js';

/** From here on a binary gets a block of its own instead of being copied twice. */
export const ATTACH_FROM = 32 * 1024;
const SHARED_REMEDY =
  'copy it (`sharedBuffer.slice(0)` or `new Uint8Array(view)`), use a SharedArray, or share it by using threads (start method "thread")';

type Resizable = ArrayBuffer & {
  readonly resizable?: boolean;
  readonly maxByteLength?: number;
  readonly detached?: boolean;
};

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const nameOf = Object.getOwnPropertyDescriptor(typedArrayPrototype, Symbol.toStringTag)!.get as (
  this: object,
) => string;
const valuesOf = Uint8Array.prototype.values as (this: object) => unknown;
const byteLengthOf = Object.getOwnPropertyDescriptor(DataView.prototype, 'byteLength')!.get as (this: object) => number;

export function encodeView(encoder: Encoder, view: ArrayBufferView): void {
  const { writer } = encoder;
  const { buffer } = view;
  if (isShort(view, buffer) && !encoder.knows(buffer)) {
    encoder.register(buffer);
    encoder.register(view);
    writeShort(writer, view);
    return;
  }
  if (!types.isSharedArrayBuffer(buffer)) checkAttached(buffer);
  if ((buffer as Resizable).resizable === true && isOutOfBounds(view))
    throw new Uncloneable('a view of memory that its buffer no longer has');
  const isBuffer = Buffer.isBuffer(view);
  const { byteOffset, byteLength } = view;
  // A small Buffer lies in a pool with others, which are none of the receiver's business.
  if (isBuffer && byteLength < buffer.byteLength && buffer.byteLength === Buffer.poolSize) {
    encoder.register(view);
    writer.tagged(TAG.BYTES, byteLength);
    writer.copy(view);
    return;
  }
  const name = types.isDataView(view) ? 'DataView' : nameOf.call(view);
  const number = isBuffer ? BUFFER_VIEW : viewNumber(name);
  if (number === undefined) throw new Uncloneable(describe(view));
  const elementBytes = (view as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  writer.byte(TAG.VIEW);
  writer.byte(number);
  writer.varint(byteOffset);
  writer.varint(followsLength(view) ? 0 : byteLength / elementBytes + 1);
  encoder.value(buffer);
  encoder.register(view);
}

/** True for a view without a length of its own. The language does not say; a view up to the end that grows with its buffer is one. */
function followsLength(view: ArrayBufferView): boolean {
  const buffer = view.buffer as Resizable & { growable?: boolean };
  if (buffer.resizable !== true || view.byteOffset + view.byteLength > buffer.byteLength) return false;
  const { byteLength } = buffer;
  const elementBytes = (view as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  if (byteLength - view.byteOffset - view.byteLength >= elementBytes) return false;
  return growsWith(view, buffer as unknown as ResizableBuffer, elementBytes);
}

interface ResizableBuffer {
  readonly byteLength: number;
  readonly maxByteLength: number;
  resize(byteLength: number): void;
}

/** Tries it, and puts things back. */
function growsWith(view: ArrayBufferView, buffer: ResizableBuffer, elementBytes: number): boolean {
  const { byteLength } = buffer;
  const before = view.byteLength;
  if (byteLength + elementBytes <= buffer.maxByteLength) {
    buffer.resize(byteLength + elementBytes);
    const grows = view.byteLength > before;
    buffer.resize(byteLength);
    return grows;
  }
  if (before === 0) return false;
  const last = byteLength - elementBytes;
  const kept = new Uint8Array(buffer as unknown as ArrayBuffer, last, elementBytes).slice();
  buffer.resize(last);
  const follows = !isOutOfBounds(view);
  buffer.resize(byteLength);
  new Uint8Array(buffer as unknown as ArrayBuffer).set(kept, last);
  return follows;
}

/** True when the buffer was cut off before the view's end. */
function isOutOfBounds(view: ArrayBufferView): boolean {
  try {
    // Both check first whether all of the view is still there.
    if (types.isDataView(view)) byteLengthOf.call(view);
    else valuesOf.call(view);
    return false;
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}

export function encodeBuffer(encoder: Encoder, buffer: ArrayBuffer | SharedArrayBuffer): void {
  const { writer, context } = encoder;
  if (types.isSharedArrayBuffer(buffer)) {
    if (context.sharedBuffers === undefined) refuseShared();
    encoder.register(buffer);
    writer.tagged(TAG.SHARED_BUFFER, context.sharedBuffers.put(buffer));
    return;
  }
  checkAttached(buffer);
  const owner = context.handles === undefined ? undefined : ownerOf(buffer);
  if (owner !== undefined) {
    writer.byte(TAG.OWNED_BUFFER);
    encoder.value(owner);
    encoder.register(buffer);
    return;
  }
  encoder.register(buffer);
  const { resizable, maxByteLength } = buffer as Resizable;
  const { byteLength } = buffer;
  const bytes = new Uint8Array(buffer);
  if (resizable === true) {
    writer.tagged(TAG.RESIZABLE_BUFFER, byteLength);
    writer.varint(maxByteLength!);
  } else if (context.attachments !== undefined && byteLength >= (context.attachFrom ?? ATTACH_FROM)) {
    writer.tagged(TAG.ATTACHED_BUFFER, byteLength);
    writer.varint(context.attachments.attach(bytes));
    return;
  } else {
    writer.tagged(TAG.ARRAY_BUFFER, byteLength);
  }
  writer.align(8);
  writer.copy(bytes);
}

function refuseShared(): never {
  throw new Uncloneable('a SharedArrayBuffer, which other processes cannot share', SHARED_REMEDY);
}

function checkAttached(buffer: ArrayBuffer): void {
  if ((buffer as Resizable).detached === true || (buffer.byteLength === 0 && isDetached(buffer))) {
    throw new Uncloneable('a detached ArrayBuffer', 'its memory was transferred elsewhere');
  }
}

/** For Node 20, where buffers cannot be asked. */
function isDetached(buffer: ArrayBuffer): boolean {
  if ('detached' in buffer) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}
