// The loop of a worker: takes messages from its inbox and runs the tasks of each batch, one after the other.
import { memoryUsage } from 'node:process';
import type { MessagePort } from 'node:worker_threads';
import type { Arena } from '../memory/arena.js';
import { damagedMemory } from '../codec/codec-error.js';
import { HEADER } from '../memory/arena.js';
import { monotonicMs } from '../memory/clock.js';
import type { Doorbell, Watch } from '../memory/doorbell.js';
import { Batch, BATCH_HEADER_BYTES } from '../engine/batch.js';
import { TO_POOL, TO_WORKER } from '../engine/messages.js';
import { reportFaults } from './faults.js';
import { FrameReader } from './frame-reader.js';
import { FunctionTable } from './function-table.js';
import type { WorkerDescriptor } from './launch.js';
import type { Outbox } from './outbox.js';
import { ReplyWriter } from './reply-writer.js';
import { TaskRunner, type BatchProgress } from './task-runner.js';
import { copyable } from './uncopyable-error.js';
import { setImmediate } from '../memory/timers.js';

// Replies of a batch are announced at least so often; the pool need not wait for its end.
const ANNOUNCE_MS = 0.25;

export class TaskLoop implements Watch {
  readonly queue: number;
  readonly #parentEntry: number;
  readonly #arena: Arena;
  readonly #outbox: Outbox;
  readonly #doorbell: Doorbell;
  readonly #functions = new FunctionTable();
  readonly #frames: FrameReader;
  readonly #runner: TaskRunner;
  readonly #memory: WorkerDescriptor['memory'];
  /** Messages taken from the queue while a task was awaited. */
  readonly #mailbox: number[] = [];
  #busy = false;
  /** Its initializer has failed: it runs nothing any more, until its pool ends it. */
  #unfit = false;

  constructor(
    arena: Arena,
    descriptor: WorkerDescriptor,
    outbox: Outbox,
    bell: Doorbell,
    port: MessagePort | undefined,
  ) {
    this.queue = descriptor.inbox;
    this.#parentEntry = descriptor.parentEntry;
    this.#arena = arena;
    this.#outbox = outbox;
    this.#doorbell = bell;
    this.#memory = descriptor.memory;
    this.#frames = new FrameReader(arena, descriptor.parentEntry, port);
    this.#runner = new TaskRunner(arena, this.#frames, this.#functions, new ReplyWriter(arena, outbox, port));
    reportFaults(outbox, () => this.#functions.suspects);
    if (!descriptor.initializes) outbox.signal(TO_POOL.READY);
  }

  drain(): boolean {
    for (;;) {
      const block = this.#arena.native.take(this.queue);
      if (block === 0) break;
      this.#mailbox.push(block);
    }
    // One message a turn, so that timers and sockets of the tasks get theirs.
    if (this.#busy) return false;
    const block = this.#mailbox.shift();
    if (block === undefined) return false;
    this.#handle(block);
    return !this.#busy;
  }

  partner(): number {
    return this.#parentEntry;
  }

  hasMore(): boolean {
    return this.#mailbox.length > 0;
  }

  #handle(block: number): void {
    const kind = this.#arena.word(block, HEADER.KIND);
    switch (kind) {
      case TO_WORKER.BATCH:
        if (!this.#unfit) this.#run(this.#runBatch(block));
        break;
      case TO_WORKER.DEFINE:
        this.#functions.define(this.#frames.value(block) as { id: number; body: unknown });
        this.#arena.native.free(block);
        break;
      case TO_WORKER.INITIALIZE:
        this.#run(this.#initialize(block));
        break;
      case TO_WORKER.PROBE:
        this.#outbox.send(TO_POOL.PROBED, block);
        break;
      case TO_WORKER.CLOSE:
        this.#arena.native.free(block);
        process.exit(0);
        break;
      default:
        throw damagedMemory(`the pool sent a message of unknown kind ${kind}`);
    }
  }

  /** Marks the loop busy until a message is dealt with; most are by the time this is called. */
  #run(handling: Promise<void> | undefined): void {
    if (handling === undefined) return;
    this.#busy = true;
    void handling.then(
      () => {
        this.#busy = false;
        this.#doorbell.poll();
      },
      // Not an error of a task: nothing can go on, so it must end the worker, as where no promise is involved.
      (error: unknown) =>
        setImmediate(() => {
          throw error;
        }),
    );
  }

  async #initialize(block: number): Promise<void> {
    try {
      await this.#runner.runStandalone(block);
      this.#outbox.signal(TO_POOL.READY);
    } catch (error) {
      this.#unfit = true;
      this.#outbox.value(TO_POOL.INITIALIZER_FAILED, copyable(error));
    } finally {
      this.#arena.native.free(block);
    }
  }

  #runBatch(block: number): Promise<void> | undefined {
    if (this.#arena.native.owner(block) !== this.#parentEntry) throw damagedMemory('a batch is not of the pool');
    this.#functions.begin();
    const batch = new Batch(this.#arena, block);
    const { count, replyStart, timed } = batch.plan();
    const now = monotonicMs();
    const progress = {
      count,
      framesEnd: replyStart,
      timed,
      done: 0,
      frameAt: BATCH_HEADER_BYTES,
      replyAt: replyStart,
      announcedAt: now,
      announcements: 0,
      endedAt: now,
    };
    return this.#continue(batch, progress);
  }

  /** Runs the tasks of a batch as far as they are synchronous; the promise is for the rest. */
  #continue(batch: Batch, progress: BatchProgress): Promise<void> | undefined {
    while (batch.claimNext(progress.done, progress.count)) {
      const running = this.#runner.run(batch, progress);
      if (running !== undefined) {
        return running.then(() => {
          this.#announce(batch, progress);
          return this.#continue(batch, progress);
        });
      }
      this.#announce(batch, progress);
    }
    if (this.#memory !== null)
      batch.memory = this.#memory === 'rss' ? memoryUsage.rss() : process.memoryUsage().heapUsed;
    batch.finish(++progress.announcements);
    this.#outbox.publish(batch.block, TO_POOL.PROGRESS);
    return undefined;
  }

  #announce(batch: Batch, progress: BatchProgress): void {
    if (progress.done === progress.count || progress.endedAt - progress.announcedAt < ANNOUNCE_MS) return;
    progress.announcedAt = progress.endedAt;
    progress.announcements++;
    this.#outbox.publish(batch.block, TO_POOL.PROGRESS);
  }
}
