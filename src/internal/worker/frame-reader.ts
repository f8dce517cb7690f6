// Reads the frames of tasks in a worker, in place where they lie in the arena.
import type { MessagePort } from 'node:worker_threads';
import { ByteReader } from '../codec/byte-reader.js';
import { damaged, damagedMemory } from '../codec/codec-error.js';
import { decode, decodeItems, decodeLists, packedNumbers, type DecodeContext } from '../codec/decode.js';
import type { Arena } from '../memory/arena.js';
import {
  FRAME_FLAG,
  FRAME_HEADER_BYTES,
  FRAME_KIND,
  padded,
  readFrameHeader,
  TYPED_ARRAYS,
  TYPED_HEADER_BYTES,
} from '../engine/frame.js';
import type { TypedArray } from '../engine/engine.js';
import { takeBuffer } from './shared-buffers.js';

/** One task, ready to run but for its function. */
export interface Frame {
  readonly definition: number;
  readonly kind: number;
  readonly spread: boolean;
  /** The arguments of a call, or the items of a chunk. */
  readonly items: ArrayLike<unknown>;
  /** A chunk of typed arrays or of lists, all as long as each other; else there are none. */
  readonly columns: readonly ArrayLike<unknown>[];
  /** Captured values, or undefined. */
  readonly values: unknown;
  /** Chunks of typed arrays: index of the first element, and the type of the results. */
  readonly base: number;
  readonly resultType: (typeof TYPED_ARRAYS)[number];
}

export class FrameReader {
  readonly #arena: Arena;
  readonly #parentEntry: number;
  readonly #sharedBuffers: DecodeContext['sharedBuffers'];

  constructor(arena: Arena, parentEntry: number, port?: MessagePort) {
    this.#arena = arena;
    this.#parentEntry = parentEntry;
    this.#sharedBuffers = { get: (number) => takeBuffer(port, number) };
  }

  /** Length of the frame at `start`, in bytes. Throws unless it ends at `end` or before. */
  lengthAt(u8: Uint8Array, start: number, end: number): number {
    const length = start + FRAME_HEADER_BYTES <= end ? readFrameHeader(viewOf(u8), start).length : 0;
    if (length < FRAME_HEADER_BYTES || length % 8 !== 0 || length > end - start)
      throw damagedMemory(`a task of ${length} bytes where there are ${end - start}`);
    return length;
  }

  /** The frame at `start`, which ends at `last` or before. */
  read(u8: Uint8Array, start: number, last: number): Frame {
    const header = readFrameHeader(viewOf(u8), start);
    if (header.length > last - start) throw damaged(`a task of ${header.length} bytes`, start);
    if (header.kind === FRAME_KIND.STORED) {
      if (this.#arena.native.owner(header.extra) !== this.#parentEntry)
        throw damaged('a stored frame is not of the pool', start);
      const stored = this.#arena.payload(header.extra);
      if (stored.end - stored.start < FRAME_HEADER_BYTES) throw damaged('a stored frame is too short', stored.start);
      const { kind } = readFrameHeader(viewOf(stored.u8), stored.start);
      if (kind === FRAME_KIND.STORED) throw damaged('a stored frame refers to another one', stored.start);
      return this.read(stored.u8, stored.start, stored.end);
    }
    const keep = (header.flags & FRAME_FLAG.KEEP) !== 0;
    const context: DecodeContext = {
      attached: { take: (block, byteLength) => this.#attached(block, byteLength, keep) },
      sharedBuffers: this.#sharedBuffers,
    };
    const end = start + header.length;
    if (header.kind === FRAME_KIND.TYPED || header.kind === FRAME_KIND.COLUMNS)
      return this.#typed(u8, start, end, header, context);
    const reader = new ByteReader(u8, start + FRAME_HEADER_BYTES, end);
    const columns = header.kind === FRAME_KIND.LISTS ? listsOf(reader, context, header.extra) : [];
    const items = columns[0] ?? itemsOf(reader, context, header.kind);
    return {
      definition: header.definition,
      kind: header.kind,
      spread: (header.flags & FRAME_FLAG.SPREAD) !== 0,
      items,
      columns,
      values: (header.flags & FRAME_FLAG.VALUES) === 0 ? undefined : decode(reader, context),
      base: 0,
      resultType: Float64Array,
    };
  }

  /** The encoded value that a block holds. */
  value(block: number): unknown {
    const { u8, start, end } = this.#arena.payload(block);
    const context: DecodeContext = {
      attached: { take: (handle, byteLength) => this.#attached(handle, byteLength, true) },
    };
    return decode(new ByteReader(u8, start, end), context);
  }

  #typed(
    u8: Uint8Array,
    start: number,
    end: number,
    header: ReturnType<typeof readFrameHeader>,
    context: DecodeContext,
  ): Frame {
    const view = viewOf(u8);
    const count = view.getUint32(start + FRAME_HEADER_BYTES, true);
    const width = view.getUint32(start + FRAME_HEADER_BYTES + 4, true);
    const Results = TYPED_ARRAYS[view.getUint32(start + FRAME_HEADER_BYTES + 8, true)];
    if (Results === undefined) throw damaged('there is no such element type', start);
    const typesAt = start + FRAME_HEADER_BYTES + TYPED_HEADER_BYTES;
    if (width < 1 || 4 * width > end - typesAt) throw damaged(`${width} columns`, start);
    let at = typesAt + padded(4 * width);
    const columns = Array.from({ length: width }, (_, i) => {
      const Elements = TYPED_ARRAYS[view.getUint32(typesAt + 4 * i, true)];
      if (Elements === undefined) throw damaged('there is no such element type', start);
      if (count * Elements.BYTES_PER_ELEMENT > end - at) throw damaged(`${count} items`, start);
      const column = new Elements(u8.buffer as ArrayBuffer, u8.byteOffset + at, count);
      at += padded(column.byteLength);
      return column;
    });
    const hasValues = (header.flags & FRAME_FLAG.VALUES) !== 0;
    return {
      definition: header.definition,
      kind: header.kind,
      spread: (header.flags & FRAME_FLAG.SPREAD) !== 0,
      items: columns[0] as TypedArray,
      columns,
      values: hasValues ? decode(new ByteReader(u8, at, end), context) : undefined,
      base: header.extra,
      resultType: Results,
    };
  }

  /** Takes a large binary over from the pool, or copies it when the task may be run again. */
  #attached(block: number, byteLength: number, keep: boolean): ArrayBuffer {
    if (!keep && this.#arena.native.adopt(block, this.#parentEntry)) return this.#arena.takeOver(block, byteLength);
    const copy = new Uint8Array(byteLength);
    this.#arena.native.read(block, 0, copy);
    return copy.buffer;
  }
}

function itemsOf(reader: ByteReader, context: DecodeContext, kind: number): ArrayLike<unknown> {
  if (kind === FRAME_KIND.CALL) return decode(reader, context) as unknown[];
  return packedNumbers(reader) ?? decodeItems(reader, context);
}

function listsOf(reader: ByteReader, context: DecodeContext, count: number): ArrayLike<unknown>[] {
  const lists = decodeLists(reader, context);
  if (lists.length === 0 || lists.some(({ length }) => length !== count))
    throw damaged(`${count} calls with other lists`, reader.position);
  return lists;
}

const views = new WeakMap<ArrayBufferLike, DataView>();

/** A view over the whole of the memory that `u8` spans, made once for each segment. */
function viewOf(u8: Uint8Array): DataView {
  if (u8.byteOffset !== 0) return new DataView(u8.buffer, u8.byteOffset, u8.byteLength);
  let view = views.get(u8.buffer);
  if (view === undefined) {
    view = new DataView(u8.buffer);
    views.set(u8.buffer, view);
  }
  return view;
}
