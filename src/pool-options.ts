// The options of pools and of their calls: their types, and the checks that turn them into settings.
import type { ResourceLimits } from 'node:worker_threads';
import { AsyncResource } from 'node:async_hooks';
import { availableCpuCount } from './cpu.js';
import type { LocalSettings } from './internal/engine/settings.js';
import type { CallSettings } from './internal/job/job.js';
import type { ImapSettings } from './internal/job/imap-job.js';
import type { WaitOptions } from './internal/job/time-limit.js';
import {
  array,
  milliseconds,
  object,
  optionalFunction,
  optionalInteger,
  optionalObject,
  optionalSignal,
  outOfRange,
  task as checkTask,
  wrongType,
} from './internal/validate.js';
import { defaultStartMethod, START_METHODS, type StartMethod } from './start-method.js';
import type { Task } from './task.js';
import type { TypedArray } from './internal/engine/engine.js';

export interface PoolOptions {
  /** Number of workers. @default availableCpuCount() */
  processes?: number;
  /** Called once in every worker before its first task; a failure fails the pool with InitializerError. */
  initializer?: Task;
  initargs?: readonly unknown[];
  /** Replaces a worker after so many tasks (of a map: chunks). @default no limit */
  maxTasksPerChild?: number;
  /** Replaces a worker between tasks when its memory (RSS of a process, heap of a thread) exceeds so many bytes. */
  maxMemoryPerChild?: number;
  /** Where the workers live. @default getContext() */
  context?: { readonly method: StartMethod } | StartMethod;
  /** How often a task is run again whose worker died. @default 0 */
  retries?: number;
  /** Longest run time of a task in ms; then its worker is replaced and it rejects with TimeoutError. */
  taskTimeout?: number;
  /** Submissions beyond it wait outside the queue, and sources of `imap` are not pulled. @default no limit */
  maxQueue?: number;
  /** Shown in the names of the workers. */
  name?: string;
  /** Added to the environment variables that the workers inherit. */
  env?: Record<string, string>;
  /** Node's flags for the workers. @default those of this process */
  execArgv?: string[];
  resourceLimits?: ResourceLimits;
}

/** Options of every call. */
export interface CallOptions extends WaitOptions {
  /** How often to run the task again when its worker dies. @default the pool's */
  retries?: number;
  /** Higher ones go first. @default 0 */
  priority?: number;
  /** Values for free variables of the function, by name; takes precedence over what would be captured. */
  with?: Record<string, unknown>;
}

export interface AsyncOptions<R> extends CallOptions {
  callback?(value: R): void;
  errorCallback?(error: unknown): void;
}

export interface Progress {
  done: number;
  total?: number;
}

export interface MapOptions extends CallOptions {
  /** Items per task. @default ceil(n / (4 * processes)) */
  chunksize?: number;
  onProgress?(progress: Progress): void;
  /** Draws a progress bar on stderr when that is a terminal; a string is its title. */
  progress?: boolean | string;
}

/** Options of calls over typed arrays, which run natively where the function is in the numeric subset. */
export interface KernelOptions extends MapOptions {
  /** `'native'` insists on native code, or rejects with KernelError; `'workers'` leaves the call to the workers. @default what can */
  engine?: 'native' | 'workers';
  /** `'fast'`: functions of `Math` within 1 ulp, sums of products fused. @default 'exact', the bits that the function gives in this Node */
  math?: 'exact' | 'fast';
  /** Where results are stored, as its type stores them; of the same length as the items, and may be the items. */
  out?: TypedArray;
}

export interface ImapOptions extends CallOptions {
  /** Items per task. @default 1 */
  chunksize?: number;
  /** At most so many items are taken ahead of the consumer. @default 32 chunks, or four per worker if that is more */
  buffersize?: number;
}

/** The options of a pool, checked. */
export function poolSettings(options: unknown): LocalSettings {
  const given = typeof options === 'number' ? { processes: options } : (optionalObject('options', options) ?? {});
  const initializer = given['initializer'];
  if (initializer !== undefined) checkTask('initializer', initializer);
  const name = given['name'];
  if (name !== undefined && typeof name !== 'string') throw wrongType('name', 'a string', name);
  return {
    processes: optionalInteger('processes', given['processes'], 1) ?? availableCpuCount(),
    initializer: initializer as Task | undefined,
    initargs: given['initargs'] === undefined ? [] : array('initargs', given['initargs']),
    maxTasksPerChild: optionalInteger('maxTasksPerChild', given['maxTasksPerChild'], 1) ?? Infinity,
    maxMemoryPerChild: optionalInteger('maxMemoryPerChild', given['maxMemoryPerChild'], 1),
    method: startMethodOf(given['context']),
    retries: optionalInteger('retries', given['retries'], 0) ?? 0,
    taskTimeoutMs: positiveTime('taskTimeout', given['taskTimeout']),
    maxQueue: optionalInteger('maxQueue', given['maxQueue'], 1) ?? Infinity,
    name: name ?? 'manyhands',
    env: textsOf('env', optionalObject('env', given['env'])),
    execArgv: given['execArgv'] === undefined ? undefined : array('execArgv', given['execArgv']).map(flagOf),
    resourceLimits: limitsOf(optionalObject('resourceLimits', given['resourceLimits'])),
  };
}

/** The options of a pool whose class or context has chosen the start method; `undefined` and numbers are options, too. */
export function withContext(options: number | PoolOptions | undefined, method: StartMethod): PoolOptions {
  if (typeof options === 'number') return { processes: options, context: method };
  if (options === undefined) return { context: method };
  return { ...object('options', options), context: method };
}

function textsOf(name: string, given: Record<string, unknown> | undefined): Record<string, string> | undefined {
  for (const [key, value] of Object.entries(given ?? {}))
    if (typeof value !== 'string') throw wrongType(`${name}.${key}`, 'a string', value);
  // Every value was just seen to be a string.
  return given === undefined ? undefined : ({ ...given } as Record<string, string>);
}

function flagOf(value: unknown, index: number): string {
  if (typeof value !== 'string') throw wrongType(`execArgv[${index}]`, 'a string', value);
  return value;
}

function limitsOf(given: Record<string, unknown> | undefined): ResourceLimits | undefined {
  for (const [key, value] of Object.entries(given ?? {})) {
    const name = `resourceLimits.${key}`;
    if (value === undefined) continue;
    if (typeof value !== 'number') throw wrongType(name, 'a positive number', value);
    if (!(value > 0 && value < Infinity)) throw outOfRange(name, 'a positive number', value);
  }
  return given as ResourceLimits | undefined;
}

function startMethodOf(context: unknown): StartMethod {
  if (context === undefined) return defaultStartMethod();
  const method = typeof context === 'object' && context !== null && 'method' in context ? context.method : context;
  const found = START_METHODS.find((name) => name === method);
  if (found === undefined) {
    const must = `a context or one of ${START_METHODS.map((name) => `'${name}'`).join(', ')}`;
    throw typeof method === 'string' ? outOfRange('context', must, context) : wrongType('context', must, context);
  }
  return found;
}

function positiveTime(name: string, value: unknown): number | undefined {
  const ms = milliseconds(name, value);
  if (ms !== undefined && ms <= 0) throw outOfRange(name, 'a positive number of milliseconds', value);
  return ms;
}

/** The options of a call, checked. */
export function callSettings(options: Record<string, unknown> | undefined, pool: LocalSettings): CallSettings {
  if (options === undefined)
    return { priority: 0, retries: pool.retries, timeoutMs: pool.taskTimeoutMs, signal: undefined, with: undefined };
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

/** Which engine is asked for, and whether fast mathematics will do. */
export function kernelOptions(options: Record<string, unknown> | undefined): {
  engine: 'native' | 'workers' | undefined;
  fast: boolean;
} {
  const { engine, math } = options ?? {};
  if (engine !== undefined && engine !== 'native' && engine !== 'workers')
    throw outOfRange('engine', "'native' or 'workers'", engine);
  if (math !== undefined && math !== 'exact' && math !== 'fast') throw outOfRange('math', "'exact' or 'fast'", math);
  return { engine, fast: math === 'fast' };
}

/** Throws TypeError for an `out` that nothing would be stored in. */
export function refuseOut(options: Record<string, unknown> | undefined, items: unknown): void {
  if (options?.['out'] !== undefined)
    throw wrongType('items', 'a typed array, or in a starmap a zip of them, where `out` is given', items);
}

/** `out` of a map over a typed array, checked against the items. */
export function targetOf(options: Record<string, unknown> | undefined, items: TypedArray): TypedArray | undefined {
  const out = options?.['out'];
  if (out === undefined) return undefined;
  if (!ArrayBuffer.isView(out) || out instanceof DataView) throw wrongType('out', 'a typed array', out);
  const target = out as TypedArray;
  if (isDetached(target)) throw wrongType('out', 'a typed array whose memory is still there', 'a detached one');
  if (target.length !== items.length) throw outOfRange('out', `a typed array of length ${items.length}`, target.length);
  const same = target.byteOffset === items.byteOffset && target.byteLength === items.byteLength;
  const apart =
    target.byteOffset + target.byteLength <= items.byteOffset ||
    items.byteOffset + items.byteLength <= target.byteOffset;
  if (target.buffer === items.buffer && !same && !apart) {
    throw outOfRange('out', 'the items themselves or memory apart from them', 'an overlapping view');
  }
  return target;
}

function isDetached(array: TypedArray): boolean {
  try {
    // Throws for detached memory; Node 20 has no other way to ask.
    array.keys();
    return false;
  } catch {
    return true;
  }
}
