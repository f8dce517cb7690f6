// Receives what workers put into the queue of their pool: replies, news of batches, output and faults.
import { InitializerError } from '../../errors.js';
import { HEADER, type Arena } from '../memory/arena.js';
import type { InFlight } from './in-flight.js';
import { OUTPUT_WORD, TO_POOL } from './messages.js';
import { ReplyReader, type Reply } from './reply-reader.js';
import type { Task } from './task.js';
import type { WorkerSlot } from './worker-slot.js';

export interface ReceiverEvents {
  /** A reply was read; the task may be settled by now. */
  replied(task: Task, reply: Reply, inFlight: InFlight): void;
  /** A worker is through with a batch; its last replies are still to be collected. */
  finished(inFlight: InFlight): void;
  ready(worker: WorkerSlot): void;
  /** Nothing of this pool can go on. */
  failed(error: unknown): void;
  /** Something failed that belongs to no reply. */
  error(error: unknown): void;
}

export class Receiver {
  readonly #arena: Arena;
  readonly #queue: number;
  readonly #batches: ReadonlyMap<number, InFlight>;
  readonly #workerOf: (entry: number) => WorkerSlot | undefined;
  readonly #events: ReceiverEvents;
  readonly #replies: ReplyReader;

  constructor(
    arena: Arena,
    queue: number,
    batches: ReadonlyMap<number, InFlight>,
    workerOf: (entry: number) => WorkerSlot | undefined,
    events: ReceiverEvents,
  ) {
    this.#arena = arena;
    this.#queue = queue;
    this.#batches = batches;
    this.#workerOf = workerOf;
    this.#events = events;
    this.#replies = new ReplyReader(arena);
  }

  /** Receives every message that is there; whether there was one. */
  drain(): boolean {
    let found = false;
    for (;;) {
      const block = this.#arena.native.take(this.#queue);
      if (block === 0) return found;
      found = true;
      try {
        this.#receive(block);
      } catch (error) {
        // Words that no worker of ours writes: what else is wrong nobody knows, so nothing of this pool goes on.
        this.#events.failed(error);
      }
    }
  }

  /** Reads what is new in every batch, announced or not; whether there was something. */
  collectAll(): boolean {
    let found = false;
    for (const inFlight of this.#batches.values()) if (this.collect(inFlight)) found = true;
    return found;
  }

  collect(inFlight: InFlight): boolean {
    const { seen } = inFlight;
    this.#replies.read(inFlight, (task, reply) => this.#events.replied(task, reply, inFlight));
    return inFlight.seen > seen;
  }

  #receive(block: number): void {
    const kind = this.#arena.word(block, HEADER.KIND);
    if (kind === TO_POOL.PROGRESS) {
      const inFlight = this.#batches.get(block);
      if (inFlight === undefined) return;
      // Only the last announcement ends it: before that its block may still be in the queue.
      if (++inFlight.announced === inFlight.batch.finished) this.#events.finished(inFlight);
      else this.collect(inFlight);
      return;
    }
    const worker = this.#workerOf(this.#arena.word(block, HEADER.SENDER));
    switch (kind) {
      case TO_POOL.REPLY:
        this.#receiveReply(block);
        return;
      case TO_POOL.READY:
        if (worker !== undefined) this.#events.ready(worker);
        break;
      case TO_POOL.INITIALIZER_FAILED:
        this.#events.failed(
          new InitializerError('The initializer failed in a worker', { cause: this.#replies.value(block) }),
        );
        break;
      case TO_POOL.OUTPUT:
        (this.#arena.word(block, OUTPUT_WORD.FD) === 2 ? process.stderr : process.stdout).write(
          this.#replies.bytes(block),
        );
        break;
      case TO_POOL.FAULT:
        this.#receiveFault(block, worker);
        break;
      default:
        this.#events.error(new Error(`A worker sent a message of unknown kind ${kind}`));
    }
    this.#arena.native.free(block);
  }

  #receiveReply(block: number): void {
    const { batchBlock, index, open } = this.#replies.message(block);
    const inFlight = this.#batches.get(batchBlock);
    const task = inFlight?.tasks[index];
    if (inFlight !== undefined && task !== undefined && task.inFlight === inFlight)
      this.#events.replied(task, open(task), inFlight);
    this.#replies.close(block);
  }

  #receiveFault(block: number, worker: WorkerSlot | undefined): void {
    // Written by faults.ts of the worker.
    const { task, error, fatal } = this.#replies.value(block) as { task: string; error: unknown; fatal: boolean };
    if (fatal && worker !== undefined) worker.fault = { error };
    const told = error instanceof Error ? error : new Error(`Unhandled rejection in task ${task}`, { cause: error });
    if (task !== '') Object.assign(told, { task });
    this.#events.error(told);
  }
}
