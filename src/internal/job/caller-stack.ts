// Remembers where a call came from, and joins it to the stack of an error that came from a worker.

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

/** Keeps the worker's stack as `remoteStack` and appends the caller's frames to `stack`. Values that are no errors stay as they are. */
export function joinStacks(error: unknown, caller: Holder, pid: number): unknown {
  if (!(error instanceof Error)) return error;
  const remote = String(error.stack ?? `${error.name}: ${error.message}`);
  const frames = (caller.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const values = {
    remoteStack: remote,
    stack: [remote, `    at [worker ${pid}]`, ...frames].join('\n'),
  };
  for (const [key, value] of Object.entries(values)) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
  }
  return error;
}
