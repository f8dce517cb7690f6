// Messages as bytes: the range of a buffer that is to be sent or filled, and what a received message has in it.
import { types } from 'node:util';
import { BufferTooShortError } from '../../errors.js';
import { ByteWriter } from '../codec/byte-writer.js';
import { encode } from '../codec/encode.js';
import { integer, outOfRange, wrongType } from '../validate.js';

/** What `takeBytes` took: how many bytes it has copied, or the value that was no bytes or did not fit. */
export type BytesTaken = number | { readonly value: unknown };

/** The bytes to send, as a view of them. Throws RangeError when they are not within the buffer. */
export function bytesToSend(buffer: unknown, offset = 0, size?: number): Uint8Array {
  const all = bytesUnder('buffer', buffer);
  if (integer('offset', offset, 0) > all.byteLength) throw outOfRange('offset', `at most ${all.byteLength}`, offset);
  const most = all.byteLength - offset;
  if (size !== undefined && integer('size', size, 0) > most) throw outOfRange('size', `at most ${most}`, size);
  return Buffer.from(all.buffer, all.byteOffset + offset, size ?? most);
}

/** The bytes of a view to receive into. */
export function bytesToFill(view: unknown, offset: number): Uint8Array {
  if (!ArrayBuffer.isView(view)) throw wrongType('view', 'an array or Buffer over an ArrayBuffer', view);
  const all = bytesUnder('view', view);
  if (integer('offset', offset, 0) > all.byteLength) throw outOfRange('offset', `at most ${all.byteLength}`, offset);
  return all.subarray(offset);
}

function bytesUnder(name: string, value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  throw wrongType(name, 'an ArrayBuffer or a view of one', value);
}

/** Those of a message that is none are its encoded form. */
export function bytesOf(message: unknown): Buffer {
  if (types.isUint8Array(message)) return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const writer = new ByteWriter();
  encode(message, writer, { path: 'message' });
  return Buffer.from(writer.bytes.subarray(0, writer.position));
}

/** How many bytes were received into the target, where all that are there yet are those of a message that `sendBytes` sent. */
export function bytesFilled(target: Uint8Array, taken: BytesTaken): number {
  if (typeof taken === 'number') return taken;
  const bytes = bytesOf(taken.value);
  if (bytes.byteLength > target.byteLength) {
    throw new BufferTooShortError(`The message has ${bytes.byteLength} bytes, there is room for ${target.byteLength}`, {
      data: bytes,
    });
  }
  target.set(bytes);
  return bytes.byteLength;
}
