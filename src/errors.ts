// Every public error class with its stable `code`, and the table of classes that are rebuilt when an error crosses.
import { inspect } from 'node:util';

interface ErrorOptions {
  cause?: unknown;
}

/** Base of every error that manyhands itself raises (caller mistakes are `TypeError` and `RangeError`). Match on `code`, never on the text. */
export class ProcessError extends Error {
  /** Such as `'ERR_TIMEOUT'`: always the same for one class. */
  declare readonly code: string;
}

/** A call did not finish within its `timeout`. */
export class TimeoutError extends ProcessError {}

/** A call in the wrong state, such as `pool.apply()` after `pool.close()`. */
export class StateError extends ProcessError {}

/** The worker that ran the task ended: by a signal, `process.exit()`, lack of memory or a native crash. */
export class WorkerDiedError extends ProcessError {
  /** Exit code, or `null` when a signal ended the worker. */
  readonly exitCode: number | null;
  /** Signal name such as `'SIGKILL'`, or `null`. */
  readonly signal: NodeJS.Signals | null;
  /** Process id of the worker; of the own process for a worker thread. */
  readonly pid: number;

  constructor(
    message: string,
    options: ErrorOptions & { exitCode?: number | null; signal?: NodeJS.Signals | null; pid?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? null;
    this.signal = options.signal ?? null;
    this.pid = options.pid ?? 0;
  }
}

/** The task was pending when its pool was terminated. */
export class PoolTerminatedError extends ProcessError {}

/** The pool's `initializer` failed in a worker; `cause` is what it threw. */
export class InitializerError extends ProcessError {}

/** A task's result cannot be copied; `cause` is the `DataCloneError` that names the path. */
export class ResultEncodingError extends ProcessError {}

/** A function cannot be sent to a worker; names the variable and shows the remedy. */
export class CaptureError extends ProcessError {
  /** The variable that cannot be captured, when there is one. */
  readonly variable: string | undefined;
  /** How it was reached, from the function to the value. */
  readonly path: readonly string[];

  constructor(
    message: string,
    options: ErrorOptions & { variable?: string | undefined; path?: readonly string[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.variable = options.variable;
    this.path = options.path ?? [];
  }
}

/** A function is outside the subset that runs as native code; says where, why, and what to do about it. */
export class KernelError extends ProcessError {
  /** Place in the function's own text, counted from 1; undefined: it is not about a place. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly reason: string;
  readonly remedy: string;

  constructor(
    message: string,
    options: ErrorOptions & { line?: number; column?: number; reason?: string; remedy?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.line = options.line;
    this.column = options.column;
    this.reason = options.reason ?? message;
    this.remedy = options.remedy ?? '';
  }
}

/** An argument or item cannot be copied; `path` names it (`args[0].handler`). */
export class DataCloneError extends ProcessError {
  readonly path: string;

  constructor(message: string, options: ErrorOptions & { path?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = options.path ?? '';
  }
}

/** The result was cancelled with `cancel()`. */
export class CancelledError extends ProcessError {}

/** A future was given a second result. */
export class InvalidStateError extends ProcessError {}

/** A worker of an executor died. */
export class BrokenProcessPoolError extends WorkerDiedError {}

/** `get` found nothing in time. */
export class QueueEmptyError extends TimeoutError {}

/** `put` found no room in time. */
export class QueueFullError extends TimeoutError {}

/** The queue was shut down. */
export class QueueShutDownError extends ProcessError {}

/** A party left or reset the barrier. */
export class BrokenBarrierError extends ProcessError {}

/** The other end is closed and everything it sent has been read. */
export class EOFError extends ProcessError {}

/** The buffer given is shorter than the message; `data` holds the whole message. */
export class BufferTooShortError extends ProcessError {
  readonly data: Uint8Array;

  constructor(message: string, options: ErrorOptions & { data?: Uint8Array } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.data = options.data ?? new Uint8Array();
  }
}

/** The other side did not prove that it knows the key. */
export class AuthenticationError extends ProcessError {}

/** A failure of the server side of a manager. */
export class RemoteError extends ProcessError {}

type ErrorClass = abstract new (...args: never[]) => Error;

const CODES: readonly (readonly [ErrorClass, string])[] = [
  [ProcessError, 'ERR_PROCESS'],
  [TimeoutError, 'ERR_TIMEOUT'],
  [StateError, 'ERR_STATE'],
  [WorkerDiedError, 'ERR_WORKER_DIED'],
  [PoolTerminatedError, 'ERR_POOL_TERMINATED'],
  [InitializerError, 'ERR_INITIALIZER'],
  [ResultEncodingError, 'ERR_RESULT_ENCODING'],
  [CaptureError, 'ERR_CAPTURE'],
  [KernelError, 'ERR_KERNEL'],
  [DataCloneError, 'ERR_DATA_CLONE'],
  [CancelledError, 'ERR_CANCELLED'],
  [InvalidStateError, 'ERR_INVALID_STATE'],
  [BrokenProcessPoolError, 'ERR_BROKEN_PROCESS_POOL'],
  [QueueEmptyError, 'ERR_QUEUE_EMPTY'],
  [QueueFullError, 'ERR_QUEUE_FULL'],
  [QueueShutDownError, 'ERR_QUEUE_SHUT_DOWN'],
  [BrokenBarrierError, 'ERR_BROKEN_BARRIER'],
  [EOFError, 'ERR_EOF'],
  [BufferTooShortError, 'ERR_BUFFER_TOO_SHORT'],
  [AuthenticationError, 'ERR_AUTHENTICATION'],
  [RemoteError, 'ERR_REMOTE'],
];

const BUILT_IN: readonly ErrorClass[] = [
  Error,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
];

const classes = new Map<string, ErrorClass>();

for (const errorClass of BUILT_IN) classes.set(errorClass.name, errorClass);
// Newer versions of Node have it, and throw it where `using` finds an error on its way out of another.
const { SuppressedError } = globalThis as { SuppressedError?: ErrorClass };
if (SuppressedError !== undefined) classes.set('SuppressedError', SuppressedError);
for (const [errorClass, code] of CODES) {
  // On the prototype, so that neither shows up as an own property of each error.
  Object.defineProperty(errorClass.prototype, 'name', { value: errorClass.name, configurable: true, writable: true });
  Object.defineProperty(errorClass.prototype, 'code', { value: code, configurable: true, writable: true });
  classes.set(errorClass.name, errorClass);
}

/**
 * Makes errors of a class of yours arrive as instances of that class when a task throws them. Call it in the process
 * that receives; the instance is rebuilt from its properties, the constructor is not called.
 *
 * @throws TypeError when `errorClass` is not a class derived from `Error`, or has no name
 * @example
 * class QuotaError extends Error {}
 * registerError(QuotaError);
 * await pool.apply(spend).catch((error) => error instanceof QuotaError); // true
 */
export function registerError(errorClass: abstract new (...args: never[]) => Error): void {
  const given: unknown = errorClass;
  if (typeof given !== 'function' || !(given.prototype instanceof Error)) {
    const got = typeof given === 'function' ? given.name || 'anonymous' : inspect(given);
    throw new TypeError(`Expected \`errorClass\` to be a class derived from Error, got \`${got}\` (${typeof given})`);
  }
  // It travels by its name.
  if (errorClass.name === '')
    throw new TypeError('Expected `errorClass` to be a class with a name, got `anonymous` (function)');
  classes.set(errorClass.name, errorClass);
}

/** The class to rebuild an error of this class name with: built in, of this package, or registered. */
export function registeredError(name: string): ErrorClass | undefined {
  return classes.get(name);
}
