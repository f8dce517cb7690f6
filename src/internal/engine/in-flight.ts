// A batch that a worker has: which tasks went out in it, how many of their replies were read, and whether it is damaged.
import { damagedMemory } from '../codec/codec-error.js';
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
  /** The number of the message that asks the worker whether it is through; 0: not asked. */
  probe = 0;
  /** What is wrong with it: how far the worker came is unknown then, and the worker is ended. */
  damage: Error | undefined;

  constructor(batch: Batch, worker: WorkerSlot, tasks: readonly Task[], replyStart: number, lateMs: number) {
    this.batch = batch;
    this.worker = worker;
    this.tasks = tasks;
    this.lateMs = lateMs;
    this.replyAt = replyStart;
    this.limit = tasks.length;
  }

  /** How far the worker is; undefined when it is not known any more, because the batch is damaged. */
  get progress(): { readonly done: number; readonly started: number } | undefined {
    if (this.damage !== undefined) return undefined;
    // In this order: what is done was started before.
    const { done } = this.batch;
    const { next, limit } = this.batch.claim;
    if (limit === this.limit && next <= limit && done <= next && done >= this.seen) return { done, started: next };
    this.spoil(`${done} tasks are done and ${next} of ${limit} started, in a batch of ${this.limit}`);
    return undefined;
  }

  /** The same when the worker is dead and all that it had sent is read: then it has started at most one task more. */
  get lastProgress(): InFlight['progress'] {
    const { progress, seen } = this;
    if (progress === undefined || (progress.done === seen && progress.started <= seen + 1)) return progress;
    this.spoil(`${progress.started} tasks were started, ${progress.done} done, and ${seen} replies are there`);
    return undefined;
  }

  /** Whether the worker has replied to all that it was to run. */
  get isDone(): boolean {
    return this.progress?.done === this.limit;
  }

  /** Notes the first thing that is wrong. */
  spoil(what: string): void {
    this.damage ??= damagedMemory(what);
  }

  /** Tasks that are not started and could still be given to another worker. */
  get unstarted(): number {
    const { progress } = this;
    return progress === undefined ? 0 : this.limit - progress.started;
  }

  /** The first of them. */
  get firstUnstarted(): Task | undefined {
    const { progress } = this;
    return progress !== undefined && progress.started < this.limit ? this.tasks[progress.started] : undefined;
  }

  /** Takes back the tasks from number `from` on that are not started. */
  takeBack(from: number): readonly Task[] {
    if (this.progress === undefined) return [];
    const limit = this.batch.takeBack(from, this.limit);
    if (limit === undefined) {
      this.spoil('the number of tasks to run was changed by somebody else');
      return [];
    }
    const tasks = this.tasks.slice(limit, this.limit);
    this.limit = limit;
    return tasks;
  }
}

/** The entry of the worker that has the only batch; 0 when it is not the only one. */
export function onlyWorker(batches: ReadonlyMap<number, InFlight>): number {
  if (batches.size !== 1) return 0;
  for (const { worker } of batches.values()) return worker.entry;
  return 0;
}
