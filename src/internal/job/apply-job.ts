// One call of one function: the shortest way from `pool.apply` to a settled promise.
import { onceAborted } from '../abort-listeners.js';
import type { Engine } from '../engine/engine.js';
import type { ErrorOrigin, Task, TaskListener } from '../engine/task.js';
import { captureTask, type Captured, type Task as TaskFunction } from '../function/capture.js';
import { refusal, withCaller } from './caller-stack.js';
import type { CallSettings } from './job.js';

/** Tells both ends of a call: a promise's, or an AsyncResult's. There may be millions of them: every field counts. */
class ApplyJob implements TaskListener {
  readonly #resolve: (value: unknown) => void;
  readonly #reject: ((error: unknown) => void) | undefined;
  readonly #caller: { stack?: string };

  constructor(
    resolve: (value: unknown) => void,
    reject: ((error: unknown) => void) | undefined,
    caller: { stack?: string },
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#caller = caller;
  }

  fulfilled(value: unknown): void {
    this.#resolve(value);
  }

  rejected(error: unknown, task: Task | undefined, origin: ErrorOrigin): void {
    this.fail(withCaller(error, origin, this.#caller, task));
  }

  refused(error: unknown): void {
    this.fail(refusal(error, this.#caller));
  }

  fail(error: unknown): void {
    if (this.#reject === undefined) this.#resolve(Promise.reject(error));
    else this.#reject(error);
  }
}

/** A call with an AbortSignal, from which it takes its listener back. */
class AbortableApplyJob extends ApplyJob {
  release: () => void = () => undefined;

  override fulfilled(value: unknown): void {
    this.release();
    super.fulfilled(value);
  }

  override fail(error: unknown): void {
    this.release();
    super.fail(error);
  }
}

/** What a call can be cancelled by: its task, or a function while the task is not known yet. */
export type ApplyHandle = Task | ((error: unknown) => boolean);

/** False when the call had ended. */
export function cancelApply(engine: Engine, handle: ApplyHandle, error: unknown): boolean {
  return typeof handle === 'function' ? handle(error) : engine.cancel(handle, error);
}

/**
 * Captures, encodes and submits one call. Throws what is wrong with it (CaptureError, DataCloneError, an aborted
 * signal's reason) before anything is sent. Without `reject`, `resolve` is a promise's and gets a rejected promise.
 */
export function startApply(
  engine: Engine,
  fn: TaskFunction,
  args: readonly unknown[],
  settings: CallSettings,
  caller: { stack?: string },
  resolve: (value: unknown) => void,
  reject: ((error: unknown) => void) | undefined,
): ApplyHandle {
  const { signal } = settings;
  signal?.throwIfAborted();
  try {
    const captured = captureTask(fn, settings.with);
    if (captured instanceof Promise || signal !== undefined)
      return startSlowly(engine, captured, args, settings, new AbortableApplyJob(resolve, reject, caller));
    return engine.submit(captured, { kind: 'call', args }, settings, new ApplyJob(resolve, reject, caller));
  } catch (error) {
    throw refusal(error, caller);
  }
}

/** With a signal, or a function of which it is not known yet how it crosses. */
function startSlowly(
  engine: Engine,
  captured: Captured | Promise<Captured>,
  args: readonly unknown[],
  settings: CallSettings,
  listener: AbortableApplyJob,
): ApplyHandle {
  const { signal } = settings;
  let task: Task | undefined;
  let cancelled = false;
  const submit = (ready: Captured, given: readonly unknown[]): void => {
    if (!cancelled) task = engine.submit(ready, { kind: 'call', args: given }, settings, listener);
  };
  const cancel = (error: unknown): boolean => {
    if (task !== undefined) return engine.cancel(task, error);
    if (cancelled) return false;
    cancelled = true;
    listener.fail(error);
    return true;
  };
  if (captured instanceof Promise) {
    // The arguments are copied now; how the function crosses is known a moment later.
    const copy = engine.copy(args, 'args');
    engine.hold();
    captured
      .then((ready) => submit(ready, copy))
      .catch((error: unknown) => listener.refused(error))
      .finally(() => engine.release());
  } else {
    submit(captured, args);
  }
  if (signal !== undefined) {
    listener.release = onceAborted(signal, () => void cancel(signal.reason));
  }
  return cancel;
}
