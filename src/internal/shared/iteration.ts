// Iterations that take what comes until there is no more; to end one takes back what it waits for.
import { stayHere } from '../codec/kinds.js';
import type { Limits } from './wait-line.js';

/** The reason with which the waits of an iteration end that its consumer has left. */
const LEFT = Symbol('left');

/**
 * An async generator would wait with `return()` for the item that `next()` waits for, and take it from whoever wants it
 * then: so do streams that are destroyed, for which nobody reads any more.
 */
export class Iteration<T> implements AsyncIterableIterator<T> {
  readonly #take: (limits: Limits) => Promise<T>;
  readonly #isEnd: (error: unknown) => boolean;
  readonly #waits = new AbortController();
  #isOver = false;

  /** `isEnd`: whether an error of `take` says that nothing comes any more. */
  constructor(take: (limits: Limits) => Promise<T>, isEnd: (error: unknown) => boolean) {
    this.#take = take;
    this.#isEnd = isEnd;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      return { done: false, value: await this.#take({ signal: this.#waits.signal }) };
    } catch (error) {
      this.#isOver = true;
      if (error === LEFT || this.#isEnd(error)) return { done: true, value: undefined };
      throw error;
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isOver = true;
    this.#waits.abort(LEFT);
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

stayHere(Iteration);
