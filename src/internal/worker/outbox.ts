// A worker's way back to its pool: publishes blocks in the pool's queue of replies.
import { ByteWriter } from '../codec/byte-writer.js';
import { encode } from '../codec/encode.js';
import { HEADER, type Arena } from '../memory/arena.js';
import { SIDE } from '../memory/doorbell.js';
import { OUTPUT_WORD, TO_POOL } from '../engine/messages.js';

const SLICE_MS = 50;

export class Outbox {
  readonly #arena: Arena;
  readonly #queue: number;
  /** Something was printed since the last reply: that one has to come through the queue, behind it. */
  printed = false;

  constructor(arena: Arena, queue: number) {
    this.#arena = arena;
    this.#queue = queue;
  }

  /** Publishes a block; waits while the pool is behind with reading. */
  publish(block: number, kind: number): void {
    this.#arena.setWord(block, HEADER.KIND, kind);
    while (this.#arena.native.put(this.#queue, block) === 0) this.#waitSlice();
  }

  /** Publishes a message of our own making. */
  send(kind: number, block: number): void {
    this.#arena.setWord(block, HEADER.SENDER, this.#arena.entry);
    this.publish(block, kind);
  }

  /** A message without payload. */
  signal(kind: number): void {
    this.send(kind, this.#arena.native.alloc(0));
  }

  /** What a thread prints, byte for byte: a character may come in two parts. */
  output(fd: 1 | 2, chunk: string | Uint8Array): void {
    this.printed = true;
    const block = this.#arena.store(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    this.#arena.setWord(block, OUTPUT_WORD.FD, fd);
    this.send(TO_POOL.OUTPUT, block);
  }

  /** A message with an encoded value. */
  value(kind: number, value: unknown): void {
    const writer = new ByteWriter();
    const handles: number[] = [];
    encode(value, writer, { path: 'value', handles });
    this.send(kind, this.#arena.store(writer.bytes.subarray(0, writer.position), handles));
  }

  // A function of its own: a worker that is being terminated is stopped at the next function entry.
  #waitSlice(): void {
    this.#arena.native.waitSlice(this.#queue, SIDE.PUT, 0, SLICE_MS);
  }
}
