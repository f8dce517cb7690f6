// Copies a value as it would arrive elsewhere.
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { decode } from './decode.js';
import { encode } from './encode.js';

/**
 * A copy made now; shared objects in it stay shared, and with `sharesMemory` SharedArrayBuffers too.
 *
 * @throws DataCloneError naming the path
 */
export function copyOf<T>(value: T, path: string, sharesMemory: boolean): T {
  const writer = new ByteWriter();
  const buffers: SharedArrayBuffer[] = [];
  const put = (buffer: SharedArrayBuffer): number => buffers.push(buffer);
  // Shared objects in it come home at once: nothing need carry them.
  encode(value, writer, { path, handles: [], sharedBuffers: sharesMemory ? { put } : undefined });
  const sharedBuffers = { get: (number: number) => buffers[number - 1] };
  return decode(new ByteReader(writer.bytes, 0, writer.position), { sharedBuffers }) as T;
}
