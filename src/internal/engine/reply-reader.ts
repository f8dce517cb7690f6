// Reads the replies of workers: those inside a batch, and those that came as messages of their own.
import type { MessagePort } from 'node:worker_threads';
import { ResultEncodingError } from '../../errors.js';
import { ByteReader } from '../codec/byte-reader.js';
import { damaged } from '../codec/codec-error.js';
import { decode, decodeItems, packedNumbers, type DecodeContext } from '../codec/decode.js';
import { HEADER, type Arena } from '../memory/arena.js';
import { FRAME_KIND } from './frame.js';
import type { InFlight } from './in-flight.js';
import { REPLY_HEADER_BYTES, REPLY_WORD, STATUS } from './messages.js';
import { takeBuffer } from '../worker/shared-buffers.js';
import type { ItemOutcomes } from './engine.js';
import { ResultList } from './result-list.js';
import type { Task } from './task.js';

export type Reply = { readonly micros: number } & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown }
);

export class ReplyReader {
  readonly #arena: Arena;
  readonly #context: DecodeContext;
  /** Of the worker whose reply is being read. */
  #port: MessagePort | undefined;
  /** Blocks that came chained behind the message being read and that no value has taken yet. */
  #attached = new Set<number>();

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#context = {
      attached: { take: (block, byteLength) => this.#takeOver(block, byteLength) },
      sharedBuffers: { get: (number) => takeBuffer(this.#port, number) },
    };
  }

  /** Calls `settle` for every reply of the batch that is complete and was not read yet. */
  read(inFlight: InFlight, settle: (task: Task, reply: Reply) => void): void {
    const { batch, tasks } = inFlight;
    const done = inFlight.progress?.done ?? 0;
    const end = batch.capacity;
    while (inFlight.seen < done) {
      const at = batch.start + inFlight.replyAt;
      const word = u32(batch.u8, at);
      const length = u32(batch.u8, at + 4);
      const task = tasks[inFlight.seen];
      if (length < REPLY_HEADER_BYTES || inFlight.replyAt + length > end) {
        // No worker of ours writes this. Where the replies behind it begin is unknown: all of them are lost.
        const error = damaged('a reply has no end', inFlight.replyAt);
        for (const lost of tasks.slice(inFlight.seen, done)) settle(lost, { micros: 0, ok: false, error });
        inFlight.seen = done;
        return;
      }
      const elsewhere = (word & 0xff) === STATUS.ELSEWHERE;
      // Its message is in the queue by now, but shared memory was faster: what comes after is read after it.
      if (elsewhere && task?.state === 'sent') return;
      inFlight.replyAt += length;
      inFlight.seen++;
      if (!elsewhere && task !== undefined) settle(task, this.#reply(batch.u8, at, length, task));
    }
  }

  /**
   * Opens a REPLY message. The large binaries chained behind it are cut off: from now on each belongs to the value that
   * is made of it, and what no value takes is freed by `close`.
   */
  message(block: number): { batchBlock: number; index: number; open: (task: Task) => Reply } {
    const { u8, start, end } = this.#arena.payload(block);
    let last = block;
    for (;;) {
      const next = this.#arena.word(last, HEADER.NEXT);
      if (next === 0) break;
      this.#arena.setWord(last, HEADER.NEXT, 0);
      this.#attached.add(next);
      last = next;
    }
    return {
      batchBlock: this.#arena.word(block, REPLY_WORD.BATCH),
      index: this.#arena.word(block, REPLY_WORD.INDEX),
      open: (task) => this.#reply(u8, start, end - start, task),
    };
  }

  /** Frees a REPLY message and the binaries that no value has taken. */
  close(block: number): void {
    for (const unused of this.#attached) this.#arena.discard(unused);
    this.#attached.clear();
    this.#arena.discard(block);
  }

  /** The encoded value that a block holds. */
  value(block: number): unknown {
    const { u8, start, end } = this.#arena.payload(block);
    return decode(new ByteReader(u8, start, end), this.#context);
  }

  /** A copy of the bytes that a block holds. */
  bytes(block: number): Uint8Array {
    const { u8, start, end } = this.#arena.payload(block);
    return u8.slice(start, end);
  }

  #reply(u8: Uint8Array, start: number, length: number, task: Task): Reply {
    const word = u32(u8, start);
    const micros = word >>> 8;
    const reader = new ByteReader(u8, start + REPLY_HEADER_BYTES, start + length);
    this.#port = task.inFlight?.worker.port;
    try {
      switch (word & 0xff) {
        case STATUS.OK:
          return { micros, ok: true, value: this.#value(reader, task, u8, start, length) };
        case STATUS.THREW:
          return { micros, ok: false, error: decode(reader, this.#context) };
        default:
          return { micros, ok: false, error: unencodable(decode(reader, this.#context)) };
      }
    } catch (error) {
      return { micros, ok: false, error };
    }
  }

  #value(reader: ByteReader, task: Task, u8: Uint8Array, start: number, length: number): unknown {
    switch (task.kind) {
      case FRAME_KIND.CALL:
        return decode(reader, this.#context);
      case FRAME_KIND.ITEMS:
      case FRAME_KIND.COLUMNS:
      case FRAME_KIND.LISTS:
        return this.#items(reader, task);
      case FRAME_KIND.EACH: {
        const values = decodeItems(reader, this.#context);
        const failures = decode(reader, this.#context) as [number, boolean, unknown][];
        const entries = failures.map(([i, wasEncoded, error]): [number, unknown] => [
          i,
          wasEncoded ? error : unencodable(error),
        ]);
        return { values, failures: new Map(entries) } satisfies ItemOutcomes;
      }
      default:
        storeResults(task, u8.subarray(start + REPLY_HEADER_BYTES, start + length));
        return undefined;
    }
  }

  /** The results of a chunk, or undefined when they are in their place by now. */
  #items(reader: ByteReader, { place }: Task): unknown[] | undefined {
    if (place === undefined || !(place.target instanceof ResultList)) return decodeItems(reader, this.#context);
    const { target, start, count } = place;
    const numbers = packedNumbers(reader);
    const results = numbers ?? decodeItems(reader, this.#context);
    if (results.length !== count) throw damaged(`${count} results are ${results.length}`, reader.position);
    if (numbers === undefined) target.put(start, results as unknown[]);
    else target.putNumbers(start, numbers);
    return undefined;
  }

  /** A large binary becomes an ArrayBuffer over its own block; the block is freed when that is collected. */
  #takeOver(block: number, byteLength: number): ArrayBuffer {
    if (!this.#attached.delete(block)) throw damaged('it refers to memory outside of it', 0);
    return this.#arena.takeOver(block, byteLength);
  }
}

/** Copies the results of a typed chunk to their place in the target. */
function storeResults(task: Task, results: Uint8Array): void {
  if (task.place === undefined || task.place.target instanceof ResultList) return;
  const { target, start, count } = task.place;
  const bytes = count * target.BYTES_PER_ELEMENT;
  if (results.length < bytes) throw damaged(`${bytes} bytes of results end`, results.length);
  new Uint8Array(target.buffer, target.byteOffset + start * target.BYTES_PER_ELEMENT, bytes).set(
    results.subarray(0, bytes),
  );
}

function unencodable(cause: unknown): ResultEncodingError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ResultEncodingError(`The result of the task cannot be copied: ${why}`, { cause });
}

function u32(u8: Uint8Array, at: number): number {
  return ((u8[at] ?? 0) | ((u8[at + 1] ?? 0) << 8) | ((u8[at + 2] ?? 0) << 16) | ((u8[at + 3] ?? 0) << 24)) >>> 0;
}
