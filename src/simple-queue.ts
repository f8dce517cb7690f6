// A queue with nothing but put and get: Python's SimpleQueue.
import { inspect } from 'node:util';
import type { Arrival } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { READINESS, type Readiness } from './internal/shared/waitable.js';
import { Queue } from './queue.js';

/**
 * A first-in, first-out queue without limit for all processes and threads of the program, with the promises of `Queue`.
 *
 * @example
 * const queue = new SimpleQueue();
 * await queue.put('hello');
 * await queue.get(); // 'hello'
 */
export class SimpleQueue<T = unknown> {
  readonly #queue: Queue<T>;

  constructor();
  /** @internal */
  constructor(arrival: Arrival);
  constructor(arrival?: Arrival) {
    this.#queue = new Queue<T>(arrival, KIND.SIMPLE_QUEUE, this);
  }

  /** Puts a copy of the item. @throws DataCloneError, StateError after `close` */
  put(item: T): Promise<void> {
    return this.#queue.put(item);
  }

  /** `put` without a promise. */
  putSync(item: T): void {
    this.#queue.putSync(item);
  }

  /** Takes the oldest item, as soon as there is one. @throws StateError after `close` */
  get(): Promise<T> {
    return this.#queue.get();
  }

  /** `get` that blocks this thread. */
  getSync(): T {
    return this.#queue.getSync();
  }

  /** Whether no item is in the queue. */
  empty(): boolean {
    return this.#queue.empty();
  }

  /** Ends the use of the queue here. What was put stays for others. */
  close(): void {
    this.#queue.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For `wait([...])`. */
  get [READINESS](): Readiness {
    return this.#queue[READINESS];
  }

  [inspect.custom](): string {
    return inspect(this.#queue);
  }
}
