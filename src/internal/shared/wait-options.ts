// Checks the options of everything that waits.
import { milliseconds, optionalObject, optionalSignal } from '../validate.js';
import type { Limits } from './wait-line.js';

/** The time limit in the options of a call that blocks its thread; a signal can only have been aborted before. */
export function blockingOptions(options: unknown): Pick<Limits, 'timeout'> {
  const { timeout, signal } = waitOptions(options);
  signal?.throwIfAborted();
  return { timeout };
}

/** The time limit and the signal in options that a caller gave. */
export function waitOptions(options: unknown): Limits {
  const given = optionalObject('options', options);
  return { timeout: milliseconds('timeout', given?.['timeout']), signal: optionalSignal('signal', given?.['signal']) };
}
