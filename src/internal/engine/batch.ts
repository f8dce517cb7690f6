// The layout of a batch: one leased block that carries tasks to a worker and their replies back.
//
// The parent stays the owner of the block, so that after a worker's death it can still read how far the worker came.
// Payload of the block, in 32-bit words:
//
//   word  name         writer            meaning
//   0     CLAIM        worker, parent    next:16 | limit:16, both counts of tasks; changed by compare-and-swap only
//   1     DONE         worker            tasks whose reply is complete; stored after the reply's bytes
//   2     REPLY_END    worker            end of the reply bytes, from the start of the payload
//   3     COUNT        parent            tasks in the batch
//   4     REPLY_START  parent            where the replies begin
//   5     FLAGS        parent            bit 0: write STARTED_AT for each task
//   6     FINISHED     worker            0: not yet; else how often the worker puts the block into the pool's queue. It
//                                        touches nothing else of it any more, and the parent frees it after the last one
//   7     MEMORY       worker            memory of the worker after the batch, in KiB
//   8-9   STARTED_AT   worker            f64, process.hrtime in ms at the start of the task that runs
//   16..  the frames of the tasks, then (from REPLY_START) the replies
//
// CLAIM: the worker claims task `next` by next -> next+1 while next < limit; the parent takes unstarted tasks back by
// lowering limit, never below next. Whoever wins the compare-and-swap has the task, so none is run twice or forgotten.
//
// Each side knows what the other may have written, and takes anything else for damage: the parent keeps count, limit and
// where the replies begin to itself, the worker how many tasks it has claimed. The worker reads COUNT and REPLY_START once.
import { damagedMemory } from '../codec/codec-error.js';
import type { Arena } from '../memory/arena.js';

const WORD = { CLAIM: 0, DONE: 1, REPLY_END: 2, COUNT: 3, REPLY_START: 4, FLAGS: 5, FINISHED: 6, MEMORY: 7 } as const;
const STARTED_AT_F64 = 4; // words 8 and 9

export const BATCH_HEADER_BYTES = 64;
/** Most tasks in one batch; CLAIM has room for 65,535. */
export const MOST_TASKS = 512;
const TIMED = 1;
/** The reply of a task takes at least its header. */
const LEAST_TASK_BYTES = 8;

/** A claim word taken apart. */
interface Claim {
  /** Tasks that the worker has started. */
  next: number;
  /** Tasks that it may start. */
  limit: number;
}

/** What a worker reads of a batch before it begins. */
export interface BatchPlan {
  readonly count: number;
  readonly replyStart: number;
  readonly timed: boolean;
}

/** Where a batch lies; made once per batch on either side. */
export class Batch {
  readonly block: number;
  readonly u8: Uint8Array;
  /** Offset of the payload in `u8`. */
  readonly start: number;
  /** Bytes of the payload. */
  readonly capacity: number;
  readonly #i32: Int32Array;
  readonly #f64: Float64Array;
  readonly #base: number;

  constructor(arena: Arena, block: number) {
    const segment = arena.segmentOf(block);
    this.block = block;
    // Of the arena, not of the block's own header: nobody must write beyond the block, whatever stands there.
    this.capacity = arena.native.capacity(block);
    this.u8 = segment.u8;
    this.#i32 = segment.i32;
    this.#f64 = segment.f64;
    this.start = arena.offsetOf(block) + arena.headerBytes;
    this.#base = this.start >>> 2;
  }

  /** Parent: before the batch is published. */
  initialise(count: number, replyStart: number, timed: boolean): void {
    const { CLAIM, DONE, REPLY_END, COUNT, REPLY_START, FLAGS, FINISHED, MEMORY } = WORD;
    const words = this.#i32;
    const base = this.#base;
    words[base + CLAIM] = count;
    words[base + DONE] = 0;
    words[base + REPLY_END] = replyStart;
    words[base + COUNT] = count;
    words[base + REPLY_START] = replyStart;
    words[base + FLAGS] = timed ? TIMED : 0;
    words[base + FINISHED] = 0;
    words[base + MEMORY] = 0;
    this.#f64[(base >>> 1) + STARTED_AT_F64] = 0;
  }

  /** Worker: what the batch holds. Throws when that cannot be. */
  plan(): BatchPlan {
    const count = this.#i32[this.#base + WORD.COUNT] ?? 0;
    const replyStart = this.#i32[this.#base + WORD.REPLY_START] ?? 0;
    const timed = ((this.#i32[this.#base + WORD.FLAGS] ?? 0) & TIMED) !== 0;
    const room = this.capacity - count * LEAST_TASK_BYTES;
    if (count < 1 || count > MOST_TASKS || replyStart < BATCH_HEADER_BYTES || replyStart % 8 !== 0 || replyStart > room)
      throw damagedMemory(`a batch of ${count} tasks with replies from byte ${replyStart} on`);
    return { count, replyStart, timed };
  }

  get replyEnd(): number {
    return this.#i32[this.#base + WORD.REPLY_END] ?? 0;
  }

  get claim(): Claim {
    const word = Atomics.load(this.#i32, this.#base + WORD.CLAIM);
    return { next: word >>> 16, limit: word & 0xffff };
  }

  /** Worker: claims the next task after `claimed` of `count`; false when there is none left. Pairs with `takeBack`. */
  claimNext(claimed: number, count: number): boolean {
    for (;;) {
      const word = Atomics.load(this.#i32, this.#base + WORD.CLAIM);
      if (word >>> 16 !== claimed || (word & 0xffff) < claimed || (word & 0xffff) > count)
        throw damagedMemory(`task ${word >>> 16} of ${word & 0xffff} is next, after ${claimed} of ${count}`);
      if (word >>> 16 === (word & 0xffff)) return false;
      if (Atomics.compareExchange(this.#i32, this.#base + WORD.CLAIM, word, (word + 0x1_0000) | 0) === word)
        return true;
    }
  }

  /**
   * Parent: takes back the tasks from `from` to `last` that are not started; returns the first one it got, and undefined
   * when somebody else has changed the word. Pairs with `claimNext`.
   */
  takeBack(from: number, last: number): number | undefined {
    for (;;) {
      const word = Atomics.load(this.#i32, this.#base + WORD.CLAIM);
      if ((word & 0xffff) !== last || word >>> 16 > last) return undefined;
      const limit = Math.max(from, word >>> 16);
      if (limit >= (word & 0xffff)) return word & 0xffff;
      if (Atomics.compareExchange(this.#i32, this.#base + WORD.CLAIM, word, (word & ~0xffff) | limit) === word)
        return limit;
    }
  }

  /** Tasks whose replies are complete. Pairs with `completed`. */
  get done(): number {
    return Atomics.load(this.#i32, this.#base + WORD.DONE);
  }

  /** Worker: the reply of task number `done - 1` ends at `replyEnd`. Pairs with the load in `done`. */
  completed(done: number, replyEnd: number): void {
    this.#i32[this.#base + WORD.REPLY_END] = replyEnd;
    Atomics.store(this.#i32, this.#base + WORD.DONE, done);
  }

  get startedAt(): number {
    return this.#f64[(this.#base >>> 1) + STARTED_AT_F64] ?? 0;
  }

  set startedAt(ms: number) {
    this.#f64[(this.#base >>> 1) + STARTED_AT_F64] = ms;
  }

  /** Memory of the worker after the batch, in bytes; 0 when it was not asked for. */
  get memory(): number {
    return (this.#i32[this.#base + WORD.MEMORY] ?? 0) * 1024;
  }

  set memory(bytes: number) {
    this.#i32[this.#base + WORD.MEMORY] = bytes / 1024;
  }

  /** How many announcements there are once the worker is through with the batch; 0 before. Pairs with `finish`. */
  get finished(): number {
    return Atomics.load(this.#i32, this.#base + WORD.FINISHED);
  }

  /** Worker: only the last of its `announcements` is still to be put. */
  finish(announcements: number): void {
    Atomics.store(this.#i32, this.#base + WORD.FINISHED, announcements);
  }
}
