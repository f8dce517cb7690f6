// What is acquired and released: locks, semaphores, conditions. Waits in line within this environment, and with all others
// for the object itself.
import { callable } from '../validate.js';
import { blockingOptions, waitOptions } from './wait-options.js';
import { StateError, TimeoutError } from '../../errors.js';
import { SIDE } from '../memory/doorbell.js';
import { NOT_YET, WaitLine, waitSync, type Limits } from './wait-line.js';

/** A time limit in ms (0 or less: try once) and an AbortSignal. */
export interface AcquireOptions {
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Where an object has what its subclasses here need of it. Symbols: who prints or copies its properties does not see them,
 * and a subclass of a user may have fields of such names.
 */
export const ACQUIRER = Symbol('manyhands.acquirer');
export const HANDLE = Symbol('manyhands.handle');

/** One line per shared object, for all that acquire it here. */
export class Acquirer {
  readonly #handle: number;
  readonly #line: WaitLine;

  constructor(handle: number) {
    this.#handle = handle;
    this.#line = new WaitLine(handle, SIDE.CHANGE);
  }

  acquire(attempt: () => boolean, limits: Limits): boolean | Promise<boolean> {
    // Most are free, and a wait costs more than the rest.
    if (this.#line.isEmpty && limits.signal?.aborted !== true && attempt()) return true;
    return this.#line.wait(
      () => attempt() || NOT_YET,
      () => false,
      limits,
    );
  }

  acquireSync(attempt: () => boolean, { timeout }: Limits): boolean {
    return waitSync(
      this.#handle,
      SIDE.CHANGE,
      () => attempt() || NOT_YET,
      () => false,
      timeout,
    );
  }
}

/** The methods that everything has that can be acquired. */
export abstract class Acquirable {
  /** The line in which this object's callers wait. */
  protected abstract readonly [ACQUIRER]: Acquirer;

  /**
   * What tries to acquire it for who calls now: the caller's context counts, not that of later attempts. It must refer to
   * this object, which then lives as long as a call waits, though the caller may have forgotten it.
   */
  protected abstract claim(): () => boolean;

  /** Gives back what was acquired. @throws StateError when it was not acquired here */
  abstract release(): void;

  /** The release of whoever has what a guard gave. */
  protected giveBack(): void {
    this.release();
  }

  /**
   * Acquires it as soon as possible. Resolves to false after `timeout` ms.
   *
   * @throws what the signal was aborted with; then nothing is acquired
   */
  async acquire(options?: AcquireOptions): Promise<boolean> {
    return await this[ACQUIRER].acquire(this.claim(), waitOptions(options));
  }

  /** `acquire` that blocks this thread. */
  acquireSync(options?: Omit<AcquireOptions, 'signal'>): boolean {
    return this[ACQUIRER].acquireSync(this.claim(), blockingOptions(options));
  }

  /** Acquires it if it is free. */
  tryAcquire(): boolean {
    return this.claim()();
  }

  /**
   * Acquires it until what this resolves to is disposed of.
   *
   * @throws TimeoutError after `timeout` ms
   * @example
   * using held = await lock.guard();
   */
  async guard(options?: AcquireOptions): Promise<Disposable> {
    if (!(await this.acquire(options))) throw notInTime(options);
    return this.#held();
  }

  /** `guard` that blocks this thread. */
  guardSync(options?: Omit<AcquireOptions, 'signal'>): Disposable {
    if (!this.acquireSync(options)) throw notInTime(options);
    return this.#held();
  }

  /**
   * Runs a function while it is acquired, and resolves to what the function gives.
   *
   * @throws TimeoutError after `timeout` ms; what the function throws
   */
  async run<R>(fn: () => R | Promise<R>, options?: AcquireOptions): Promise<Awaited<R>> {
    callable('fn', fn);
    using _held = await this.guard(options);
    return await fn();
  }

  #held(): Disposable {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.giveBack();
      },
    };
  }
}

function notInTime(options: AcquireOptions | undefined): TimeoutError {
  return new TimeoutError(`It could not be acquired within ${options?.timeout ?? 0} ms`);
}

/** Runs a release; what the core refuses is a call in the wrong state. */
export function released(release: () => void): void {
  try {
    release();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_NOT_HELD') throw error;
    throw new StateError('release() without having acquired it here', { cause: error });
  }
}
