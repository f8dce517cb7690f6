// One call of one function: the shortest way from `pool.apply` to a settled promise.
import type { Engine } from '../engine/engine.js';
import type { ErrorOrigin, Task, TaskListener, TaskOptions } from '../engine/task.js';
import { captureTask, type Captured, type Task as TaskFunction } from '../function/capture.js';
import { withCaller } from './caller-stack.js';
import type { CallSettings } from './job.js';

/** Tells both ends of a call: a promise's, or an AsyncResult's. */
class ApplyJob implements TaskListener {
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  readonly #caller: { stack?: string };
  /** Removes the listener of the call's signal. */
  release: (() => void) | undefined;

  constructor(resolve: (value: unknown) => void, reject: (error: unknown) => void, caller: { stack?: string }) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#caller = caller;
  }

  fulfilled(value: unknown): void {
    this.release?.();
    this.#resolve(value);
  }

  rejected(error: unknown, task: Task, origin: ErrorOrigin): void {
    this.release?.();
    this.#reject(withCaller(error, origin, this.#caller, task));
  }
}

/**
 * Captures, encodes and submits one call. Throws what is wrong with it (CaptureError, DataCloneError, an aborted
 * signal's reason) before anything is sent.
 *
 * @returns cancels the call with an error; false when it had ended
 */
export function startApply(
  engine: Engine,
  fn: TaskFunction,
  args: readonly unknown[],
  settings: CallSettings,
  caller: { stack?: string },
  resolve: (value: unknown) => void,
  reject: (error: unknown) => void,
): (error: unknown) => boolean {
  const { signal } = settings;
  signal?.throwIfAborted();
  const listener = new ApplyJob(resolve, reject, caller);
  const captured = captureTask(fn, settings.with);
  let task: Task | undefined;
  let cancelled = false;
  const submit = (ready: Captured, given: readonly unknown[]): void => {
    if (!cancelled)
      task = engine.submit(ready, { kind: 'call', args: given }, settings satisfies TaskOptions, listener);
  };
  const cancel = (error: unknown): boolean => {
    if (task !== undefined) return engine.cancel(task, error);
    if (cancelled) return false;
    cancelled = true;
    reject(error);
    return true;
  };
  if (captured instanceof Promise) {
    // The arguments are copied now; how the function crosses is known a moment later.
    const copy = engine.copy(args, 'args');
    engine.hold();
    captured
      .then((ready) => submit(ready, copy))
      .catch(reject)
      .finally(() => engine.release());
  } else {
    submit(captured, args);
  }
  if (signal !== undefined) {
    const onAbort = (): void => void cancel(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    listener.release = () => signal.removeEventListener('abort', onAbort);
  }
  return cancel;
}
