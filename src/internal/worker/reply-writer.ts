// Writes the replies of a worker: into the batch where they fit, else as a message of their own.
import type { MessagePort } from 'node:worker_threads';
import { ByteWriter } from '../codec/byte-writer.js';
import { encode, encodeItems, type EncodeContext } from '../codec/encode.js';
import type { Batch } from '../engine/batch.js';
import { padded } from '../engine/frame.js';
import { LONGEST_MICROS, REPLY_HEADER_BYTES, REPLY_WORD, STATUS, TO_POOL } from '../engine/messages.js';
import { HEADER, type Arena } from '../memory/arena.js';
import type { Outbox } from './outbox.js';
import type { NumberedBuffer } from './shared-buffers.js';
import { withThrown } from './uncopyable-error.js';

/** Where a worker is in a batch. */
export interface ReplyPosition {
  /** Tasks in the batch. */
  readonly count: number;
  /** Replies written. */
  done: number;
  /** Where the next one goes, from the start of the batch's payload. */
  replyAt: number;
}

const SCRATCH_BYTES = 16 * 1024;
const LARGEST_SCRATCH_BYTES = 1024 * 1024;

export class ReplyWriter {
  readonly #arena: Arena;
  readonly #outbox: Outbox;
  #scratch = new ByteWriter(SCRATCH_BYTES);
  /** Blocks of large binaries of the reply being written, chained behind it when it is sent. */
  #attached: number[] = [];
  /** Shared objects in the reply being written. */
  readonly #handles: number[] = [];
  /** The reply being written refers to a SharedArrayBuffer. */
  #shares = false;
  #shared = 0;
  readonly #context: EncodeContext;

  constructor(arena: Arena, outbox: Outbox, port?: MessagePort) {
    this.#arena = arena;
    this.#outbox = outbox;
    const put = (buffer: SharedArrayBuffer): number => {
      this.#shares = true;
      const numbered: NumberedBuffer = [++this.#shared, buffer];
      port?.postMessage(numbered);
      return this.#shared;
    };
    this.#context = {
      path: 'result',
      handles: this.#handles,
      attachments: { attach: (bytes) => this.#attach(bytes) },
      sharedBuffers: port && { put },
    };
  }

  /** The reply that `write` encodes; throws what `write` throws and leaves nothing behind. */
  ok(
    batch: Batch,
    at: ReplyPosition,
    micros: number,
    write: (writer: ByteWriter, context: EncodeContext) => void,
  ): void {
    this.#write(batch, at, STATUS.OK, micros, write);
  }

  /** Results of a chunk whose items fail singly: `failures` are [index, was encoded, error]. */
  each(
    batch: Batch,
    at: ReplyPosition,
    micros: number,
    values: unknown[],
    failures: [number, boolean, unknown][],
  ): void {
    const write = (writer: ByteWriter, context: EncodeContext): void => {
      encodeItems(values, 0, values.length, writer, context);
      encode(failures, writer, context);
    };
    try {
      this.ok(batch, at, micros, write);
    } catch {
      // Something in it cannot be encoded: find out what, so that only those items fail.
      values.forEach((value, i) => {
        const cause = this.#refusal(value);
        if (cause === undefined) return;
        values[i] = undefined;
        failures.push([i, false, cause]);
      });
      for (const failure of failures) {
        const cause = this.#refusal(failure[2], 'error');
        if (cause !== undefined) failure.splice(1, 2, false, failure[1] ? withThrown(cause, failure[2]) : cause);
      }
      this.ok(batch, at, micros, write);
    }
  }

  /** Why a value cannot be encoded; undefined when it can. */
  #refusal(value: unknown, path = 'result'): unknown {
    try {
      encode(value, new ByteWriter(), { ...this.#context, path, handles: [], attachments: undefined });
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** The task threw; when that cannot be encoded, the reply says why. */
  threw(batch: Batch, at: ReplyPosition, micros: number, error: unknown): void {
    try {
      this.#write(batch, at, STATUS.THREW, micros, (writer) =>
        encode(error, writer, { ...this.#context, path: 'error' }),
      );
    } catch (cause) {
      this.unencodable(batch, at, micros, withThrown(cause, error));
    }
  }

  /** The result could not be encoded. */
  unencodable(batch: Batch, at: ReplyPosition, micros: number, cause: unknown): void {
    this.#write(batch, at, STATUS.UNENCODABLE, micros, (writer) => {
      const start = writer.position;
      try {
        encode(cause, writer, this.#context);
      } catch (error) {
        writer.position = start;
        encode(error, writer, this.#context);
      }
    });
  }

  /** A reply that was written into a block of its own already (a typed chunk): `length` bytes from the header on. */
  stored(batch: Batch, at: ReplyPosition, micros: number, block: number, length: number): void {
    const start = this.#arena.offsetOf(block) + this.#arena.headerBytes;
    header(this.#arena.segmentOf(block).u8, start, STATUS.OK, micros, length);
    this.#arena.setWord(block, HEADER.LENGTH, length);
    this.#send(batch, at, block);
  }

  #write(
    batch: Batch,
    at: ReplyPosition,
    status: number,
    micros: number,
    write: (writer: ByteWriter, context: EncodeContext) => void,
  ): void {
    const scratch = this.#scratch;
    scratch.reset();
    scratch.skip(REPLY_HEADER_BYTES);
    this.#attached = [];
    if (this.#handles.length > 0) this.#handles.length = 0;
    this.#shares = false;
    try {
      write(scratch, this.#context);
    } catch (error) {
      for (const block of this.#attached) this.#arena.native.free(block);
      throw error;
    }
    const length = padded(scratch.position);
    scratch.align(8);
    header(scratch.bytes, 0, status, micros, length);
    const fits = at.replyAt + length + REPLY_HEADER_BYTES * (at.count - at.done - 1) <= batch.capacity;
    const { printed } = this.#outbox;
    this.#outbox.printed = false;
    // Replies that share memory all come by the queue, so that the pool reads them in the order in which they were sent.
    const whole = this.#attached.length === 0 && this.#handles.length === 0 && !this.#shares;
    if (fits && whole && !printed) {
      batch.u8.set(scratch.bytes.subarray(0, length), batch.start + at.replyAt);
      at.replyAt += length;
      batch.completed(++at.done, at.replyAt);
    } else {
      const block = this.#arena.store(scratch.bytes.subarray(0, length), this.#handles);
      this.#chain(block);
      this.#send(batch, at, block);
    }
    if (scratch.bytes.byteLength > LARGEST_SCRATCH_BYTES) this.#scratch = new ByteWriter(SCRATCH_BYTES);
  }

  /** Publishes the reply before the batch says that the task is done, so that neither can be there without the other. */
  #send(batch: Batch, at: ReplyPosition, block: number): void {
    this.#arena.setWord(block, REPLY_WORD.BATCH, batch.block);
    this.#arena.setWord(block, REPLY_WORD.INDEX, at.done);
    this.#outbox.send(TO_POOL.REPLY, block);
    header(batch.u8, batch.start + at.replyAt, STATUS.ELSEWHERE, 0, REPLY_HEADER_BYTES);
    at.replyAt += REPLY_HEADER_BYTES;
    batch.completed(++at.done, at.replyAt);
  }

  /** Blocks chained behind a message go with it, whatever becomes of the sender. */
  #chain(block: number): void {
    let last = block;
    for (const next of this.#attached) {
      this.#arena.setWord(last, HEADER.NEXT, next);
      last = next;
    }
  }

  #attach(bytes: Uint8Array): number {
    const block = this.#arena.store(bytes);
    this.#attached.push(block);
    return block;
  }
}

function header(u8: Uint8Array, at: number, status: number, micros: number, length: number): void {
  const word = (status | (Math.min(LONGEST_MICROS, Math.round(micros)) << 8)) >>> 0;
  for (let i = 0; i < 4; i++) {
    u8[at + i] = word >>> (8 * i);
    u8[at + 4 + i] = length >>> (8 * i);
  }
}
