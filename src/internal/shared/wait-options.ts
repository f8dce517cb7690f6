// Checks the options of everything that waits.
import { knownOptions, milliseconds, optionalObject, optionalSignal } from '../validate.js';
import type { Limits } from './wait-line.js';

const KNOWN: ReadonlySet<string> = new Set(['timeout', 'signal']);

/** The time limit in the options of a call that blocks its thread; a signal can only have been aborted before. */
export function blockingOptions(options: unknown, known = KNOWN): Pick<Limits, 'timeout'> {
  const { timeout, signal } = waitOptions(options, known);
  signal?.throwIfAborted();
  return { timeout };
}

/** The time limit and the signal in options that a caller gave; `known`: all that the call has. */
export function waitOptions(options: unknown, known = KNOWN): Limits {
  const given = optionalObject('options', options);
  if (given !== undefined) knownOptions(given, known);
  return { timeout: milliseconds('timeout', given?.['timeout']), signal: optionalSignal('signal', given?.['signal']) };
}
