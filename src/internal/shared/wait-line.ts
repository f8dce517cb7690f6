// Waits of this environment for one shared object: first come, first served, with time limits and AbortSignals.
import { ProcessError } from '../../errors.js';
import { onceAborted } from '../abort-listeners.js';
import { arena } from '../memory/arena.js';
import { doorbell, type Watch } from '../memory/doorbell.js';
import { LONGEST_TIMER, monotonicMs } from '../memory/clock.js';
import { clearInterval, clearTimeout, setInterval, setTimeout } from '../memory/timers.js';

/** What ends a wait beside success. */
export interface Limits {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an attempt returns that has to wait. */
export const NOT_YET = Symbol('not yet');
export type Attempt<T> = () => T | typeof NOT_YET;

interface Waiter {
  /** Tries once; true when the wait has ended, either way. */
  attempt(): boolean;
  /** Ends the wait with what this throws. */
  end(thrower: () => never): void;
}

const SLICE_MS = 50;
// A death is told by the kernel, but somebody has to ask. Whoever has a child is told by its exit event; this is for
// those who wait for what a sibling or a stranger held.
const REAP_MS = 200;

let waits = 0;
let reaper: NodeJS.Timeout | undefined;

function startWait(): void {
  doorbell().hold();
  if (waits++ > 0) return;
  reaper = setInterval(() => void arena().native.reap(), REAP_MS);
  reaper.unref();
}

function endWait(): void {
  doorbell().release();
  if (--waits > 0) return;
  clearInterval(reaper);
  reaper = undefined;
}

/** The waits for one side of one shared object. */
export class WaitLine implements Watch {
  readonly queue: number;
  readonly side: number;
  /** Changes, or notifications, that the last attempts knew of. */
  seen = 0;
  readonly #waiters: Waiter[] = [];
  readonly #look: (() => number) | undefined;
  readonly #isReady: (() => boolean) | undefined;

  /**
   * `look`: the changes of an event or barrier. Then each waiter has something of its own to wait for, and none is before
   * another; all are tried after every change. `isReady` tells what else than the object's own state makes an attempt worth it.
   */
  constructor(handle: number, side: number, { look, isReady }: { look?: () => number; isReady?: () => boolean } = {}) {
    this.queue = handle;
    this.side = side;
    this.#look = look;
    this.#isReady = isReady;
  }

  isReady(): boolean {
    return this.#isReady?.() === true;
  }

  /** Nobody waits: an operation may be tried at once without getting ahead of anybody. */
  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  drain(): boolean {
    let any = false;
    if (this.#look === undefined) {
      while (this.#waiters[0]?.attempt() === true) any = true;
      return any;
    }
    // Before the attempts: what changes during them makes the object ready again.
    this.seen = this.#look();
    for (const waiter of [...this.#waiters]) if (waiter.attempt()) any = true;
    return any;
  }

  /**
   * Settles with what `attempt` returns or throws as soon as that is not NOT_YET, or with what `timedOut` does. Callers await
   * it before they return it: the stack of an error then leads to their own callers.
   */
  async wait<T>(attempt: Attempt<T>, timedOut: () => T, { timeout, signal }: Limits): Promise<T> {
    if (signal?.aborted === true) throw signal.reason;
    if (this.#look !== undefined && this.isEmpty) this.seen = this.#look();
    if (this.isEmpty || this.#look !== undefined) {
      const value = attempt();
      if (value !== NOT_YET) return value;
    }
    if (timeout !== undefined && timeout <= 0) return timedOut();
    try {
      return await this.#settled(attempt, timedOut, { timeout, signal });
    } catch (error) {
      // It was made by a timer or by the doorbell, where no line of the program is on the stack.
      if (error instanceof ProcessError) Error.captureStackTrace(error);
      throw error;
    }
  }

  #settled<T>(attempt: Attempt<T>, timedOut: () => T, { timeout, signal }: Limits): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let unlisten: (() => void) | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        unlisten?.();
        this.#leave(waiter);
      };
      const onAbort = (): void => {
        leave();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        attempt: () => {
          const settled = settles(attempt, resolve, reject);
          if (settled) leave();
          return settled;
        },
        end: (thrower) => {
          leave();
          settles(thrower, resolve, reject);
        },
      };
      const deadline = timeout === undefined ? undefined : monotonicMs() + timeout;
      const onTime = (): void => {
        const left = (deadline ?? 0) - monotonicMs();
        if (left > 0) {
          timer = setTimeout(onTime, Math.min(left, LONGEST_TIMER));
          return;
        }
        leave();
        settles(timedOut, resolve, reject);
      };
      // In the line before anything can take it out again: the time may be up already.
      this.#join(waiter);
      if (signal !== undefined) unlisten = onceAborted(signal, onAbort);
      if (deadline !== undefined) onTime();
    });
  }

  /**
   * Calls `listener` once `isReady` holds or, with what throws the reason, the line is ended; takes nothing. The function it
   * returns takes the call back.
   */
  whenever(isReady: () => boolean, listener: (ended?: () => never) => void): () => void {
    const waiter: Waiter = {
      attempt: () => {
        if (!isReady()) return false;
        leave();
        listener();
        return true;
      },
      end: (thrower) => {
        leave();
        listener(thrower);
      },
    };
    let isWaiting = true;
    const leave = (): void => {
      if (!isWaiting) return;
      isWaiting = false;
      this.#leave(waiter);
    };
    this.#join(waiter);
    return leave;
  }

  /** Ends every wait with what `thrower` throws. */
  end(thrower: () => never): void {
    for (const waiter of [...this.#waiters]) waiter.end(thrower);
  }

  #join(waiter: Waiter): void {
    startWait();
    if (this.#waiters.push(waiter) === 1) doorbell().watch(this);
  }

  #leave(waiter: Waiter): void {
    this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
    if (this.isEmpty) doorbell().unwatch(this);
    endWait();
  }
}

/** Runs an attempt; false when it has to wait. */
function settles<T>(attempt: Attempt<T>, resolve: (value: T) => void, reject: (error: unknown) => void): boolean {
  try {
    const value = attempt();
    if (value === NOT_YET) return false;
    resolve(value);
  } catch (error) {
    reject(error);
  }
  return true;
}

/** Blocks this thread until `attempt` gives something else than NOT_YET, or gives what `timedOut` does. */
export function waitSync<T>(
  handle: number,
  side: number,
  attempt: Attempt<T>,
  timedOut: () => T,
  timeout: number | undefined,
  seen: () => number = () => 0,
): T {
  const waitAndTry = (waitMs: number): T | typeof NOT_YET => {
    if (waitMs > 0) waitSlice(handle, side, seen(), waitMs);
    return attempt();
  };
  return trySync(waitAndTry, timedOut, timeout);
}

/** The same for an attempt that waits itself, up to `waitMs`. */
export function trySync<T>(
  attempt: (waitMs: number) => T | typeof NOT_YET,
  timedOut: () => T,
  timeout: number | undefined,
): T {
  const first = attempt(0);
  if (first !== NOT_YET) return first;
  let now = monotonicMs();
  const deadline = timeout === undefined ? Infinity : now + timeout;
  let reapAt = now + REAP_MS;
  while (now < deadline) {
    if (now >= reapAt) {
      arena().native.reap();
      reapAt = now + REAP_MS;
    }
    const value = attempt(Math.min(SLICE_MS, deadline - now));
    if (value !== NOT_YET) return value;
    now = monotonicMs();
  }
  return timedOut();
}

// A function of its own: a thread that is being terminated is stopped at the next function entry.
function waitSlice(handle: number, side: number, seen: number, ms: number): void {
  arena().native.waitSlice(handle, side, seen, ms);
}
