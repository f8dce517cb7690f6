// Start methods, and contexts: the classes and functions of the package bound to one start method.
import { inspect } from 'node:util';
import { availableCpuCount, cpuCount } from './cpu.js';
import {
  activeChildren,
  currentProcess,
  freezeSupport,
  parentProcess,
  type CurrentProcess,
  type ParentProcess,
} from './current-process.js';
import { AsyncResult } from './async-result.js';
import { Barrier } from './barrier.js';
import { Condition } from './condition.js';
import { Connection } from './connection.js';
import * as errors from './errors.js';
import { Event } from './event.js';
import { JoinableQueue } from './joinable-queue.js';
import { kernel } from './kernel.js';
import { Lock } from './lock.js';
import { isWorker } from './internal/worker/role.js';
import { optionalBoolean, optionalObject, outOfRange, wrongType } from './internal/validate.js';
import { getLogger, logToStderr, type Logger, type LogLevel } from './logger.js';
import { oneArgument, withContext, type PoolOptions } from './pool-options.js';
import { Pool, ThreadPool } from './pool.js';
import { Process } from './process.js';
import { Pipe } from './pipe.js';
import { Queue } from './queue.js';
import { ResultIterator } from './result-iterator.js';
import { RLock } from './rlock.js';
import { BoundedSemaphore, Semaphore } from './semaphore.js';
import { RawArray, SharedArray } from './shared-array.js';
import { SimpleQueue } from './simple-queue.js';
import { RawValue, Value } from './value.js';
import { ShareableList } from './shareable-list.js';
import { SharedMemory } from './shared-memory.js';
import { wait } from './wait.js';
import { zip } from './zip.js';
import {
  defaultStartMethod,
  methodInForce,
  setDefaultStartMethod,
  START_METHODS,
  type StartMethod,
} from './start-method.js';

const { registeredError: _, ...publicErrors } = errors;

/** The classes and functions of the package, bound to one start method. Made by {@link getContext}. */
export interface Context extends Readonly<typeof publicErrors> {
  readonly method: StartMethod;
  [inspect.custom](): string;
  readonly Pool: typeof Pool;
  readonly ThreadPool: typeof ThreadPool;
  readonly Process: typeof Process;
  readonly Barrier: typeof Barrier;
  readonly BoundedSemaphore: typeof BoundedSemaphore;
  readonly Condition: typeof Condition;
  readonly Event: typeof Event;
  readonly JoinableQueue: typeof JoinableQueue;
  readonly Lock: typeof Lock;
  readonly Queue: typeof Queue;
  readonly RLock: typeof RLock;
  readonly Semaphore: typeof Semaphore;
  readonly SimpleQueue: typeof SimpleQueue;
  readonly Pipe: typeof Pipe;
  readonly Value: typeof Value;
  readonly RawValue: typeof RawValue;
  readonly SharedArray: typeof SharedArray;
  readonly Array: typeof SharedArray;
  readonly RawArray: typeof RawArray;
  readonly SharedMemory: typeof SharedMemory;
  readonly ShareableList: typeof ShareableList;
  readonly AsyncResult: typeof AsyncResult;
  readonly Connection: typeof Connection;
  readonly ResultIterator: typeof ResultIterator;
  readonly kernel: typeof kernel;
  readonly wait: typeof wait;
  readonly zip: typeof zip;
  activeChildren(): Process[];
  currentProcess(): CurrentProcess;
  parentProcess(): ParentProcess | null;
  freezeSupport(): void;
  getLogger(): Logger;
  logToStderr(level?: LogLevel): Logger;
  readonly isMainProcess: boolean;
  cpuCount(): number;
  availableCpuCount(): number;
  getContext(method?: StartMethod): Context;
  getStartMethod(options?: { allowUnset?: boolean }): StartMethod;
  /** A context's method is fixed: always throws StateError. */
  setStartMethod(method: StartMethod | null, options?: { force?: boolean }): never;
  getAllStartMethods(): StartMethod[];
}

/** True in the program that the user started, false in workers of this package (processes and threads). */
export const isMainProcess: boolean = !isWorker();

const contexts = new Map<StartMethod, Context>();

/**
 * The classes and functions of the package, bound to `method`; without it, to the default method, which is thereby
 * fixed. The same method always gives the same object.
 *
 * @throws RangeError for a name that is no start method, TypeError for what is no name
 * @example
 * const { Pool } = getContext('thread');
 * await using pool = new Pool(2); // two worker threads
 */
export function getContext(method?: StartMethod): Context {
  const chosen = method === undefined ? defaultStartMethod() : checked(method);
  let context = contexts.get(chosen);
  if (context === undefined) {
    context = makeContext(chosen);
    contexts.set(chosen, context);
  }
  return context;
}

/**
 * The start method in force. Asking fixes it, as a first use does; with `allowUnset` it is left open and `null` says so.
 *
 * @example
 * getStartMethod(); // 'spawn'
 */
export function getStartMethod(options?: { allowUnset?: false }): StartMethod;
export function getStartMethod(options: { allowUnset?: boolean }): StartMethod | null;
export function getStartMethod(options: { allowUnset?: boolean } = {}): StartMethod | null {
  const allowUnset = optionalBoolean('allowUnset', optionalObject('options', options)?.['allowUnset']);
  return allowUnset === true ? methodInForce() : defaultStartMethod();
}

/**
 * Chooses the start method of everything made without a context. Once per program; `force` replaces it, and
 * `null` with `force` leaves it open again.
 *
 * @throws StateError when it is set already and `force` is not given
 * @throws RangeError for a name that is no start method, TypeError for what is no name
 */
export function setStartMethod(method: StartMethod | null, options: { force?: boolean } = {}): void {
  const force = optionalBoolean('force', optionalObject('options', options)?.['force']) === true;
  if (method === null && !force) throw wrongType('method', startMethodNames(), method);
  const chosen = method === null ? null : checked(method);
  if (methodInForce() !== null && !force)
    throw new errors.StateError('The start method has already been set; pass { force: true } to replace it');
  setDefaultStartMethod(chosen);
}

/** The start methods of this platform, the default first. */
export function getAllStartMethods(): StartMethod[] {
  return [...START_METHODS];
}

const startMethodNames = (): string => START_METHODS.map((name) => `'${name}'`).join(' or ');

function checked(method: unknown): StartMethod {
  const found = START_METHODS.find((name) => name === method);
  if (found !== undefined) return found;
  throw (typeof method === 'string' ? outOfRange : wrongType)('method', startMethodNames(), method);
}

function makeContext(method: StartMethod): Context {
  class ContextPool<C extends object = {}> extends Pool<C> {
    constructor(options?: number | PoolOptions) {
      oneArgument(arguments);
      super(withContext(options, method));
    }
  }
  class ContextProcess extends Process {
    protected override get startMethod(): StartMethod {
      return method;
    }
  }
  Object.defineProperty(ContextPool, 'name', { value: 'Pool' });
  Object.defineProperty(ContextProcess, 'name', { value: 'Process' });
  return {
    ...publicErrors,
    method,
    // Its classes and functions are those that the package exports; the method is what tells contexts apart.
    [inspect.custom]: () => `Context { '${method}' }`,
    Pool: ContextPool,
    ThreadPool,
    Process: ContextProcess,
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    JoinableQueue,
    Lock,
    Queue,
    RLock,
    Semaphore,
    SimpleQueue,
    Pipe,
    Value,
    RawValue,
    SharedArray,
    Array: SharedArray,
    RawArray,
    SharedMemory,
    ShareableList,
    AsyncResult,
    Connection,
    ResultIterator,
    kernel,
    wait,
    zip,
    activeChildren,
    currentProcess,
    parentProcess,
    freezeSupport,
    getLogger,
    logToStderr,
    isMainProcess,
    cpuCount,
    availableCpuCount,
    getContext: (other) => (other === undefined ? getContext(method) : getContext(other)),
    getStartMethod: () => method,
    setStartMethod: () => {
      throw new errors.StateError(`The start method of a context is fixed ('${method}')`);
    },
    getAllStartMethods,
  };
}
