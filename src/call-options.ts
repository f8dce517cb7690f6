// The options of the calls of a pool, and the checks that turn them into settings.
import { AsyncResource } from 'node:async_hooks';
import type { LocalSettings } from './internal/engine/settings.js';
import type { ImapSettings } from './internal/job/imap-job.js';
import type { CallSettings } from './internal/job/job.js';
import type { WaitOptions } from './internal/job/time-limit.js';
import {
  knownOptions,
  milliseconds,
  object,
  optionalFunction,
  optionalInteger,
  optionalObject,
  optionalSignal,
  outOfRange,
  wrongType,
} from './internal/validate.js';

/** Options of every call. */
export interface CallOptions extends WaitOptions {
  /** Ms that the task may run, from its start, of a map each chunk: then its worker is replaced and the call rejects with TimeoutError. */
  timeout?: number | undefined;
  /** Stops the call, also while it runs, even in an endless loop; it rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** How often to run the task again when its worker dies. @default the pool's */
  retries?: number;
  /** Higher ones go first. @default 0 */
  priority?: number;
  /** Values for free variables of the function, by name; takes precedence over what would be captured. */
  with?: Record<string, unknown>;
}

/** Options of `applyAsync`, `mapAsync` and `starmapAsync`. What a callback throws goes to the pool's `error` event. */
export interface AsyncOptions<R> extends CallOptions {
  /** Called with the result, before anybody who waits for it. */
  callback?(value: R): void;
  /** Called with what the call rejects with, before anybody who waits for it. */
  errorCallback?(error: unknown): void;
}

/** How far a map has come, in items. */
export interface Progress {
  done: number;
  total?: number;
}

/** Options of `map` and `starmap`. */
export interface MapOptions extends CallOptions {
  /** Items per task. @default ceil(n / (4 * processes)) */
  chunksize?: number;
  /** Called after each chunk. */
  onProgress?(progress: Progress): void;
  /** Draws a progress bar on stderr when that is a terminal; a string is its title. */
  progress?: boolean | string;
}

/** Options of `imap` and `imapUnordered`. */
export interface ImapOptions extends CallOptions {
  /** Items per task. @default 1 */
  chunksize?: number;
  /** At most so many items are taken ahead of the consumer. @default 32 chunks, or four per worker if that is more */
  buffersize?: number;
}

/** Those of all calls: one that a call has no use for harms nobody. */
const KNOWN = new Set([
  ...['timeout', 'signal', 'retries', 'priority', 'with', 'chunksize', 'buffersize', 'onProgress', 'progress'],
  ...['callback', 'errorCallback', 'engine', 'math', 'out', 'descending', 'inPlace', 'bins', 'range'],
]);

/** The options of a call, checked. */
export function callSettings(options: Record<string, unknown> | undefined, pool: LocalSettings): CallSettings {
  if (options === undefined)
    return { priority: 0, retries: pool.retries, timeoutMs: pool.taskTimeoutMs, signal: undefined, with: undefined };
  knownOptions(options, KNOWN);
  const timeout = milliseconds('timeout', options['timeout']);
  const priority = options['priority'] === undefined ? 0 : options['priority'];
  if (typeof priority !== 'number') throw wrongType('priority', 'a number', priority);
  if (Number.isNaN(priority)) throw outOfRange('priority', 'a number', priority);
  return {
    priority,
    retries: optionalInteger('retries', options['retries'], 0) ?? pool.retries,
    timeoutMs:
      timeout === undefined ? pool.taskTimeoutMs : Math.min(Math.max(0, timeout), pool.taskTimeoutMs ?? Infinity),
    signal: optionalSignal('signal', options['signal']),
    with: options['with'] === undefined ? undefined : object('with', options['with']),
  };
}

/** Options that may be given as a number, the chunksize. */
export function chunkOptions(options: unknown): Record<string, unknown> | undefined {
  return typeof options === 'number' ? { chunksize: options } : optionalObject('options', options);
}

export function progressOf(options: Record<string, unknown> | undefined): boolean | string | undefined {
  const progress = options?.['progress'];
  if (progress !== undefined && typeof progress !== 'boolean' && typeof progress !== 'string')
    throw wrongType('progress', 'a boolean or a string', progress);
  return progress;
}

export function chunksizeOf(options: Record<string, unknown> | undefined): number | undefined {
  return optionalInteger('chunksize', options?.['chunksize'], 1);
}

const DEFAULT_CHUNKS_AHEAD = 32;

export function imapSettings(
  options: Record<string, unknown> | undefined,
  processes: number,
  ordered: boolean,
): ImapSettings {
  const chunksize = chunksizeOf(options) ?? 1;
  const buffersize =
    optionalInteger('buffersize', options?.['buffersize'], 1) ??
    Math.max(DEFAULT_CHUNKS_AHEAD, 4 * processes) * chunksize;
  return { chunksize: Math.min(chunksize, buffersize), buffersize, ordered };
}

export interface Callbacks<R> {
  callback: ((value: R) => void) | undefined;
  errorCallback: ((error: unknown) => void) | undefined;
}

/**
 * A callback of the options, checked, bound to the caller's async context; what it throws, now or later, goes to
 * `onError` and stops nothing.
 */
export function guardedCallback(
  name: string,
  options: Record<string, unknown> | undefined,
  onError: (error: unknown) => void,
): ((value: unknown) => void) | undefined {
  const callback = optionalFunction(name, options?.[name]) as ((value: unknown) => unknown) | undefined;
  if (callback === undefined) return undefined;
  return AsyncResource.bind((value: unknown) => {
    try {
      const given = callback(value);
      if (given instanceof Promise) given.catch(onError);
    } catch (error) {
      onError(error);
    }
  });
}

/** The callbacks of an async call. */
export function callbacksOf<R>(
  options: Record<string, unknown> | undefined,
  onError: (error: unknown) => void,
): Callbacks<R> {
  return {
    callback: guardedCallback('callback', options, onError),
    errorCallback: guardedCallback('errorCallback', options, onError),
  };
}
