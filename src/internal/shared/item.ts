// Items of queues: a value encoded into a block that carries its handles, with large binaries in blocks chained behind it.
// Small ones go through the call page, in one native call each way.
import { ByteReader } from '../codec/byte-reader.js';
import { ByteWriter, HeapSink, type Sink } from '../codec/byte-writer.js';
import { damaged } from '../codec/codec-error.js';
import { decode, type DecodeContext } from '../codec/decode.js';
import { encode, type Attachments, type EncodeContext } from '../codec/encode.js';
import { encodeBytes, findBytes, type BytesAt } from '../codec/plain-bytes.js';
import { empty } from '../codec/references.js';
import { arena, HEADER } from '../memory/arena.js';
import { AREA_BYTES, callPage, type CallPage, DELIVERED, NOTHING, WORD } from '../memory/call-page.js';
import { NOT_YET } from './wait-line.js';

const SCRATCH_BYTES = 16 * 1024;
const LARGEST_SCRATCH_BYTES = 1024 * 1024;

/** Begins in the call page, and goes on in the heap where that is too small. */
class PageSink implements Sink {
  readonly #page = callPage().outgoing;
  readonly #pageView = new DataView(this.#page.buffer, this.#page.byteOffset, this.#page.byteLength);
  #heap: HeapSink | undefined;
  bytes = this.#page;
  view = this.#pageView;

  grow(minBytes: number): void {
    if (this.bytes === this.#page) {
      this.#heap ??= new HeapSink(SCRATCH_BYTES);
      this.#heap.bytes.set(this.#page);
    }
    if (minBytes > this.#heap!.bytes.length) this.#heap!.grow(minBytes);
    this.bytes = this.#heap!.bytes;
    this.view = this.#heap!.view;
  }

  rewind(): void {
    if (this.#heap !== undefined && this.#heap.bytes.length > LARGEST_SCRATCH_BYTES) this.#heap = undefined;
    this.bytes = this.#page;
    this.view = this.#pageView;
  }
}

/** Encodes one item after the other. */
class Packing implements EncodeContext, Attachments {
  path = '';
  readonly handles: number[] = [];
  readonly attachments = this;
  readonly #writer: ByteWriter;
  readonly #attached: number[] = [];
  readonly #isInPage: boolean;

  constructor(isInPage: boolean) {
    this.#isInPage = isInPage;
    this.#writer = new ByteWriter(isInPage ? new PageSink() : SCRATCH_BYTES);
  }

  attach(bytes: Uint8Array): number {
    const block = arena().store(bytes);
    this.#attached.push(block);
    return block;
  }

  /** Throws DataCloneError and leaves nothing behind. */
  write(value: unknown, path: string): void {
    this.path = path;
    this.#writer.reset();
    try {
      encode(value, this.#writer, this);
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** The same for bytes that arrive as a Buffer of their own. */
  writeBytes(bytes: Uint8Array): void {
    this.#writer.reset();
    try {
      encodeBytes(bytes, this.#writer, this);
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** Bytes of what was written, when nothing but the page is needed to send it, else -1. */
  get bytesInPage(): number {
    const { position, bytes } = this.#writer;
    const isAlone = this.handles.length === 0 && this.#attached.length === 0;
    return this.#isInPage && isAlone && bytes.length === AREA_BYTES ? position : -1;
  }

  /** A block of ours with what was written. */
  store(): number {
    const shared = arena();
    let block: number;
    try {
      block = shared.store(this.#writer.bytes.subarray(0, this.#writer.position), this.handles);
    } catch (error) {
      this.#drop();
      throw error;
    }
    let last = block;
    for (const next of this.#attached) {
      shared.setWord(last, HEADER.NEXT, next);
      last = next;
    }
    this.#forget();
    return block;
  }

  /** Makes itself ready for the next item; false when it is too large to be kept. */
  rest(): boolean {
    if (this.#writer.bytes.byteLength <= LARGEST_SCRATCH_BYTES) return true;
    // The page gives up the heap that it went on in.
    this.#writer.reset();
    return this.#isInPage;
  }

  #drop(): void {
    for (const block of this.#attached) arena().native.free(block);
    this.#forget();
  }

  #forget(): void {
    empty(this.handles);
    empty(this.#attached);
  }
}

let inPage: Packing | undefined;
// A getter in a value may put something itself, so each takes a packing of its own while it writes.
const idle: Packing[] = [];

function begin(): Packing {
  const page = callPage();
  if (page.isWriting) return idle.pop() ?? new Packing(false);
  page.isWriting = true;
  return (inPage ??= new Packing(true));
}

function end(packing: Packing): void {
  const isKept = packing.rest();
  if (packing === inPage) callPage().isWriting = false;
  else if (isKept) idle.push(packing);
}

/** A block of ours with the value as it is now. Throws DataCloneError and leaves nothing behind. */
export function packItem(value: unknown, path: string): number {
  const packing = begin();
  try {
    packing.write(value, path);
    return packing.store();
  } finally {
    end(packing);
  }
}

/** The same for bytes. */
export function packBytes(bytes: Uint8Array): number {
  const packing = begin();
  try {
    packing.writeBytes(bytes);
    return packing.store();
  } finally {
    end(packing);
  }
}

/**
 * Puts the value as it is now if it is small and there is room: then 0, else the block with it, which is ours and still
 * to be put. Throws DataCloneError, and ERR_SHUT_DOWN also when there is no object `peer`; nothing is left behind then.
 */
export function sendItem(queue: number, value: unknown, path: string, peer = 0): number {
  const packing = begin();
  try {
    packing.write(value, path);
    return send(packing, queue, peer);
  } finally {
    end(packing);
  }
}

/** The same for bytes. */
export function sendBytes(queue: number, bytes: Uint8Array, peer: number): number {
  const packing = begin();
  try {
    packing.writeBytes(bytes);
    return send(packing, queue, peer);
  } finally {
    end(packing);
  }
}

function send(packing: Packing, queue: number, peer: number): number {
  const bytes = packing.bytesInPage;
  if (bytes < 0) return packing.store();
  const page = callPage();
  const { words } = page;
  words[WORD.QUEUE] = queue;
  words[WORD.BYTES] = bytes;
  words[WORD.PEER] = peer;
  page.send();
  return words[WORD.OUTCOME]!;
}

/**
 * Takes the oldest item of a queue; NOT_YET when there is none, and none comes within `waitMs` (at most 50 ms). It stays in
 * the queue, to go to somebody else should we die, until it is complete here. One that cannot be read is gone, and the
 * error says why.
 */
export function takeItem(queue: number, waitMs: number): unknown {
  const page = callPage();
  const outcome = receive(page, queue, waitMs);
  if (outcome === NOTHING) return NOT_YET;
  return outcome === DELIVERED ? readPage(page, decodeAll) : readBlock(queue, outcome, decodeAll);
}

/**
 * The same for one that is bytes and fits into `target`: they are copied there, and their number is the result. Of any
 * other one it is the value.
 */
export function takeBytes(
  queue: number,
  target: Uint8Array,
  waitMs: number,
): number | { readonly value: unknown } | typeof NOT_YET {
  const page = callPage();
  const outcome = receive(page, queue, waitMs);
  if (outcome === NOTHING) return NOT_YET;
  const read: Read<number | { value: unknown }> = (reader, chained) => {
    const { position } = reader;
    const found = findBytes(reader);
    if (found !== undefined && found.length <= target.length) {
      copyBytes(found, reader, chained, target);
      return found.length;
    }
    reader.position = position;
    return { value: decodeAll(reader, chained) };
  };
  return outcome === DELIVERED ? readPage(page, read) : readBlock(queue, outcome, read);
}

function copyBytes({ length, handle }: BytesAt, reader: ByteReader, chained: Chain, target: Uint8Array): void {
  if (handle === undefined) {
    reader.need(length);
    target.set(reader.bytes.subarray(reader.position, reader.position + length));
    return;
  }
  if (!chained.has(handle)) throw strange();
  arena().copyInto(handle, target.subarray(0, length));
}

function receive(page: CallPage, queue: number, waitMs: number): number {
  const { words } = page;
  words[WORD.QUEUE] = queue;
  words[WORD.BYTES] = page.isReading ? 0 : AREA_BYTES;
  words[WORD.LIMIT] = waitMs;
  page.receive();
  return words[WORD.OUTCOME]!;
}

/** The blocks behind the first one of a message. */
type Chain = ReadonlySet<number>;
type Read<T> = (reader: ByteReader, chained: Chain) => T;

const ALONE: Chain = new Set();
const NO_ATTACHMENTS: DecodeContext = {};
let pageReader: ByteReader | undefined;

function decodeAll(reader: ByteReader, chained: Chain): unknown {
  return decode(reader, chained.size === 0 ? NO_ATTACHMENTS : { attached: { take: copyOf(chained) } });
}

/** Not a view: its block would come back when the event loop turns, and who waits in its thread never does. */
function copyOf(chained: Chain) {
  return (handle: number, byteLength: number): ArrayBuffer => {
    if (!chained.has(handle)) throw strange();
    return arena().copyOf(handle, byteLength);
  };
}

function strange(): Error {
  return damaged('it refers to memory outside of it', 0);
}

function readPage<T>(page: CallPage, read: Read<T>): T {
  const reader = (pageReader ??= new ByteReader(page.incoming));
  reader.continueWith(0, page.words[WORD.BYTES]!);
  page.isReading = true;
  try {
    return read(reader, ALONE);
  } finally {
    page.isReading = false;
  }
}

/** Reads a message where it is, delivers and frees it. */
function readBlock<T>(queue: number, block: number, read: Read<T>): T {
  const shared = arena();
  const chained = shared.word(block, HEADER.NEXT) === 0 ? ALONE : chainOf(block);
  try {
    const { u8, start } = shared.payload(block);
    return read(new ByteReader(u8, start, start + shared.word(block, HEADER.LENGTH)), chained);
  } finally {
    shared.native.takeFinish(queue);
    shared.native.free(block);
  }
}

function chainOf(block: number): Chain {
  const shared = arena();
  const blocks = new Set<number>();
  let next = shared.word(block, HEADER.NEXT);
  while (next !== 0 && !blocks.has(next)) {
    blocks.add(next);
    next = shared.word(next, HEADER.NEXT);
  }
  return blocks;
}
