// Hands tasks to workers: cuts them into batches, keeps each worker supplied, and moves unstarted tasks to idle workers.
import type { Arena } from '../memory/arena.js';
import { monotonicMs } from '../memory/clock.js';
import { damagedMemory } from '../codec/codec-error.js';
import { Batch, BATCH_HEADER_BYTES, MOST_TASKS } from './batch.js';
import type { DefinitionStore } from './definition-store.js';
import { InFlight } from './in-flight.js';
import { PROBE_WORD, TO_WORKER } from './messages.js';
import type { Meter } from './meter.js';
import type { Pending } from './pending.js';
import { StoredFrame } from './frame.js';
import type { Task } from './task.js';
import type { WorkerSlot } from './worker-slot.js';

// A worker has the batch it runs and the next one at hand, so that it never waits for the pool.
const BATCHES_PER_WORKER = 2;
// A batch of tiny tasks should take about this long: long enough to make its two messages cheap, short enough that its
// first result is not late and its tail need not be taken back.
const BATCH_MS = 0.5;
const FRAME_BYTES_PER_BATCH = 48 * 1024;
// A worker that is so late, and late by several times what its batch should take, is held up by one task: what was at
// hand for it goes back to the queue, so that it comes to whoever is free first.
const LATE_MS = 2;
const LATE_TIMES = 4;
// Room for replies, when nothing is known: 16 bytes for the header and a number, doubled.
const REPLY_BYTES_PER_TASK = 32;
const LEAST_REPLY_BYTES = 256;

export class Dispatcher {
  readonly #arena: Arena;
  readonly #pending: Pending;
  readonly #workers: readonly WorkerSlot[];
  readonly #definitions: DefinitionStore;
  readonly #meter: Meter;
  #probes = 0;
  /** Every batch that is out, by its block. */
  readonly batches = new Map<number, InFlight>();

  constructor(
    arena: Arena,
    pending: Pending,
    workers: readonly WorkerSlot[],
    definitions: DefinitionStore,
    meter: Meter,
  ) {
    this.#arena = arena;
    this.#pending = pending;
    this.#workers = workers;
    this.#definitions = definitions;
    this.#meter = meter;
  }

  /**
   * Gives waiting tasks to workers that have room; with none waiting, gives idle workers what others have not started.
   * A task with a time limit goes alone, and `onTimed` hears of it. Returns whether it sent something.
   */
  dispatch(onTimed: (task: Task) => void): boolean {
    if (this.#pending.isMixed) this.#recallLower();
    const now = monotonicMs();
    for (let sent = false; ; sent = true) {
      const worker = this.#leastLoaded(now);
      if (worker === undefined) return sent;
      if (this.#pending.queued === 0 && (worker.inFlight.length > 0 || !this.#relieve(worker, now))) return sent;
      this.#send(worker, onTimed);
    }
  }

  /** Takes back what is at hand for workers that are held up; whether there was something. Called now and then. */
  relieveLate(): boolean {
    const now = monotonicMs();
    let found = false;
    for (const worker of this.#workers) {
      if (!isLate(worker, now)) continue;
      this.#probe(worker);
      if (this.takeBackAll(worker)) found = true;
    }
    return found;
  }

  /** Asks a late worker once whether it is through with its first batch. The answer comes behind all that it sends of it. */
  #probe(worker: WorkerSlot): void {
    const [first] = worker.inFlight;
    if (first === undefined || first.probe !== 0) return;
    first.probe = ++this.#probes;
    worker.probes.push(first.probe);
    const block = this.#arena.native.alloc(0);
    this.#arena.setWord(block, PROBE_WORD.NUMBER, first.probe);
    worker.send(block, TO_WORKER.PROBE);
  }

  /** Takes all unstarted tasks of a worker back into the queue; whether there were any. */
  takeBackAll(worker: WorkerSlot): boolean {
    const tasks: Task[] = [];
    for (const inFlight of worker.inFlight) tasks.push(...this.#takeBack(inFlight, 0));
    this.requeue(tasks);
    return tasks.length > 0;
  }

  /** Takes one sent task out of its batch; false when it has started. Later tasks of the batch go back into the queue. */
  withdraw(task: Task): boolean {
    const { inFlight, index } = task;
    if (inFlight === undefined) return false;
    const back = this.#takeBack(inFlight, index);
    this.requeue(back.filter((other) => other !== task));
    return back.includes(task);
  }

  /** Puts tasks that were sent back to the front of the queue. */
  requeue(tasks: readonly Task[]): void {
    for (const task of tasks) {
      task.state = 'queued';
      task.inFlight = undefined;
    }
    this.#pending.putBack(tasks);
  }

  /** A batch is finished, or its worker is dead: it does not count any more. */
  forget(inFlight: InFlight): void {
    this.batches.delete(inFlight.batch.block);
    const { inFlight: list } = inFlight.worker;
    const at = list.indexOf(inFlight);
    if (at >= 0) list.splice(at, 1);
    inFlight.worker.turnAt = monotonicMs();
  }

  /** Frees the block of a forgotten batch, when its replies are read. */
  free(inFlight: InFlight): void {
    this.#arena.discard(inFlight.batch.block);
  }

  #leastLoaded(now: number): WorkerSlot | undefined {
    const head = this.#pending.peek();
    // Nothing goes behind a task of which nobody knows how long it takes.
    const known = head !== undefined && this.#meter.costOf(head.definition) !== undefined;
    let best: WorkerSlot | undefined;
    for (const worker of this.#workers) {
      if (!worker.accepts) continue;
      const most = worker.state === 'ready' && known && !isLate(worker, now) ? BATCHES_PER_WORKER : 1;
      if (worker.inFlight.length < most && (best === undefined || worker.inFlight.length < best.inFlight.length))
        best = worker;
    }
    return best;
  }

  /** Unstarted tasks of a lower priority than one that waits go back into the queue, behind it. */
  #recallLower(): void {
    const head = this.#pending.peek();
    if (head === undefined) return;
    for (const inFlight of this.batches.values()) {
      const first = inFlight.firstUnstarted;
      if (first !== undefined && first.options.priority < head.options.priority)
        this.requeue(this.#takeBack(inFlight, 0));
    }
  }

  /** Half of the unstarted tasks of the worker that has most of them go back into the queue, for one that has nothing to do. */
  #relieve(idle: WorkerSlot, now: number): boolean {
    let most: InFlight | undefined;
    for (const inFlight of this.batches.values()) {
      const { unstarted } = inFlight;
      if (unstarted === 0 || isNext(inFlight, idle, now)) continue;
      if (most === undefined || unstarted > most.unstarted) most = inFlight;
    }
    if (most === undefined) return false;
    const half = Math.ceil(most.unstarted / 2);
    const tasks = this.#takeBack(most, most.limit - half);
    this.requeue(tasks);
    return tasks.length > 0;
  }

  #takeBack(inFlight: InFlight, from: number): readonly Task[] {
    const tasks = inFlight.takeBack(from);
    inFlight.worker.tasksLeft += tasks.length;
    return tasks;
  }

  #batchSize(first: Task, worker: WorkerSlot): number {
    if (first.options.timeoutMs !== undefined) return 1;
    const cost = this.#meter.costOf(first.definition);
    if (cost === undefined) return 1;
    const byTime = Math.floor(BATCH_MS / Math.max(cost, 1e-4));
    // Near the end of the queue, leave something for everybody.
    const share = Math.ceil(this.#pending.queued / (BATCHES_PER_WORKER * this.#workers.length));
    return Math.max(1, Math.min(byTime, share, MOST_TASKS, worker.tasksLeft));
  }

  #take(worker: WorkerSlot): { tasks: Task[]; frameBytes: number } {
    const tasks: Task[] = [];
    let frameBytes = 0;
    let most = 1;
    let priority = 0;
    while (tasks.length < most) {
      const next = this.#pending.peek();
      if (next === undefined) break;
      const bytes = next.block === 0 ? next.end - next.start : StoredFrame.BYTES;
      if (tasks.length === 0) {
        most = this.#batchSize(next, worker);
        ({ priority } = next.options);
      } else if (
        next.options.timeoutMs !== undefined ||
        next.options.priority !== priority ||
        frameBytes + bytes > FRAME_BYTES_PER_BATCH
      ) {
        break;
      }
      this.#pending.shift();
      tasks.push(next);
      frameBytes += bytes;
    }
    return { tasks, frameBytes };
  }

  #send(worker: WorkerSlot, onTimed: (task: Task) => void): void {
    const { tasks, frameBytes } = this.#take(worker);
    const count = tasks.length;
    const replyStart = BATCH_HEADER_BYTES + frameBytes;
    const replyBytes = Math.max(LEAST_REPLY_BYTES, count * REPLY_BYTES_PER_TASK);
    const block = this.#arena.native.alloc(replyStart + replyBytes);
    if (this.batches.has(block)) throw damagedMemory('the memory of a batch was freed while a worker has it');
    this.#arena.setLeased(block, true);
    const batch = new Batch(this.#arena, block);
    const now = monotonicMs();
    const cost = this.#meter.costOf(tasks[0]!.definition) ?? 0;
    const inFlight = new InFlight(batch, worker, tasks, replyStart, LATE_MS + LATE_TIMES * cost * count);
    if (worker.inFlight.length === 0) worker.turnAt = now;
    let at = batch.start + BATCH_HEADER_BYTES;
    let timed: Task | undefined;
    for (let i = 0; i < count; i++) {
      const task = tasks[i];
      if (task === undefined) break;
      if (!worker.known.has(task.definition.id)) {
        worker.known.add(task.definition.id);
        worker.send(this.#arena.store(this.#definitions.message(task.definition)), TO_WORKER.DEFINE);
      }
      for (const numbered of task.sharedBuffers ?? []) worker.port?.postMessage(numbered);
      if (task.block !== 0) StoredFrame.write(batch.u8, at, task.block);
      else batch.u8.set(task.bytes.subarray(task.start, task.end), at);
      at += task.block === 0 ? task.end - task.start : StoredFrame.BYTES;
      task.state = 'sent';
      task.inFlight = inFlight;
      task.index = i;
      if (task.options.timeoutMs !== undefined) timed = task;
      this.#meter.waited(now - task.submittedAt, count, i);
    }
    batch.initialise(count, replyStart, timed !== undefined);
    worker.tasksLeft -= count;
    worker.inFlight.push(inFlight);
    this.batches.set(block, inFlight);
    worker.send(block, TO_WORKER.BATCH);
    if (timed !== undefined) onTimed(timed);
  }
}

/** Whether a batch is a lone task that its worker is about to start: the idle one would not have it any sooner. */
function isNext(inFlight: InFlight, idle: WorkerSlot, now: number): boolean {
  const { worker, tasks } = inFlight;
  if (tasks.length > 1 || worker.inFlight[0] !== inFlight) return false;
  return worker.state === 'starting' ? idle.state === 'starting' : worker.state === 'ready' && !isLate(worker, now);
}

/** Whether the batch that a worker runs has taken much longer than it should. One that has replied has started. */
function isLate(worker: WorkerSlot, now: number): boolean {
  const [first] = worker.inFlight;
  if (first === undefined) return false;
  const runs = worker.state === 'ready' || (worker.state === 'starting' && first.seen > 0);
  return runs && now - worker.turnAt > first.lateMs;
}
