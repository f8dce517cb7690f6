// Bounds a wait by a time and an AbortSignal, without leaving a timer or a listener behind.
import { onceAborted } from '../abort-listeners.js';
import { LONGEST_TIMER } from '../memory/clock.js';
import { clearTimeout, setTimeout } from '../memory/timers.js';

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds; undefined: for ever; 0 or negative: poll once. */
  timeout?: number | undefined;
  /** Ends the wait with `signal.reason`. */
  signal?: AbortSignal | undefined;
}

/**
 * Waits until `subscribe` calls back. On time-out the wait ends with what `timedOut` returns or throws; what was waited
 * for goes on. Callers await it before they return it: the stack of a time-out then leads to their own callers.
 */
export async function limited<T>(
  subscribe: (settle: () => void) => () => void,
  outcome: () => T,
  timedOut: () => T,
  { timeout, signal }: WaitOptions,
): Promise<T> {
  const end = await new Promise<() => T>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    let unlisten: (() => void) | undefined;
    let unsubscribe: (() => void) | undefined;
    const leave = (): void => {
      clearTimeout(timer);
      unlisten?.();
      unsubscribe?.();
    };
    const onTime = (): void => {
      leave();
      resolve(timedOut);
    };
    const onAbort = (): void => {
      leave();
      reject(signal?.reason);
    };
    let settled = false;
    unsubscribe = subscribe(() => {
      settled = true;
      leave();
      try {
        const value = outcome();
        resolve(() => value);
      } catch (error) {
        reject(error);
      }
    });
    if (settled) {
      unsubscribe();
      return;
    }
    if (timeout !== undefined && timeout <= 0) {
      onTime();
      return;
    }
    if (signal !== undefined) unlisten = onceAborted(signal, onAbort);
    if (timeout !== undefined) timer = setTimeout(onTime, Math.min(timeout, LONGEST_TIMER));
  });
  // Not in the timer, where no line of the program is on the stack.
  return end();
}
