// A queue that knows which of its items are done, and lets one wait until all are.
import { StateError, TimeoutError } from './errors.js';
import type { WaitOptions } from './internal/job/time-limit.js';
import { arena } from './internal/memory/arena.js';
import { SIDE } from './internal/memory/doorbell.js';
import { handleOf, type Arrival } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { NOT_YET, WaitLine, waitSync, type Attempt } from './internal/shared/wait-line.js';
import { blockingOptions, waitOptions } from './internal/shared/wait-options.js';
import { Queue } from './queue.js';

/**
 * A {@link Queue} whose consumers say of each item they took that it is done; `join` waits until that is so of all that
 * was put. The count is exact whoever is killed: an item in the queue is not done; one that its consumer had when it died
 * or closed the queue is gone with it, and counts as done.
 *
 * Costs about 28 KB of shared memory beside what a Queue does.
 *
 * @example
 * const tasks = new JoinableQueue();
 * const worker = new Process({
 *   daemon: true,
 *   args: [tasks],
 *   target: async (queue) => {
 *     for await (const task of queue) {
 *       console.log(task);
 *       queue.taskDone();
 *     }
 *   },
 * });
 * await worker.start();
 * for (const task of ['sow', 'reap']) await tasks.put(task);
 * await tasks.join();
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  readonly #joins: WaitLine;

  /** `maxsize`: most items that wait in it, at most 2^24; 0 or less: no limit. */
  constructor(maxsize?: number);
  /** @internal */
  constructor(maxsize?: number | Arrival);
  constructor(maxsize?: number | Arrival) {
    super(maxsize, KIND.JOINABLE_QUEUE);
    const number = this.#number();
    this.#joins = new WaitLine(number, SIDE.DONE, { look: () => arena().native.taskZeros(number) });
  }

  /**
   * Says that an item is done: one that was taken here or, if there is none, one that was taken elsewhere.
   *
   * @throws StateError when all that was put is done, and after `close`
   */
  taskDone(): void {
    try {
      arena().native.taskDone(this.#number());
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_NOT_HELD') throw error;
      throw new StateError('taskDone() was called more often than items were put');
    }
  }

  /** Resolves when all that was put is done, at once if that is so now. @throws TimeoutError after `timeout` ms, StateError after `close` */
  async join(options?: WaitOptions): Promise<void> {
    const limits = waitOptions(options);
    const before = arena().native.joinBegin(this.#number());
    return await this.#joins.wait(this.#attempt(before), unfinished, limits);
  }

  /** `join` that blocks this thread. */
  joinSync(options?: Omit<WaitOptions, 'signal'>): void {
    const { timeout } = blockingOptions(options);
    const queue = this.#number();
    const before = arena().native.joinBegin(queue);
    waitSync(queue, SIDE.DONE, this.#attempt(before), unfinished, timeout, () => before);
  }

  /** As that of a Queue; what was taken here and is not done is gone, and counts as done. */
  override close(): void {
    const handle = handleOf(this);
    if (handle?.isOpen === true) arena().native.tasksLeave(handle.handle);
    this.#joins.end(closed);
    super.close();
  }

  #number(): number {
    const handle = handleOf(this);
    if (handle === undefined) throw new TypeError('Expected `this` to be a JoinableQueue');
    return handle.get();
  }

  /** All is done now, or was since `before`. */
  #attempt(before: number): Attempt<undefined> {
    return () => (arena().native.tasksDone(this.#number(), before) === 0 ? NOT_YET : undefined);
  }
}

function unfinished(): never {
  throw new TimeoutError('Not all items of the queue are done');
}

function closed(): never {
  throw new StateError('The queue was closed');
}
