// What every call of a pool needs: the function as it crosses, the engine, the caller's stack and the options of its tasks.
import { onceAborted } from '../abort-listeners.js';
import { captureTask, type Captured, type Task as TaskFunction } from '../function/capture.js';
import type { Engine, TaskBody } from '../engine/engine.js';
import type { ErrorOrigin, Task, TaskListener } from '../engine/task.js';
import { refusal, withCaller } from './caller-stack.js';

/** The options of one call, checked. */
export interface CallSettings {
  readonly priority: number;
  readonly retries: number;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly with: Record<string, unknown> | undefined;
}

/** One call of a pool: captures its function once and submits its tasks. */
export class Job {
  readonly #engine: Engine;
  readonly #settings: CallSettings;
  readonly #caller: { stack?: string };
  readonly #captured: Captured | Promise<Captured>;
  readonly #tasks = new Set<Task>();
  #unlisten: (() => void) | undefined;

  /** Throws CaptureError, TypeError, or the reason of a signal that is aborted already. */
  constructor(engine: Engine, fn: TaskFunction, settings: CallSettings, caller: { stack?: string }) {
    settings.signal?.throwIfAborted();
    this.#engine = engine;
    this.#settings = settings;
    this.#caller = caller;
    this.#captured = this.#told(() => captureTask(fn, settings.with));
  }

  /** The function once it is known how it crosses; a promise only for the first use of an ES module's export. */
  get captured(): Captured | Promise<Captured> {
    return this.#captured;
  }

  /** Encodes and queues one task. Throws DataCloneError, or the reason of a signal that was aborted in the meantime. */
  submit(captured: Captured, body: TaskBody, listener: TaskListener): void {
    const { priority, retries, timeoutMs, signal } = this.#settings;
    signal?.throwIfAborted();
    const tracked = signal !== undefined || body.kind !== 'call';
    const own: TaskListener = {
      fulfilled: (value) => {
        if (tracked) this.#forget(task);
        listener.fulfilled(value, task);
      },
      rejected: (error, _, origin) => {
        if (tracked) this.#forget(task);
        listener.rejected(this.explained(error, origin, task), task, origin);
      },
    };
    const task = this.#told(() => this.#engine.submit(captured, body, { priority, retries, timeoutMs }, own));
    if (!tracked) return;
    this.#tasks.add(task);
    if (signal !== undefined && this.#unlisten === undefined) {
      this.#unlisten = onceAborted(signal, () => this.cancel(signal.reason));
    }
  }

  /** The error with the stack of whoever made this call. */
  explained(error: unknown, origin: ErrorOrigin, task: Task | undefined): unknown {
    return withCaller(error, origin, this.#caller, task);
  }

  /** Rejects every task that has not ended, and stops those that run. */
  cancel(error: unknown): void {
    for (const task of [...this.#tasks]) this.#engine.cancel(task, error);
  }

  #told<T>(attempt: () => T): T {
    try {
      return attempt();
    } catch (error) {
      throw refusal(error, this.#caller);
    }
  }

  #forget(task: Task): void {
    this.#tasks.delete(task);
    if (this.#tasks.size === 0 && this.#unlisten !== undefined) {
      this.#unlisten();
      this.#unlisten = undefined;
    }
  }
}
