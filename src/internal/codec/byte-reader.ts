// Reads numbers and bytes one after the other, and never beyond the end it was given.
import { damaged } from './codec-error.js';

// Of larger memory the last view is not kept: it would keep the memory.
const LARGEST_KEPT_BYTES = 16 * 1024 * 1024;

let lastBytes: Uint8Array | undefined;
let lastView: DataView | undefined;

/** Readers come one after the other over the same memory; its view is made once. */
function viewOf(bytes: Uint8Array): DataView {
  if (bytes.length > LARGEST_KEPT_BYTES) return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes !== lastBytes || lastView === undefined) {
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    lastBytes = bytes;
  }
  return lastView;
}

export class ByteReader {
  readonly bytes: Uint8Array;
  position: number;
  /** Behind the last byte that may be read. */
  end: number;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = Math.min(end, bytes.length);
  }

  /** Goes on with other bytes of the same memory. */
  continueWith(position: number, end: number): void {
    this.position = position;
    this.end = Math.min(end, this.bytes.length);
  }

  get view(): DataView {
    this.#view ??= viewOf(this.bytes);
    return this.#view;
  }

  /** Throws unless `count` more bytes are there. */
  need(count: number): void {
    if (!(this.position + count <= this.end)) throw damaged(`${count} more bytes were expected`, this.position);
  }

  /** Goes to the next multiple of `unit`, a power of two. */
  align(unit: number): void {
    this.position = Math.ceil(this.position / unit) * unit;
  }

  byte(): number {
    if (this.position >= this.end) throw damaged('it is cut off', this.position);
    return this.bytes[this.position++]!;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let unit = 128;
    do {
      if (unit > 2 ** 49) throw damaged('a number is too long', this.position);
      byte = this.byte();
      value += (byte & 0x7f) * unit;
      unit *= 128;
    } while (byte >= 0x80);
    return value;
  }

  /** A count of things that take `unit` bytes each, checked against what is left: nobody allocates for what cannot be there. */
  count(unit = 1): number {
    const value = this.varint();
    if (value * unit > this.end - this.position) throw damaged(`${value} elements do not fit`, this.position);
    return value;
  }

  int32(): number {
    this.need(4);
    const value = this.view.getInt32(this.position, true);
    this.position += 4;
    return value;
  }

  double(): number {
    this.need(8);
    const value = this.view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** A copy of the next `count` bytes. */
  buffer(count: number): ArrayBuffer {
    this.need(count);
    const start = this.bytes.byteOffset + this.position;
    this.position += count;
    const { buffer } = this.bytes;
    if (buffer instanceof ArrayBuffer) return buffer.slice(start, start + count);
    const copy = new ArrayBuffer(count);
    new Uint8Array(copy).set(new Uint8Array(buffer, start, count));
    return copy;
  }
}
