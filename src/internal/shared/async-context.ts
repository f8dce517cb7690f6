// The asynchronous contexts that own re-entrant locks: what is called and awaited in one shares what it owns.
import { AsyncLocalStorage } from 'node:async_hooks';
import { environment, type ProgramContexts } from '../native.js';

const contexts = new AsyncLocalStorage<AsyncContext>();

/**
 * A context. One that a lock began lies in the one around it and shares what that owns; one that a program's own
 * `AsyncLocalStorage.run` began shares nothing.
 */
export class AsyncContext {
  /** All that is in no other. */
  static readonly #ROOT = new AsyncContext(undefined, undefined, true);
  static readonly #ofProgram = new WeakMap<object, AsyncContext>();

  /** Locks that it owns. */
  held = 0;
  /** False until the lock for which it was entered is acquired: until then whoever is in it is in the one around it. */
  #begun: boolean;
  readonly #around: AsyncContext | undefined;
  /** The program's own context in which it is. */
  readonly #inside: object | undefined;

  private constructor(around: AsyncContext | undefined, inside: object | undefined, begun: boolean) {
    this.#around = around;
    this.#inside = inside;
    this.#begun = begun;
  }

  /** The context of who calls. */
  static current(): AsyncContext {
    const inside = programContexts().storage.getStore();
    let context: AsyncContext | undefined = contexts.getStore();
    while (context !== undefined && !context.#begun) context = context.#around;
    if (context !== undefined && context.#inside === inside) return context;
    if (inside === undefined) return AsyncContext.#ROOT;
    let outermost = AsyncContext.#ofProgram.get(inside);
    if (outermost === undefined) {
      outermost = new AsyncContext(undefined, inside, true);
      AsyncContext.#ofProgram.set(inside, outermost);
    }
    return outermost;
  }

  /** Runs a function in a context of its own. */
  static run<R>(fn: () => R): R {
    return programContexts().run.call(contexts, AsyncContext.#within(true), fn) as R;
  }

  /**
   * What comes after this call, in the function that calls and in those that called it, is in a new context. It begins when
   * `starting` has succeeded: until then its callers may start others that compete with it.
   */
  static enter(): AsyncContext {
    const context = AsyncContext.#within(false);
    contexts.enterWith(context);
    return context;
  }

  static #within(begun: boolean): AsyncContext {
    const current = AsyncContext.current();
    let around = current;
    // What owns nothing need not be remembered by all that come after it.
    while (around.held === 0 && around.#around !== undefined) around = around.#around;
    return new AsyncContext(around, current.#inside, begun);
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
}

/**
 * From the first call on, the program's own `AsyncLocalStorage.run` begins a context. There is no way to see it but to stand
 * in front of it, once for all loads of this package.
 */
export function programContexts(): ProgramContexts {
  return (environment().programContexts ??= observe());
}

function observe(): ProgramContexts {
  const storage = new AsyncLocalStorage<object>();
  const { run } = AsyncLocalStorage.prototype;
  const observed = function (this: AsyncLocalStorage<unknown>, store: unknown, callback: never, ...args: never[]) {
    return run.call(storage, {}, () => run.call(this, store, callback, ...args));
  };
  Object.defineProperty(observed, 'name', { value: 'run' });
  const descriptor = Object.getOwnPropertyDescriptor(AsyncLocalStorage.prototype, 'run');
  Object.defineProperty(AsyncLocalStorage.prototype, 'run', { ...descriptor, value: observed });
  return { storage, run };
}
