// The asynchronous contexts that own re-entrant locks: what is called and awaited in one shares what it owns.
import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A context. One that a lock began lies in the one around it and shares what that owns; one that a program's own
 * AsyncLocalStorage began shares nothing.
 */
export class AsyncContext {
  /** Locks that it owns. */
  held = 0;
  /** False until the lock for which it was entered is acquired: until then whoever is in it is in the one around it. */
  #begun: boolean;
  readonly #around: AsyncContext | undefined;

  private constructor(around: AsyncContext | undefined, begun: boolean) {
    this.#around = around;
    this.#begun = begun;
  }

  /** The context of who calls. */
  static current(): AsyncContext {
    let context: AsyncContext | undefined = contexts.getStore();
    while (context !== undefined && !context.#begun) context = context.#around;
    return context ?? AsyncContext.ROOT;
  }

  /** Runs a function in a context of its own. */
  static run<R>(fn: () => R): R {
    return run.call(contexts, new AsyncContext(AsyncContext.#outer(), true), fn) as R;
  }

  /**
   * What comes after this call, in the function that calls and in those that called it, is in a new context. It begins when
   * `starting` has succeeded: until then its callers may start others that compete with it.
   */
  static enter(): AsyncContext {
    const context = new AsyncContext(AsyncContext.#outer(), false);
    contexts.enterWith(context);
    return context;
  }

  /**
   * From now on a program's own `AsyncLocalStorage.run` begins a context, too. There is no way to see it but to stand in
   * front of it.
   */
  static observe(): void {
    if (AsyncLocalStorage.prototype.run !== run) return;
    const observed = function (this: AsyncLocalStorage<unknown>, store: unknown, callback: never, ...args: never[]) {
      return run.call(contexts, new AsyncContext(undefined, true), () => run.call(this, store, callback, ...args));
    };
    Object.defineProperty(observed, 'name', { value: 'run' });
    const descriptor = Object.getOwnPropertyDescriptor(AsyncLocalStorage.prototype, 'run');
    Object.defineProperty(AsyncLocalStorage.prototype, 'run', { ...descriptor, value: observed });
  }

  static #outer(): AsyncContext {
    let context = AsyncContext.current();
    // What owns nothing need not be remembered by all that come after it.
    while (context.held === 0 && context.#around !== undefined) context = context.#around;
    return context;
  }

  /** Acquires something for this context, which begins when that resolves. */
  async starting<T>(acquire: () => Promise<T>): Promise<T> {
    // Who it is for is asked before the first await.
    this.#begun = true;
    const acquired = acquire();
    this.#begun = false;
    const result = await acquired;
    this.#begun = true;
    return result;
  }

  /** Whether it is `other` or lies in it. */
  isWithin(other: AsyncContext): boolean {
    return this === other || this.#around?.isWithin(other) === true;
  }

  /** All that is in no other. */
  static readonly ROOT = new AsyncContext(undefined, true);
}

const contexts = new AsyncLocalStorage<AsyncContext>();
// Node's own: `observe` may put another one in its place.
const { run } = AsyncLocalStorage.prototype;
