// Bounds a wait by a time and an AbortSignal, without leaving a timer or a listener behind.
import { onceAborted } from '../abort-listeners.js';
import { LONGEST_TIMER } from '../memory/clock.js';
import { clearTimeout, setTimeout } from '../memory/timers.js';

export interface WaitOptions {
  /** Milliseconds; undefined: for ever; 0 or negative: poll once. */
  timeout?: number | undefined;
  /** Ends the wait with `signal.reason`. */
  signal?: AbortSignal | undefined;
}

/**
 * Waits until `subscribe` calls back. On time-out the wait ends with what `timedOut` returns or throws; what was waited
 * for goes on.
 */
export function limited<T>(
  subscribe: (settle: () => void) => () => void,
  outcome: () => T,
  timedOut: () => T,
  { timeout, signal }: WaitOptions,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    let unlisten: (() => void) | undefined;
    let unsubscribe: (() => void) | undefined;
    const end = (finish: () => void): void => {
      clearTimeout(timer);
      unlisten?.();
      unsubscribe?.();
      finish();
    };
    const settleWith = (value: () => T): void =>
      end(() => {
        try {
          resolve(value());
        } catch (error) {
          reject(error);
        }
      });
    const onAbort = (): void => end(() => reject(signal?.reason));
    let settled = false;
    unsubscribe = subscribe(() => {
      settled = true;
      settleWith(outcome);
    });
    if (settled) {
      unsubscribe();
      return;
    }
    if (timeout !== undefined && timeout <= 0) {
      settleWith(timedOut);
      return;
    }
    if (signal !== undefined) unlisten = onceAborted(signal, onAbort);
    if (timeout !== undefined) timer = setTimeout(() => settleWith(timedOut), Math.min(timeout, LONGEST_TIMER));
  });
}
