// Encodes items one after the other: into the call page, or beyond it into the heap, with large binaries in blocks of their own.
import { ByteWriter, HeapSink, type Sink } from '../codec/byte-writer.js';
import type { Attachments, EncodeContext } from '../codec/encode.js';
import { empty } from '../codec/references.js';
import { arena, HEADER } from '../memory/arena.js';
import { AREA_BYTES, callPage } from '../memory/call-page.js';

const SCRATCH_BYTES = 16 * 1024;
const LARGEST_SCRATCH_BYTES = 1024 * 1024;

/** How an item is encoded: as any value, or as bytes that arrive as a Buffer of their own. */
export type Encode<T> = (item: T, writer: ByteWriter, context: EncodeContext & Attachments) => void;

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
export class Packing implements EncodeContext, Attachments {
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
  write<T>(item: T, path: string, encodeItem: Encode<T>): void {
    this.path = path;
    this.#writer.reset();
    try {
      encodeItem(item, this.#writer, this);
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

/** The one to write the next item with; `endPacking` takes it back. */
export function beginPacking(): Packing {
  const page = callPage();
  if (page.isWriting) return idle.pop() ?? new Packing(false);
  page.isWriting = true;
  return (inPage ??= new Packing(true));
}

export function endPacking(packing: Packing): void {
  const isKept = packing.rest();
  if (packing === inPage) callPage().isWriting = false;
  else if (isKept) idle.push(packing);
}
