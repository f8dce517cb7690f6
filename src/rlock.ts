// A lock that its owner may acquire again: the process or thread, and in it the asynchronous context.
import { AsyncLocalStorage } from 'node:async_hooks';
import { StateError } from './errors.js';
import { arena } from './internal/memory/arena.js';
import { released, type AcquireOptions } from './internal/shared/acquirable.js';
import type { Arrival } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { waitOptions } from './internal/shared/wait-options.js';
import { AnyLock, type Suspended } from './lock.js';

/** A context: each `run` that does not have the lock yet starts one. */
const contexts = new AsyncLocalStorage<object>();
const ROOT = {};

/**
 * A lock like `Lock` that its owner may acquire any number of times and gives back with as many releases. The owner is the
 * process or thread and in it the asynchronous context: `run` starts one, and whatever is called or awaited within its
 * function shares it. All that is outside of every `run` is one context.
 *
 * @example
 * const lock = new RLock();
 * await lock.run(async () => {
 *   await lock.run(() => 'again'); // the same owner
 * });
 */
export class RLock extends AnyLock {
  #owner: object | undefined;
  #count = 0;

  constructor();
  /** @internal */
  constructor(arrival?: Arrival) {
    super(arrival, KIND.RLOCK);
  }

  protected claim(): () => boolean {
    const { native } = arena();
    const lock = this.handle.get();
    const context = contexts.getStore() ?? ROOT;
    return () => {
      if (this.#owner === undefined) {
        if (native.lockAcquire(lock) === 0) return false;
        this.#owner = context;
      } else if (this.#owner !== context) {
        return false;
      }
      this.#count++;
      return true;
    };
  }

  override async acquire(options?: AcquireOptions): Promise<boolean> {
    // The owner goes past those who wait for it.
    if (!this.isOwned) return super.acquire(options);
    waitOptions(options).signal?.throwIfAborted();
    return this.claim()();
  }

  release(): void {
    this.#checkOwned();
    if (this.#count > 1) {
      this.#count--;
      return;
    }
    released(() => arena().native.lockRelease(this.handle.get()));
    this.#count = 0;
    this.#owner = undefined;
  }

  override async run<R>(fn: () => R | Promise<R>, options?: AcquireOptions): Promise<Awaited<R>> {
    const run = (): Promise<Awaited<R>> => super.run(fn, options);
    return this.isOwned ? run() : contexts.run({}, run);
  }

  /** Whether who calls is the owner. @internal */
  get isOwned(): boolean {
    return this.#owner !== undefined && this.#owner === (contexts.getStore() ?? ROOT);
  }

  /** @internal */
  suspend(): Suspended {
    this.#checkOwned();
    const { native } = arena();
    const lock = this.handle.get();
    const owner = this.#owner;
    const count = this.#count;
    this.#count = 1;
    this.release();
    return this.suspended(() => {
      if (this.#owner !== undefined || native.lockAcquire(lock) === 0) return false;
      this.#owner = owner;
      this.#count = count;
      return true;
    });
  }

  #checkOwned(): void {
    if (!this.isOwned) throw new StateError('release() of a lock that this context has not acquired');
  }
}
