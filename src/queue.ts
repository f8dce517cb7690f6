// A queue that processes and threads share: any number put, any number get, and a death loses and doubles nothing.
import { inspect } from 'node:util';
import { QueueEmptyError, QueueFullError, QueueShutDownError, StateError } from './errors.js';
import { arena } from './internal/memory/arena.js';
import { SIDE } from './internal/memory/doorbell.js';
import type { WaitOptions } from './internal/job/time-limit.js';
import { Arrival, Handle } from './internal/shared/handle.js';
import { Iteration } from './internal/shared/iteration.js';
import { packItem, sendItem, takeItem } from './internal/shared/item.js';
import { KIND } from './internal/shared/kinds.js';
import { putBlock, putBlockSync } from './internal/shared/put-block.js';
import { NOT_YET, trySync, WaitLine } from './internal/shared/wait-line.js';
import { READINESS, type Readiness } from './internal/shared/waitable.js';
import { optionalBoolean, optionalObject, outOfRange, wrongType } from './internal/validate.js';
import { blockingOptions, waitOptions } from './internal/shared/wait-options.js';

/** The core has so many slots for one queue with a limit. */
const LARGEST_SIZE = 2 ** 24;
const SLOT_BYTES = 8;

/** The capacity that the core is asked for; 0: no limit. */
function capacityOf(maxsize: unknown): number {
  const must = `an integer of at most ${LARGEST_SIZE}`;
  if (typeof maxsize !== 'number') throw wrongType('maxsize', must, maxsize);
  if (!Number.isInteger(maxsize) || maxsize > LARGEST_SIZE) throw outOfRange('maxsize', must, maxsize);
  return Math.max(0, maxsize);
}

function create(capacity: number, kind: number): number {
  const { native } = arena();
  return kind === KIND.JOINABLE_QUEUE ? native.taskQueueCreate(capacity) : native.queueCreate(capacity);
}

/**
 * A first-in, first-out queue for all processes and threads of the program. It can be an argument, a captured variable, a
 * result or an item of another queue.
 *
 * `put` copies the item before it resolves, and what is put can be taken at once. Items of one producer are taken in the
 * order in which it put them. An item whose `put` resolved is delivered exactly once, whoever is killed; one whose
 * consumer is killed before its `get` resolved goes to another one. A pending call keeps the program alive, an idle
 * queue does not.
 *
 * @example
 * const queue = new Queue(100); // at most 100 items wait; without a number there is no limit
 * const worker = new Process({ target: async (items) => { for await (const item of items) console.log(item); }, args: [queue] });
 * await worker.start();
 * await queue.put('hello');
 * queue.shutdown();
 */
export class Queue<T = unknown> {
  /** What travels: this queue, or one that is made of it. It must live as long as anything waits here. */
  readonly #owner: object;
  readonly #handle: Handle;
  readonly #gets: WaitLine;
  readonly #puts: WaitLine;

  /** `maxsize`: most items that wait in it, at most 2^24; 0 or less: no limit. */
  constructor(maxsize?: number);
  /** @internal */
  constructor(maxsize: number | Arrival | undefined, kind: number, owner?: object);
  constructor(maxsize: number | Arrival = 0, kind: number = KIND.QUEUE, owner?: object) {
    this.#owner = owner ?? this;
    const capacity = maxsize instanceof Arrival ? 0 : capacityOf(maxsize);
    const number = maxsize instanceof Arrival ? maxsize.number : create(capacity, kind);
    this.#handle = new Handle(this.#owner, kind, number, { bytes: SLOT_BYTES * capacity });
    this.#gets = new WaitLine(number, SIDE.TAKE);
    this.#puts = new WaitLine(number, SIDE.PUT);
  }

  /**
   * Puts a copy of the item, as soon as there is room.
   *
   * @throws QueueFullError after `timeout` ms, DataCloneError, QueueShutDownError, StateError after `close`
   */
  async put(item: T, options?: WaitOptions): Promise<void> {
    const limits = waitOptions(options);
    const queue = this.#handle.get();
    // The item is copied now: what the caller changes in it later does not count. Who waits already is first.
    const isNext = this.#puts.isEmpty && limits.signal?.aborted !== true;
    const block = isNext ? send(queue, item) : packItem(item, 'item');
    if (block !== 0) await putBlock(block, this.#puts, () => tryPut(queue, block), full, limits);
  }

  /** `put` that blocks this thread. */
  putSync(item: T, options?: Omit<WaitOptions, 'signal'>): void {
    const { timeout } = blockingOptions(options);
    const queue = this.#handle.get();
    const block = send(queue, item);
    if (block !== 0) putBlockSync(block, queue, () => tryPut(queue, block), full, timeout);
  }

  /** Puts a copy of the item if there is room. @throws QueueFullError, DataCloneError, QueueShutDownError, StateError */
  putNowait(item: T): void {
    this.putSync(item, { timeout: 0 });
  }

  /**
   * Takes the oldest item, as soon as there is one.
   *
   * @throws QueueEmptyError after `timeout` ms, QueueShutDownError when none is left and none will come, StateError after `close`
   */
  async get(options?: WaitOptions): Promise<T> {
    const limits = waitOptions(options);
    const queue = this.#handle.get();
    if (this.#gets.isEmpty && limits.signal?.aborted !== true) {
      const item = take<T>(queue, 0);
      if (item !== NOT_YET) return item;
    }
    return await this.#gets.wait(() => take<T>(queue, 0), empty, limits);
  }

  /** `get` that blocks this thread. */
  getSync(options?: Omit<WaitOptions, 'signal'>): T {
    const { timeout } = blockingOptions(options);
    const queue = this.#handle.get();
    return trySync((waitMs) => take<T>(queue, waitMs), empty, timeout);
  }

  /** Takes the oldest item if there is one. @throws QueueEmptyError, QueueShutDownError, StateError */
  getNowait(): T {
    return this.getSync({ timeout: 0 });
  }

  /** Items in the queue; exact while nobody puts or gets. */
  qsize(): number {
    return arena().native.queueLength(this.#handle.get());
  }

  /** Whether no item is in the queue. */
  empty(): boolean {
    return this.qsize() === 0;
  }

  /** Whether `put` would have to wait. */
  full(): boolean {
    return arena().native.queueFull(this.#handle.get()) !== 0;
  }

  /**
   * Ends the use of the queue here: everything but `close`, `joinThread` and `cancelJoinThread` throws StateError from
   * now on, and what waits here rejects with it. Others go on; what was put stays.
   */
  close(): void {
    if (!this.#handle.isOpen) return;
    this.#gets.end(closed);
    this.#puts.end(closed);
    this.#handle.close();
  }

  /** Resolves at once: an item is in the queue when its `put` has resolved, nothing is left to be flushed. @throws StateError before `close` */
  async joinThread(_options?: WaitOptions): Promise<void> {
    if (this.#handle.isOpen) throw new StateError('joinThread() comes after close()');
  }

  /** Does nothing: no program has to wait for its queues. */
  cancelJoinThread(): void {
    // There is no feeder thread.
  }

  /**
   * Takes no more items, in no process: `put` throws QueueShutDownError, and `get` once the rest is taken; iterations end.
   * With `immediate` the rest is discarded.
   */
  shutdown(options?: { immediate?: boolean }): void {
    const immediate = optionalBoolean('immediate', optionalObject('options', options)?.['immediate']);
    arena().native.queueShut(this.#handle.get(), immediate === true);
  }

  /** Takes items until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new Iteration(
      (limits) => this.get(limits),
      (error) => error instanceof QueueShutDownError,
    );
  }

  /** For `wait([...])`. */
  get [READINESS](): Readiness {
    const queue = this.#handle.get();
    const isReady = (): boolean => arena().native.queueReady(queue) !== 0;
    return { isReady, onReady: (listener) => this.#gets.whenever(isReady, listener) };
  }

  /** The same as `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  [inspect.custom](): string {
    return `${this.#owner.constructor.name} { ${this.#handle.isOpen ? `qsize: ${this.qsize()}` : 'closed'} }`;
  }
}

/** 0 when the item was put, else a block with it. */
function send(queue: number, item: unknown): number {
  try {
    return sendItem(queue, item, 'item');
  } catch (error) {
    throw translated(error);
  }
}

function tryPut(queue: number, block: number): undefined | typeof NOT_YET {
  try {
    return arena().native.put(queue, block) === 0 ? NOT_YET : undefined;
  } catch (error) {
    throw translated(error);
  }
}

function take<T>(queue: number, waitMs: number): T | typeof NOT_YET {
  try {
    // Whoever puts into a Queue<T> puts a T.
    return takeItem(queue, waitMs) as T | typeof NOT_YET;
  } catch (error) {
    throw translated(error);
  }
}

function translated(error: unknown): unknown {
  return (error as { code?: string }).code === 'ERR_SHUT_DOWN'
    ? new QueueShutDownError('The queue is shut down')
    : error;
}

function full(): never {
  throw new QueueFullError('The queue is full');
}

function empty(): never {
  throw new QueueEmptyError('The queue is empty');
}

function closed(): never {
  throw new StateError('The queue was closed');
}
