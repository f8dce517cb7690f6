// Receives what workers put into the queue of their pool: replies, news of batches, output and faults.
import { InitializerError } from '../../errors.js';
import { damagedMemory } from '../codec/codec-error.js';
import { HEADER, type Arena } from '../memory/arena.js';
import type { InFlight } from './in-flight.js';
import { OUTPUT_WORD, PROBE_WORD, TO_POOL } from './messages.js';
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
      try {
        const block = this.#arena.native.take(this.#queue);
        if (block === 0) return found;
        found = true;
        this.#receive(block);
      } catch (error) {
        // Words that no worker of ours writes: what else is wrong nobody knows, so nothing of this pool goes on.
        this.#events.failed(error);
        return found;
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
      if (inFlight === undefined) throw damagedMemory('a worker announces a batch that it does not have');
      this.#announced(inFlight);
      return;
    }
    if (kind === TO_POOL.REPLY) return this.#receiveReply(block);
    try {
      this.#receiveFrom(this.#workerOf(this.#arena.word(block, HEADER.SENDER)), kind, block);
    } finally {
      // A batch whose kind was changed: its worker still has it.
      if (!this.#batches.has(block)) this.#arena.discard(block);
    }
  }

  #receiveFrom(worker: WorkerSlot | undefined, kind: number, block: number): void {
    if (worker === undefined) throw damagedMemory(`message ${kind} comes from no worker`);
    switch (kind) {
      case TO_POOL.READY:
        if (worker.state === 'ready' || worker.state === 'waiting')
          throw damagedMemory('a worker says that it is ready and cannot be');
        this.#events.ready(worker);
        break;
      case TO_POOL.PROBED: {
        const probe = this.#arena.word(block, PROBE_WORD.NUMBER);
        if (worker.probes.shift() !== probe) throw damagedMemory('a worker answers what it was not asked');
        worker.inFlight
          .find((inFlight) => inFlight.probe === probe)
          ?.spoil('its worker is through and has not said so');
        break;
      }
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
        throw damagedMemory(`a worker sent a message of unknown kind ${kind}`);
    }
  }

  #announced(inFlight: InFlight): void {
    const [first] = inFlight.worker.inFlight;
    if (inFlight.worker.state === 'starting') inFlight.spoil('its worker has not said that it is ready');
    // A worker goes through its batches in order.
    if (first !== inFlight) first?.spoil('its worker is at a later batch and has not said that this one is finished');
    const { finished } = inFlight.batch;
    if (++inFlight.announced < finished || finished === 0) {
      this.collect(inFlight);
    } else if (inFlight.announced === finished && inFlight.isDone) {
      // Only the last announcement ends it: before that its block may still be in the queue.
      this.#events.finished(inFlight);
    } else {
      inFlight.spoil(`announced ${inFlight.announced} times of ${finished} while it is not done`);
    }
  }

  #receiveReply(block: number): void {
    const { batchBlock, index, open } = this.#replies.message(block);
    const inFlight = this.#batches.get(batchBlock);
    const task = inFlight?.tasks[index];
    if (inFlight === undefined || task === undefined) throw damagedMemory('a reply to no task');
    // Replies come in order, wherever they are; one to a task that was cancelled was passed over.
    this.collect(inFlight);
    if (index > inFlight.seen) inFlight.spoil(`reply ${index} came before reply ${inFlight.seen}`);
    else if (task.inFlight === inFlight) this.#events.replied(task, open(task), inFlight);
    this.#replies.close(block);
  }

  #receiveFault(block: number, worker: WorkerSlot): void {
    // Written by faults.ts of the worker.
    const { task, error, fatal } = this.#replies.value(block) as { task: string; error: unknown; fatal: boolean };
    if (fatal) worker.fault = { error };
    const what = fatal ? 'Uncaught exception' : 'Unhandled rejection';
    const told = error instanceof Error ? error : new Error(`${what} in task ${task}`, { cause: error });
    if (task !== '') Object.assign(told, { task });
    this.#events.error(told);
  }
}
