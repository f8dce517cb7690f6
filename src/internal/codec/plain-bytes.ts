// Messages that are bytes and nothing else: written as the Buffer that they arrive as, and found again without making one.
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import type { Attachments } from './encode.js';
import { ATTACH_FROM } from './encode-binary.js';
import { BUFFER_VIEW, TAG } from './tags.js';

/** Writes bytes as a Buffer of their own, whatever else is in their memory. */
export function encodeBytes(bytes: Uint8Array, writer: ByteWriter, attachments: Attachments): void {
  const { length } = bytes;
  if (length < ATTACH_FROM) {
    writer.tagged(TAG.BYTES, length);
    writer.copy(bytes);
    return;
  }
  writer.byte(TAG.VIEW);
  writer.byte(BUFFER_VIEW);
  writer.varint(0);
  writer.varint(length + 1);
  writer.tagged(TAG.ATTACHED_BUFFER, length);
  writer.varint(attachments.attach(bytes));
}

/** Where the bytes are that `encodeBytes` wrote. */
export interface BytesAt {
  readonly length: number;
  /** The memory outside of the encoded bytes; else they follow. */
  readonly handle: number | undefined;
}

/** Reads up to the bytes that `encodeBytes` wrote; undefined for any other value. */
export function findBytes(reader: ByteReader): BytesAt | undefined {
  const tag = reader.byte();
  if (tag === TAG.BYTES) return { length: reader.count(), handle: undefined };
  if (tag !== TAG.VIEW || reader.byte() !== BUFFER_VIEW || reader.varint() !== 0) return undefined;
  const length = reader.varint() - 1;
  const isAll = reader.byte() === TAG.ATTACHED_BUFFER && reader.varint() === length;
  return isAll ? { length, handle: reader.varint() } : undefined;
}
