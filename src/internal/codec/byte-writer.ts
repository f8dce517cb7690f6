// Writes numbers and bytes one after the other into memory that grows.

// Up to here a loop beats `set`.
const LONGEST_LOOP = 8;
const LARGEST_VARINT_BYTES = 5;
const LARGEST_BYTES = 2 ** 32 - 64 * 1024;

/** Memory that a writer fills. After `grow` both views show memory that has at least that many bytes and the old contents. */
export interface Sink {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  grow(minBytes: number): void;
  /** Goes back to the memory that it began with, if that is another. */
  rewind?(): void;
}

/** Memory on the heap; doubles when it is full. */
export class HeapSink implements Sink {
  bytes: Uint8Array;
  view: DataView;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  grow(minBytes: number): void {
    if (minBytes > LARGEST_BYTES)
      throw new RangeError(`Expected a value of at most 4 GiB when encoded, got ${minBytes} bytes`);
    const grown = new Uint8Array(Math.min(LARGEST_BYTES, Math.max(this.bytes.length * 2, minBytes)));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

export class ByteWriter {
  /** The memory as it is now; another one after it has grown. */
  bytes: Uint8Array;
  view: DataView;
  /** Where the next byte goes. */
  position = 0;
  readonly #sink: Sink;

  /** `memory`: bytes to begin with on the heap, or where to write. */
  constructor(memory: number | Sink = 256) {
    this.#sink = typeof memory === 'number' ? new HeapSink(Math.max(memory, 16)) : memory;
    this.bytes = this.#sink.bytes;
    this.view = this.#sink.view;
  }

  reset(): void {
    this.position = 0;
    if (this.#sink.rewind === undefined) return;
    this.#sink.rewind();
    this.bytes = this.#sink.bytes;
    this.view = this.#sink.view;
  }

  /** Makes room for `count` more bytes. */
  ensure(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(this.position + count);
  }

  #grow(minBytes: number): void {
    this.#sink.grow(minBytes);
    this.bytes = this.#sink.bytes;
    this.view = this.#sink.view;
  }

  /** Leaves bytes as they are. */
  skip(count: number): void {
    this.ensure(count);
    this.position += count;
  }

  /** Zeroes up to the next multiple of `unit`, a power of two. */
  align(unit: number): void {
    this.ensure(unit);
    while (this.position % unit !== 0) this.bytes[this.position++] = 0;
  }

  byte(value: number): void {
    this.ensure(1);
    this.bytes[this.position++] = value;
  }

  /** An unsigned integer below 2^53 in as few bytes as it needs. */
  varint(value: number): void {
    this.ensure(2 * LARGEST_VARINT_BYTES);
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.position++] = rest;
  }

  tagged(tag: number, value: number): void {
    this.byte(tag);
    this.varint(value);
  }

  double(value: number): void {
    this.ensure(8);
    this.view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  copy(source: Uint8Array): void {
    const { length } = source;
    this.ensure(length);
    if (length <= LONGEST_LOOP) {
      const { bytes, position } = this;
      for (let i = 0; i < length; i++) bytes[position + i] = source[i]!;
    } else {
      this.bytes.set(source, this.position);
    }
    this.position += length;
  }
}
