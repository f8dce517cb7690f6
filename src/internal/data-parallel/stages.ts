// Runs the stages of a native operation: on this thread when they are short, else on the pool's native threads.
import { keepBusy } from '../busy-memory.js';
import { StateError } from '../../errors.js';
import type { CallSettings } from '../job/job.js';
import { helpUs, INLINE_NS } from '../kernel/caller-share.js';
import type { NativeThreads } from '../kernel/native-threads.js';
import { openCall, type OpenCalls } from '../job/open-call.js';
import { native } from '../native.js';
import type { NativeHandle, NativeOutcome } from '../native-kernels.js';

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
  /** It surely ends: what a function gives may not. */
  readonly ends: boolean;
}

/** Some stages that follow each other: from the first on, before the end. */
export type Stages = readonly [first: number, end: number];

/** Runs these stages in order; gives how many threads may have taken part. Rejects with the signal's reason, TimeoutError. */
export async function runStages(
  staged: Staged,
  [first, end]: Stages,
  host: StageHost,
  settings: CallSettings,
): Promise<number> {
  settings.signal?.throwIfAborted();
  // A loop may be endless: only the threads can be stopped in it, and leave this one free.
  if (staged.ends ? staged.ns < INLINE_NS : staged.ns === 0) {
    for (let stage = first; stage < end; stage++) native().operationStage(staged.operation, stage);
    return 1;
  }
  const run = new StageRun(staged, host, settings);
  try {
    for (let stage = first; stage < end; stage++) await run.stage(stage);
  } catch (error) {
    await run.mend();
    throw error;
  } finally {
    run.end();
  }
  return host.threads.count;
}

/** Every stage of an operation. */
export const allStages = (operation: NativeHandle): Stages => [0, native().operationStages(operation)];

class StageRun {
  readonly #staged: Staged;
  readonly #release: () => void;
  readonly #host: StageHost;
  readonly #close: () => void;
  #call: NativeHandle | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  #failed = false;

  constructor(staged: Staged, host: StageHost, settings: CallSettings) {
    this.#staged = staged;
    this.#host = host;
    this.#release = keepBusy(staged.held);
    this.#close = openCall(host.sources, settings, (reason) => this.#stop(reason));
  }

  /** Settles when no thread runs any of it. */
  async stage(stage: number): Promise<void> {
    this.#throwIfStopped();
    const { ns, ends } = this.#staged;
    const outcome = await this.#outcomeOf(stage, helpUs(ns, ends), (call) => (this.#call = call));
    this.#call = undefined;
    this.#throwIfStopped();
    if (outcome === 0) return;
    this.#failed = outcome === 2;
    throw new StateError(this.#failed ? 'A native thread failed' : 'The threads of the pool have ended');
  }

  /** Puts right what stages that were stopped have left in an array that they rewrite. Nothing stops this. */
  async mend(): Promise<void> {
    const { operation } = this.#staged;
    if (this.#failed) return;
    const first = native().operationStages(operation);
    const end = first + native().operationMends(operation);
    for (let stage = first; stage < end; stage++) {
      // Where the threads have ended, this one is left.
      if ((await this.#outcomeOf(stage, 0)) !== 0) native().operationStage(operation, stage);
    }
  }

  /** How a stage ends on the pool's threads, helped by this one for so long; `begun` is told of the call. */
  #outcomeOf(stage: number, help: number, begun?: (call: NativeHandle) => void): Promise<NativeOutcome> {
    const { handle } = this.#host.threads;
    if (handle === undefined) return Promise.resolve(1);
    return new Promise((resolve) => {
      const call = native().operationStageAsync(handle, this.#staged.operation, stage, help, resolve);
      begun?.(call);
    });
  }

  end(): void {
    this.#close();
    this.#release();
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason;
  }

  #stop(reason: unknown): void {
    this.#stopped ??= { reason };
    if (this.#call !== undefined) native().cancelCall(this.#call);
  }
}
