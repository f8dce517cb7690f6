// A lock that its owner may acquire again: the process or thread, and in it the asynchronous context.
import { StateError } from './errors.js';
import { arena } from './internal/memory/arena.js';
import { HANDLE, released, type AcquireOptions } from './internal/shared/acquirable.js';
import { AsyncContext, programContexts } from './internal/shared/async-context.js';
import { letGo, type Arrival } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { waitOptions } from './internal/shared/wait-options.js';
import { AnyLock, type Suspended } from './lock.js';

interface Ownership {
  owner: AsyncContext | undefined;
  count: number;
}

/** Of locks that were forgotten here while they were acquired, by number: who gets one again owns it as before. */
const forgotten = new Map<number, Ownership>();

function ownershipOf(arrival: Arrival | undefined): Ownership {
  const number = arrival?.number ?? 0;
  const ownership = forgotten.get(number) ?? { owner: undefined, count: 0 };
  forgotten.delete(number);
  return ownership;
}

/**
 * A lock like `Lock` that its owner may acquire any number of times and gives back with as many releases. The owner is the
 * process or thread and in it the asynchronous context: `run`, `guard` and `AsyncLocalStorage.run` start one, and what is
 * called or awaited in it shares it. All that is outside of them is one context. A context that `run` or `guard` started
 * shares what the one around it owns.
 *
 * @example
 * const lock = new RLock();
 * await lock.run(async () => {
 *   await lock.run(() => 'again'); // the same owner
 * });
 */
export class RLock extends AnyLock {
  readonly #ownership: Ownership;

  constructor();
  /** @internal */
  constructor(arrival?: Arrival) {
    const ownership = ownershipOf(arrival);
    super(arrival, KIND.RLOCK, (number) => {
      if (!letGo(number) && ownership.owner !== undefined) forgotten.set(number, ownership);
    });
    this.#ownership = ownership;
    programContexts();
  }

  protected claim(): () => boolean {
    const { native } = arena();
    const lock = this[HANDLE].get();
    const context = AsyncContext.current();
    return () => {
      if (this.#ownership.owner === undefined) {
        if (native.lockAcquire(lock) === 0) return false;
        this.#own(context, 1);
        return true;
      }
      if (!context.isWithin(this.#ownership.owner)) return false;
      this.#ownership.count++;
      return true;
    };
  }

  /** As that of `Lock`, and at once for its owner. */
  override async acquire(options?: AcquireOptions): Promise<boolean> {
    // The owner goes past those who wait for it.
    if (!this.isOwned) return await super.acquire(options);
    waitOptions(options).signal?.throwIfAborted();
    return this.claim()();
  }

  /** Undoes one `acquire`; the last one frees it. @throws StateError in a context that has not acquired it */
  release(): void {
    this.#checkOwned();
    this.giveBack();
  }

  /** What a guard gave may have been passed on to another context. */
  protected override giveBack(): void {
    if (this.#ownership.count > 1) {
      this.#ownership.count--;
      return;
    }
    released(() => arena().native.lockRelease(this[HANDLE].get()));
    if (this.#ownership.owner !== undefined) this.#ownership.owner.held--;
    this.#ownership.count = 0;
    this.#ownership.owner = undefined;
  }

  /** As that of `Lock`; what comes after it, in the function that awaits it, is one context with it. */
  override guard(options?: AcquireOptions): Promise<Disposable> {
    if (this.isOwned) return super.guard(options);
    return AsyncContext.enter().starting(() => super.guard(options));
  }

  /** As that of `Lock`; what is called or awaited in `fn` may acquire it again. */
  override async run<R>(fn: () => R | Promise<R>, options?: AcquireOptions): Promise<Awaited<R>> {
    const run = (): Promise<Awaited<R>> => super.run(fn, options);
    return await (this.isOwned ? run() : AsyncContext.run(run));
  }

  /** Whether who calls is the owner. @internal */
  get isOwned(): boolean {
    return this.#ownership.owner !== undefined && AsyncContext.current().isWithin(this.#ownership.owner);
  }

  /** @internal */
  suspend(): Suspended {
    const { native } = arena();
    const lock = this[HANDLE].get();
    const owner = this.#checkOwned();
    const count = this.#ownership.count;
    this.#ownership.count = 1;
    this.giveBack();
    return this.suspended(() => {
      if (this.#ownership.owner !== undefined || native.lockAcquire(lock) === 0) return false;
      this.#own(owner, count);
      return true;
    });
  }

  #own(context: AsyncContext, count: number): void {
    this.#ownership.owner = context;
    this.#ownership.count = count;
    context.held++;
  }

  #checkOwned(): AsyncContext {
    const owner = this.#ownership.owner;
    if (owner !== undefined && this.isOwned) return owner;
    throw new StateError('release() of a lock that this context has not acquired');
  }
}
