// The handle of a submitted call: ask whether it is ready, wait for it with a time limit, cancel it, or await it.
import { inspect } from 'node:util';
import { callbacksOf, chunkOptions, type Callbacks } from './call-options.js';
import { StateError, TimeoutError } from './errors.js';
import { stayHere } from './internal/codec/kinds.js';
import { waitOptions } from './internal/shared/wait-options.js';
import { limited, type WaitOptions } from './internal/job/time-limit.js';

type State<T> = { kind: 'pending' } | { kind: 'fulfilled'; value: T } | { kind: 'rejected'; error: unknown };

/** What a job does with the handle that it made. */
interface AsyncResultControl<T> {
  fulfil(value: T): void;
  reject(error: unknown): void;
}

/** Starts the call behind a handle; returns how to cancel it. */
type Start<T> = (control: AsyncResultControl<T>) => () => boolean;

/** Starts a call and returns its handle, which reports every failure, mistakes in the arguments of the call included. */
export function startAsync<T>(options: unknown, onError: (error: unknown) => void, start: Start<T>): AsyncResult<T> {
  let callbacks: Callbacks<T> = { callback: undefined, errorCallback: undefined };
  let mistake: { readonly error: unknown } | undefined;
  try {
    callbacks = callbacksOf<T>(chunkOptions(options), onError);
  } catch (error) {
    mistake = { error };
  }
  return new AsyncResult<T>((control) => {
    try {
      if (mistake !== undefined) throw mistake.error;
      return start(control);
    } catch (error) {
      control.reject(error);
      return () => false;
    }
  }, callbacks);
}

/**
 * The result of `applyAsync`, `mapAsync` or `starmapAsync`. It can be awaited like a promise; unlike a promise, a failure
 * that nobody looks at is no unhandled rejection.
 *
 * @example
 * const result = pool.applyAsync(work, [1]);
 * await result.wait({ timeout: 100 });
 * if (!result.ready()) result.cancel();
 */
export class AsyncResult<T> implements PromiseLike<T> {
  #state: State<T> = { kind: 'pending' };
  readonly #waiters = new Set<() => void>();
  readonly #cancel: () => boolean;
  readonly #callbacks: Callbacks<T>;

  /** @internal Made by pools; `start` gets the other end. */
  constructor(start: Start<T>, callbacks: Callbacks<T>) {
    this.#callbacks = callbacks;
    this.#cancel = start({
      fulfil: (value) => this.#settle({ kind: 'fulfilled', value }),
      reject: (error) => this.#settle({ kind: 'rejected', error }),
    });
  }

  #settle(state: State<T>): void {
    if (this.#state.kind !== 'pending') return;
    this.#state = state;
    // As in Python, the callback has run before anybody who waits is woken.
    if (state.kind === 'fulfilled') this.#callbacks.callback?.(state.value);
    else if (state.kind === 'rejected') this.#callbacks.errorCallback?.(state.error);
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  #subscribe = (settle: () => void): (() => void) => {
    if (this.#state.kind === 'pending') this.#waiters.add(settle);
    else settle();
    return () => this.#waiters.delete(settle);
  };

  #outcome = (): T => {
    const state = this.#state;
    if (state.kind === 'fulfilled') return state.value;
    throw state.kind === 'rejected' ? state.error : new StateError('The result is not ready');
  };

  /**
   * The value, or what the task threw.
   *
   * @throws TimeoutError when it is not ready within `timeout` ms; the call goes on and can be asked again
   */
  async get(options: WaitOptions = {}): Promise<T> {
    const limits = waitOptions(options);
    return await limited(
      this.#subscribe,
      this.#outcome,
      () => {
        throw new TimeoutError(`The result is not ready after ${limits.timeout ?? 0} ms`);
      },
      limits,
    );
  }

  /** Waits until the call has ended either way, or `timeout` ms; never rejects for what the task threw. */
  async wait(options: WaitOptions = {}): Promise<void> {
    const nothing = (): void => undefined;
    await limited(this.#subscribe, nothing, nothing, waitOptions(options));
  }

  /** Whether the call has ended, either way. */
  ready(): boolean {
    return this.#state.kind !== 'pending';
  }

  /**
   * Whether the call has ended without an error.
   *
   * @throws StateError while it is not ready
   */
  successful(): boolean {
    if (this.#state.kind === 'pending') throw new StateError('The result is not ready');
    return this.#state.kind === 'fulfilled';
  }

  /** Rejects with CancelledError what has not ended; a running task is stopped. False when it had ended before. */
  cancel(): boolean {
    return this.#state.kind === 'pending' && this.#cancel();
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is what this class is for
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.get().then(onFulfilled, onRejected);
  }

  [inspect.custom](): string {
    return `AsyncResult { ${this.#state.kind} }`;
  }
}

stayHere(AsyncResult);
