// Items of queues: a value encoded into a block that carries its handles, with large binaries in blocks chained behind it.
// Small ones go through the call page, in one native call each way.
import { ByteReader } from '../codec/byte-reader.js';
import { ByteWriter, HeapSink, type Sink } from '../codec/byte-writer.js';
import { damaged } from '../codec/codec-error.js';
import { decode, type DecodeContext } from '../codec/decode.js';
import { encode, type Attachments, type EncodeContext } from '../codec/encode.js';
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

  /** Whether it may be kept for the next item. */
  get isSmall(): boolean {
    return this.#isInPage || this.#writer.bytes.byteLength <= LARGEST_SCRATCH_BYTES;
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
  if (packing === inPage) callPage().isWriting = false;
  else if (packing.isSmall) idle.push(packing);
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

/**
 * Puts the value as it is now if it is small and there is room: then 0, else the block with it, which is ours and still
 * to be put. Throws DataCloneError, and ERR_SHUT_DOWN also when there is no object `peer`; nothing is left behind then.
 */
export function sendItem(queue: number, value: unknown, path: string, peer = 0): number {
  const packing = begin();
  try {
    packing.write(value, path);
    const bytes = packing.bytesInPage;
    if (bytes < 0) return packing.store();
    const { words, send } = callPage();
    words[WORD.QUEUE] = queue;
    words[WORD.BYTES] = bytes;
    words[WORD.PEER] = peer;
    send();
    return words[WORD.OUTCOME]!;
  } finally {
    end(packing);
  }
}

/**
 * Takes the oldest item of a queue; NOT_YET when there is none, and none comes within `waitMs` (at most 50 ms). It stays in
 * the queue, to go to somebody else should we die, until it is complete here. One that cannot be read is gone, and the
 * error says why.
 */
export function takeItem(queue: number, waitMs: number): unknown {
  const page = callPage();
  const { words, receive } = page;
  words[WORD.QUEUE] = queue;
  words[WORD.BYTES] = page.isReading ? 0 : AREA_BYTES;
  words[WORD.LIMIT] = waitMs;
  receive();
  const outcome = words[WORD.OUTCOME]!;
  if (outcome === NOTHING) return NOT_YET;
  return outcome === DELIVERED ? readPage(page, words[WORD.BYTES]!) : readBlock(queue, outcome);
}

const NO_ATTACHMENTS: DecodeContext = {};
let pageReader: ByteReader | undefined;

function readPage(page: CallPage, bytes: number): unknown {
  const reader = (pageReader ??= new ByteReader(page.incoming));
  reader.continueWith(0, bytes);
  page.isReading = true;
  try {
    return decode(reader, NO_ATTACHMENTS);
  } finally {
    page.isReading = false;
  }
}

/** Reads a message where it is, delivers and frees it. */
function readBlock(queue: number, block: number): unknown {
  const shared = arena();
  const { native } = shared;
  const chained = shared.word(block, HEADER.NEXT) === 0 ? undefined : chainOf(block);
  const used = new Set<number>();
  const context: DecodeContext =
    chained === undefined
      ? NO_ATTACHMENTS
      : {
          attached: {
            take: (handle, byteLength) => {
              if (!chained.has(handle) || used.has(handle)) throw damaged('it refers to memory outside of it', 0);
              used.add(handle);
              return native.view(handle, 0, byteLength);
            },
          },
        };
  try {
    const { u8, start } = shared.payload(block);
    const reader = new ByteReader(u8, start, start + shared.word(block, HEADER.LENGTH));
    return decode(reader, context);
  } finally {
    native.takeFinish(queue);
    // From now on each large binary belongs to the view of it, and is freed with that.
    if (chained !== undefined) {
      shared.setWord(block, HEADER.NEXT, 0);
      for (const next of chained) {
        shared.setWord(next, HEADER.NEXT, 0);
        if (!used.has(next)) native.free(next);
      }
    }
    native.free(block);
  }
}

function chainOf(block: number): Set<number> {
  const shared = arena();
  const blocks = new Set<number>();
  let next = shared.word(block, HEADER.NEXT);
  while (next !== 0 && !blocks.has(next)) {
    blocks.add(next);
    next = shared.word(next, HEADER.NEXT);
  }
  return blocks;
}
