// A batch that a worker has: which tasks went out in it, and how many of their replies were read.
import type { Batch } from './batch.js';
import type { Task } from './task.js';
import type { WorkerSlot } from './worker-slot.js';

export class InFlight {
  readonly batch: Batch;
  readonly worker: WorkerSlot;
  readonly tasks: readonly Task[];
  /** Its worker is late when it has had it for so long, ms. */
  readonly lateMs: number;
  /** Replies read so far. */
  seen = 0;
  /** How often the block came through the pool's queue. */
  announced = 0;
  /** Where the next reply begins, from the start of the payload. */
  replyAt: number;
  /** Tasks that still belong to this batch: the others were taken back. */
  limit: number;

  constructor(batch: Batch, worker: WorkerSlot, tasks: readonly Task[], replyStart: number, lateMs: number) {
    this.batch = batch;
    this.worker = worker;
    this.tasks = tasks;
    this.lateMs = lateMs;
    this.replyAt = replyStart;
    this.limit = tasks.length;
  }

  /** Tasks that are not started and could still be given to another worker. */
  get unstarted(): number {
    return Math.max(0, this.limit - this.batch.claim.next);
  }

  /** The first of them. */
  get firstUnstarted(): Task | undefined {
    const { next } = this.batch.claim;
    return next < this.limit ? this.tasks[next] : undefined;
  }
}
