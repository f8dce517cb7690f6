// Remembers where a call came from, and joins it to the stack of an error that came from a worker.

import type { ErrorOrigin, Task } from '../engine/task.js';

interface Holder {
  stack?: string;
}

// A stack costs about a microsecond and some hundred bytes. The first calls of a run of synchronous code each keep
// their own; a flood (`for (...) pool.apply(...)`) shares the last one, which is its own line in all but odd cases.
const OWN_STACKS = 32;

let left = OWN_STACKS;
let resetting = false;
let last: Holder = {};

/** The stack of whoever called `method`, formatted only when it is read. */
export function callerStack(method: (...args: never[]) => unknown): Holder {
  if (left === 0) return last;
  left--;
  if (!resetting) {
    resetting = true;
    queueMicrotask(() => {
      left = OWN_STACKS;
      resetting = false;
      last = {};
    });
  }
  last = {};
  Error.captureStackTrace(last, method);
  return last;
}

/**
 * Tells an error who made the call: a task's keeps the worker's stack as `remoteStack` and goes on with the caller's
 * frames; one that the pool made has only those; somebody else's, and values that are no errors, stay as they are.
 */
export function withCaller(error: unknown, origin: ErrorOrigin, caller: Holder, task: Task | undefined): unknown {
  if (!(error instanceof Error) || origin === 'given') return error;
  const frames = (caller.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
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

function hide(error: Error, key: string, value: string): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
}
