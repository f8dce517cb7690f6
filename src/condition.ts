// A condition that processes and threads share: who has its lock waits for others to notify it.
import { inspect } from 'node:util';
import { StateError } from './errors.js';
import { arena } from './internal/memory/arena.js';
import { SIDE } from './internal/memory/doorbell.js';
import type { AcquireOptions } from './internal/shared/acquirable.js';
import { Arrival, Handle, handleOf, objectOf } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { synchronous } from './internal/shared/synchronous.js';
import { NOT_YET, WaitLine, waitSync } from './internal/shared/wait-line.js';
import { blockingOptions, waitOptions } from './internal/shared/wait-options.js';
import { callable, integer, wrongType } from './internal/validate.js';
import { AnyLock, Lock } from './lock.js';
import { RLock } from './rlock.js';
import { monotonicMs } from './internal/memory/clock.js';

const EVERYBODY = 2 ** 31;

/**
 * A condition variable for all processes and threads of the program. It can be an argument, a captured variable, a result or
 * an item of a queue, and its lock goes with it. `wait` gives the lock up while it waits; a notification goes to somebody
 * who waits at that time, or to nobody. Who is notified and dies before it has the lock again passes the notification on,
 * and a notifier waits for nobody.
 *
 * @example
 * const changed = new Condition();
 * await changed.run(() => changed.waitFor(() => counter.value > 3)); // in one process
 * await changed.run(() => { counter.value++; changed.notify(); }); // in another
 */
export class Condition {
  readonly #handle: Handle;
  readonly #line: WaitLine;
  readonly #lock: Lock | RLock;

  /** `lock`: one that is used for something else too; a new RLock if there is none. */
  constructor(lock?: Lock | RLock);
  /** @internal */
  constructor(lock?: Lock | RLock | Arrival);
  constructor(lock: Lock | RLock | Arrival = new RLock()) {
    const { native } = arena();
    let number: number;
    if (lock instanceof Arrival) {
      ({ number } = lock);
      const { handle, kind } = native.linked(number);
      // The kind says so.
      this.#lock = objectOf(kind, handle) as Lock | RLock;
    } else {
      if (!(lock instanceof AnyLock)) throw wrongType('lock', 'a Lock or an RLock', lock);
      this.#lock = lock;
      const ticket = handleOf(lock);
      number = native.conditionCreate(ticket?.get() ?? 0, ticket?.kind ?? 0);
    }
    this.#handle = new Handle(this, KIND.CONDITION, number);
    this.#line = new WaitLine(number, SIDE.CHANGE);
  }

  /**
   * Gives up the lock, waits to be notified, and acquires the lock again. Resolves to whether it was notified in time.
   *
   * @throws StateError when the lock is not acquired; what the signal was aborted with, then with the lock acquired again
   */
  async wait(options?: AcquireOptions): Promise<boolean> {
    const limits = waitOptions(options);
    const condition = this.#begin();
    const lock = this.#lock.suspend();
    let notified: boolean;
    try {
      const gaveUp = (): boolean => this.#gaveUp(condition);
      notified = await this.#line.wait(() => this.#reserve(condition), gaveUp, limits);
    } catch (error) {
      try {
        this.#passOn(condition);
      } finally {
        await lock.resume();
      }
      throw error;
    }
    await lock.resume();
    if (notified) this.#take(condition);
    return notified;
  }

  /** `wait` that blocks this thread. */
  waitSync(options?: Omit<AcquireOptions, 'signal'>): boolean {
    const { timeout } = blockingOptions(options);
    const condition = this.#begin();
    const lock = this.#lock.suspend();
    let notified: boolean;
    try {
      notified = waitSync<boolean>(
        condition,
        SIDE.CHANGE,
        () => this.#reserve(condition),
        () => this.#gaveUp(condition),
        timeout,
        () => this.#line.seen,
      );
    } catch (error) {
      // Whatever went wrong: who calls has the lock, and will release it.
      try {
        this.#passOn(condition);
      } finally {
        lock.resumeSync();
      }
      throw error;
    }
    lock.resumeSync();
    if (notified) this.#take(condition);
    return notified;
  }

  /**
   * Waits until the predicate gives something truthy, or a promise of it, and resolves to that; to what it gave last after
   * `timeout` ms.
   */
  async waitFor<R>(predicate: () => R, options?: AcquireOptions): Promise<Awaited<R>> {
    callable('predicate', predicate);
    const { timeout, signal } = waitOptions(options);
    signal?.throwIfAborted();
    const deadline = timeout === undefined ? undefined : monotonicMs() + timeout;
    for (;;) {
      const value = await predicate();
      if (value) return value;
      const left = deadline === undefined ? undefined : deadline - monotonicMs();
      if (!(await this.wait({ timeout: left, signal }))) return await predicate();
    }
  }

  /** `waitFor` that blocks this thread. */
  waitForSync<R>(predicate: () => R, options?: Omit<AcquireOptions, 'signal'>): R {
    callable('predicate', predicate);
    const { timeout } = blockingOptions(options);
    const deadline = timeout === undefined ? undefined : monotonicMs() + timeout;
    const look = (): R => synchronous('predicate', 'waitForSync', predicate());
    for (;;) {
      const value = look();
      if (value) return value;
      const left = deadline === undefined ? undefined : deadline - monotonicMs();
      if (!this.waitSync({ timeout: left })) return look();
    }
  }

  /** Notifies up to `n` of those who wait. @throws StateError when the lock is not acquired */
  notify(n = 1): void {
    this.#notify(integer('n', n, 0));
  }

  /** Notifies everybody who waits. @throws StateError when the lock is not acquired */
  notifyAll(): void {
    this.#notify(EVERYBODY);
  }

  /** As that of its lock, and so are those below. */
  acquire(options?: AcquireOptions): Promise<boolean> {
    return this.#lock.acquire(options);
  }

  /** `acquire` that blocks this thread. */
  acquireSync(options?: Omit<AcquireOptions, 'signal'>): boolean {
    return this.#lock.acquireSync(options);
  }

  /** Acquires the lock if it is free. */
  tryAcquire(): boolean {
    return this.#lock.tryAcquire();
  }

  /** Gives the lock back. @throws StateError when it was not acquired here */
  release(): void {
    this.#lock.release();
  }

  /** Whether anybody has the lock, anywhere. */
  locked(): boolean {
    return this.#lock.locked();
  }

  /** Acquires the lock until what this resolves to is disposed of. @throws TimeoutError after `timeout` ms */
  guard(options?: AcquireOptions): Promise<Disposable> {
    return this.#lock.guard(options);
  }

  /** `guard` that blocks this thread. */
  guardSync(options?: Omit<AcquireOptions, 'signal'>): Disposable {
    return this.#lock.guardSync(options);
  }

  /** Runs a function while the lock is acquired. @throws TimeoutError after `timeout` ms; what the function throws */
  run<R>(fn: () => R | Promise<R>, options?: AcquireOptions): Promise<Awaited<R>> {
    return this.#lock.run(fn, options);
  }

  /** Whether the lock was acquired here from an owner that died with it. Until `release`. */
  get ownerDied(): boolean {
    return this.#lock.ownerDied;
  }

  [inspect.custom](): string {
    return `${this.constructor.name} { ${inspect(this.#lock)} }`;
  }

  #begin(): number {
    const condition = this.#handle.get();
    this.#checkOwned('wait');
    arena().native.conditionBegin(condition);
    return condition;
  }

  /** A notification for one of us; it stays with us in the arena, to be passed on, until the lock is ours again. */
  #reserve(condition: number): true | typeof NOT_YET {
    if (arena().native.conditionNotified(condition) <= this.#line.seen) return NOT_YET;
    this.#line.seen++;
    return true;
  }

  /** True when a notification came at the last moment; then it is reserved. */
  #gaveUp(condition: number): boolean {
    const notified = arena().native.conditionGiveUp(condition) !== 0;
    if (notified) this.#line.seen++;
    return notified;
  }

  /** Waits no more; a notification that came at the last moment goes to somebody who does. */
  #passOn(condition: number): void {
    if (!this.#gaveUp(condition)) return;
    // It stays with us until that one has it: a death in between loses none.
    arena().native.conditionNotify(condition, 1);
    this.#take(condition);
  }

  #take(condition: number): void {
    arena().native.conditionTake(condition);
    this.#line.seen--;
  }

  #notify(count: number): void {
    const condition = this.#handle.get();
    this.#checkOwned('notify');
    arena().native.conditionNotify(condition, count);
  }

  #checkOwned(what: string): void {
    if (!this.#lock.isOwned) throw new StateError(`${what}() needs the lock of the condition to be acquired`);
  }
}
