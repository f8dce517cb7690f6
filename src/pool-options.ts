// The options of pools, and the checks that turn them into settings.
import type { ResourceLimits } from 'node:worker_threads';
import { availableCpuCount } from './cpu.js';
import type { LocalSettings } from './internal/engine/settings.js';
import {
  array,
  flags,
  knownOptions,
  milliseconds,
  object,
  optionalInteger,
  optionalObject,
  outOfRange,
  task as checkTask,
  variables,
  wrongType,
} from './internal/validate.js';
import { defaultStartMethod, START_METHODS, type StartMethod } from './start-method.js';
import type { Task } from './task.js';

/** The options of a pool. */
export interface PoolOptions {
  /** Number of workers. @default availableCpuCount() */
  processes?: number;
  /** Called once in every worker before its first task; a failure fails the pool with InitializerError. */
  initializer?: Task;
  /** What the initializer is called with, copied when the pool is made. @default [] */
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
  env?: Record<string, string | undefined>;
  /** Node's flags for the workers. @default those of this process */
  execArgv?: string[];
  /** As of `worker_threads`, in MB; for processes as V8's flags. @default Node's */
  resourceLimits?: ResourceLimits;
}

const KNOWN = new Set([
  ...['processes', 'initializer', 'initargs', 'maxTasksPerChild', 'maxMemoryPerChild', 'context', 'retries'],
  ...['taskTimeout', 'maxQueue', 'name', 'env', 'execArgv', 'resourceLimits'],
]);

/** The options of a pool, checked. */
export function poolSettings(options: unknown): LocalSettings {
  const given = typeof options === 'number' ? { processes: options } : (optionalObject('options', options) ?? {});
  knownOptions(given, KNOWN);
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
    env: variables('env', given['env']),
    execArgv: flags('execArgv', given['execArgv']),
    resourceLimits: limitsOf(optionalObject('resourceLimits', given['resourceLimits'])),
  };
}

/** Throws TypeError where options are given side by side, as Python's `Pool(4, initializer)` has them. */
export function oneArgument(given: IArguments): void {
  if (given.length > 1)
    throw wrongType('initializer', 'among the options, { processes, initializer, initargs }', given[1]);
}

/** The options of a pool whose class or context has chosen the start method; `undefined` and numbers are options, too. */
export function withContext(options: number | PoolOptions | undefined, method: StartMethod): PoolOptions {
  if (typeof options === 'number') return { processes: options, context: method };
  if (options === undefined) return { context: method };
  const given = object('options', options);
  if (given['context'] !== undefined) startMethodOf(given['context']);
  return { ...given, context: method };
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
