// Checks the options of everything that waits.
import { milliseconds, optionalObject, optionalSignal } from '../validate.js';
import type { Limits } from './wait-line.js';

/** The time limit and the signal in options that a caller gave. */
export function waitOptions(options: unknown): Limits {
  const given = optionalObject('options', options);
  return { timeout: milliseconds('timeout', given?.['timeout']), signal: optionalSignal('signal', given?.['signal']) };
}
