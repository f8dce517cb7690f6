// Rebuilds memory and the views of it.
import { types } from 'node:util';
import { damaged } from './codec-error.js';
import type { Decoder } from './decoder.js';
import { BUFFER_VIEW, TAG, VIEWS } from './tags.js';
import { MEMORY } from './travellers.js';

const { allocUnsafe } = Buffer;
const copyOf = Buffer.prototype.copy as (
  this: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  start: number,
  end: number,
) => number;

type ResizableConstructor = new (byteLength: number, options: { maxByteLength: number }) => ArrayBuffer;

export function decodeBinary(decoder: Decoder, tag: number): object {
  switch (tag) {
    case TAG.ARRAY_BUFFER: {
      const byteLength = decoder.reader.varint();
      decoder.reader.align(8);
      return decoder.register(decoder.reader.buffer(byteLength));
    }
    case TAG.BYTES:
      return decoder.register(decodeBytes(decoder));
    case TAG.VIEW:
      return decodeView(decoder);
    case TAG.RESIZABLE_BUFFER:
      return decoder.register(decodeResizable(decoder));
    case TAG.ATTACHED_BUFFER:
      return decoder.register(decodeAttached(decoder));
    case TAG.SHARED_BUFFER:
      return decoder.register(decodeShared(decoder));
    case TAG.OWNED_BUFFER:
      return decoder.register(decodeOwned(decoder));
    default:
      throw damaged(`there is no tag ${tag}`, decoder.reader.position - 1);
  }
}

function decodeBytes(decoder: Decoder): Buffer {
  const { reader } = decoder;
  const byteLength = reader.count();
  const { bytes, position } = reader;
  reader.position += byteLength;
  // In Node's pool, as a small Buffer made here would be.
  const buffer = allocUnsafe(byteLength);
  copyOf.call(bytes, buffer, 0, position, position + byteLength);
  return buffer;
}

function decodeResizable(decoder: Decoder): ArrayBuffer {
  const { reader } = decoder;
  const byteLength = reader.varint();
  const maxByteLength = reader.varint();
  reader.align(8);
  const bytes = new Uint8Array(reader.buffer(byteLength));
  const buffer = new (ArrayBuffer as unknown as ResizableConstructor)(byteLength, { maxByteLength });
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

function decodeAttached(decoder: Decoder): ArrayBuffer {
  const { reader, context } = decoder;
  const byteLength = reader.varint();
  const handle = reader.varint();
  if (context.attached === undefined) throw damaged('it refers to memory outside of it', reader.position);
  return context.attached.take(handle, byteLength);
}

function decodeShared(decoder: Decoder): SharedArrayBuffer {
  const { reader, context } = decoder;
  const number = reader.varint();
  const buffer = context.sharedBuffers?.get(number);
  if (buffer === undefined) throw damaged(`there is no SharedArrayBuffer ${number}`, reader.position);
  return buffer;
}

function decodeOwned(decoder: Decoder): ArrayBuffer {
  const owner = decoder.value() as { [MEMORY]?: ArrayBuffer } | null;
  const memory = typeof owner === 'object' ? owner?.[MEMORY] : undefined;
  if (memory === undefined) throw damaged('memory has no owner', decoder.reader.position);
  return memory;
}

function decodeView(decoder: Decoder): object {
  const { reader } = decoder;
  const number = reader.byte();
  const [View, elementBytes] = VIEWS[number] ?? [];
  const byteOffset = reader.varint();
  const length = reader.varint() - 1;
  const buffer = decoder.value();
  if (!types.isAnyArrayBuffer(buffer)) throw damaged('a view has no buffer', reader.position);
  const bytes = (length < 0 ? 0 : length) * (elementBytes ?? 1);
  if (byteOffset % (elementBytes ?? 1) !== 0 || byteOffset + bytes > buffer.byteLength) {
    throw damaged('a view lies outside of its buffer', reader.position);
  }
  if (number === BUFFER_VIEW)
    return decoder.register(Buffer.from(buffer as ArrayBuffer, byteOffset, length < 0 ? undefined : length));
  if (View === undefined) throw damaged(`there is no view ${number}`, reader.position);
  return decoder.register(length < 0 ? new View(buffer, byteOffset) : new View(buffer, byteOffset, length));
}
