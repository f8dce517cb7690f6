// Runs the stages of a native operation: on this thread when they are short, else on the pool's native threads.
import { keepBusy } from '../busy-memory.js';
import { StateError } from '../../errors.js';
import type { CallSettings } from '../job/job.js';
import type { NativeThreads } from '../kernel/native-threads.js';
import { openCall, type OpenCalls } from '../job/open-call.js';
import { native } from '../native.js';
import type { NativeHandle } from '../native-kernels.js';

export interface StageHost {
  readonly threads: NativeThreads;
  readonly sources: OpenCalls;
}

/** An operation and what it costs. */
export interface Staged {
  readonly operation: NativeHandle;
  /** Arrays that native code uses: the collector must not take them meanwhile. */
  readonly held: readonly object[];
  /** Estimated time on one thread. */
  readonly ns: number;
}

/** Below it a thread would not have woken up before the caller is done. */
const INLINE_NS = 50_000;

/** Runs these stages in order; gives how many threads may have taken part. Rejects with the signal's reason, TimeoutError. */
export async function runStages(
  staged: Staged,
  stages: readonly number[],
  host: StageHost,
  settings: CallSettings,
): Promise<number> {
  settings.signal?.throwIfAborted();
  if (staged.ns < INLINE_NS) {
    for (const stage of stages) native().operationStage(staged.operation, stage);
    return 1;
  }
  const run = new StageRun(staged, host, settings);
  try {
    for (const stage of stages) await run.stage(stage);
  } finally {
    run.end();
  }
  return host.threads.count;
}

/** Every stage of an operation. */
export const allStages = (operation: NativeHandle): number[] => [...Array(native().operationStages(operation)).keys()];

class StageRun {
  readonly #staged: Staged;
  readonly #release: () => void;
  readonly #host: StageHost;
  readonly #close: () => void;
  #call: NativeHandle | undefined;
  #stopped: { readonly reason: unknown } | undefined;

  constructor(staged: Staged, host: StageHost, settings: CallSettings) {
    this.#staged = staged;
    this.#host = host;
    this.#release = keepBusy(staged.held);
    this.#close = openCall(host.sources, settings, (reason) => this.#stop(reason));
  }

  /** Settles when no thread runs any of it. */
  stage(stage: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const { handle } = this.#host.threads;
      if (this.#stopped !== undefined) throw this.#stopped.reason;
      if (handle === undefined) throw new StateError('The threads of the pool have ended');
      this.#call = native().operationStageAsync(handle, this.#staged.operation, stage, (outcome) => {
        this.#call = undefined;
        if (this.#stopped !== undefined) reject(this.#stopped.reason);
        else if (outcome === 0) resolve();
        else reject(new StateError(outcome === 1 ? 'The threads of the pool have ended' : 'A native thread failed'));
      });
    });
  }

  end(): void {
    this.#close();
    this.#release();
  }

  #stop(reason: unknown): void {
    this.#stopped ??= { reason };
    if (this.#call !== undefined) native().cancelCall(this.#call);
  }
}
