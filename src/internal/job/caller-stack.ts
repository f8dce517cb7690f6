// Remembers where a call came from, and joins it to the stack of an error that came from a worker.

import { ProcessError } from '../../errors.js';
import type { ErrorOrigin, Task } from '../engine/task.js';

/** What has the stack of a caller. An Error's begins with own frames, that of any other object outside them. */
export interface Holder {
  readonly stack?: string;
}

// A stack costs about two microseconds and some hundred bytes. The first calls of a run of synchronous code each keep
// their own; a flood (`for (...) pool.apply(...)`) shares the last one, which is its own line in all but odd cases.
const OWN_STACKS = 32;
/** At the top of an Error's stack: `callerStack` and the method that calls it. */
const OWN_FRAMES = 2;

let left = OWN_STACKS;
let resetting = false;
let last: Holder = {};
// queueMicrotask makes an AsyncResource each time: ten times the code, which after a silence is ten times the cache misses.
const soon = Promise.resolve();

function reset(): void {
  left = OWN_STACKS;
  resetting = false;
  last = {};
}

/** Whether one more stack is to be taken; if not, the last one will do. */
function takes(): boolean {
  if (left === 0) return false;
  left--;
  if (!resetting) {
    resetting = true;
    void soon.then(reset);
  }
  return true;
}

/** The stack of whoever called the method that calls this, formatted only when it is read. */
export function callerStack(): Holder {
  if (!takes()) return last;
  const limit = Error.stackTraceLimit;
  // Half the price of Error.captureStackTrace, which could leave out the own frames, after a silence.
  try {
    Error.stackTraceLimit = limit + OWN_FRAMES;
    last = new Error();
    Error.stackTraceLimit = limit;
  } catch {
    // A program may freeze what the language brings: then two frames of its own are lost.
    last = new Error();
  }
  return last;
}

/**
 * The stack of whoever called `method`, which is running: for calls that seldom need one, since it may be taken anywhere
 * below, but costs twice as much. When caches are full of large arrays, any stack takes tens of microseconds.
 */
export function stackOutside(method: Function): Holder {
  if (!takes()) return last;
  const holder: Holder = {};
  Error.captureStackTrace(holder, method);
  return (last = holder);
}

/**
 * Tells an error who made the call: a task's keeps the worker's stack as `remoteStack` and goes on with the caller's
 * frames; one that the pool made has only those; somebody else's, and values that are no errors, stay as they are.
 */
export function withCaller(error: unknown, origin: ErrorOrigin, caller: Holder, task: Task | undefined): unknown {
  if (!(error instanceof Error) || origin === 'given') return error;
  const frames = framesOf(caller).slice(caller instanceof Error ? OWN_FRAMES : 0);
  const header = `${error.name}: ${error.message}`;
  if (origin === 'pool') {
    hide(error, 'stack', [header, ...frames].join('\n'));
    return error;
  }
  const remote = String(error.stack ?? header);
  hide(error, 'remoteStack', remote);
  hide(error, 'stack', [remote, `    at [worker ${task?.inFlight?.worker.pid ?? 0}]`, ...frames].join('\n'));
  return error;
}

/** The lines of a stack. `Error.prepareStackTrace` is the program's: it may give the call sites, anything else, or throw. */
function framesOf(caller: Holder): string[] {
  try {
    const stack: unknown = caller.stack;
    if (Array.isArray(stack)) return stack.map((site) => `    at ${String(site)}`);
    return typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : [];
  } catch {
    return [];
  }
}

/** A refusal of what cannot be captured or copied, told where the call was made: the frames of the search fill a stack alone. */
export function refusal(error: unknown, caller: Holder): unknown {
  return error instanceof ProcessError ? withCaller(error, 'pool', caller, undefined) : error;
}

function hide(error: Error, key: string, value: string): void {
  // Node 20 formats a stack before it is replaced.
  Reflect.deleteProperty(error, key);
  Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
}
