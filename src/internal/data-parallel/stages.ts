// Runs the stages of a native operation: on this thread when they are short, else on the pool's native threads.
import { keepBusy } from '../busy-memory.js';
import { StateError } from '../../errors.js';
import type { CallSettings } from '../job/job.js';
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
}

/** Below it a thread would not have woken up before the caller is done. */
const INLINE_NS = 50_000;

/** Some stages that follow each other: from the first on, before the end. */
export type Stages = readonly [first: number, end: number];

/** What is told of the end, when no thread runs any stage any more. */
export interface StagesEnding {
  /** All have run; on how many threads at most. What it throws is what `rejected` is told. */
  fulfilled(threads: number): void;
  /** With the signal's reason, TimeoutError, StateError. */
  rejected(reason: unknown): void;
}

/** Runs these stages in order; short ones have ended when this returns. Throws what is wrong at the start. */
export function startStages(
  staged: Staged,
  [first, end]: Stages,
  host: StageHost,
  settings: CallSettings,
  ending: StagesEnding,
): void {
  settings.signal?.throwIfAborted();
  if (staged.ns < INLINE_NS) {
    for (let stage = first; stage < end; stage++) native().operationStage(staged.operation, stage);
    ending.fulfilled(1);
    return;
  }
  new StageRun(staged, end, host, settings, ending).run(first);
}

/** The same; gives the number of threads. */
export const runStages = (staged: Staged, stages: Stages, host: StageHost, settings: CallSettings): Promise<number> =>
  new Promise((resolve, reject) => {
    startStages(staged, stages, host, settings, { fulfilled: resolve, rejected: reject });
  });

/** Every stage of an operation. */
export const allStages = (operation: NativeHandle): Stages => [0, native().operationStages(operation)];

/** Of an operation that has one: native code is not asked. */
export const ONE_STAGE: Stages = [0, 1];

/** From stage to stage by callbacks alone: between long stages the caches are cold, and every function on the way costs. */
class StageRun {
  readonly #staged: Staged;
  readonly #end: number;
  readonly #host: StageHost;
  readonly #ending: StagesEnding;
  readonly #release: () => void;
  readonly #close: () => void;
  #stage = 0;
  #call: NativeHandle | undefined;
  #stopped: { readonly reason: unknown } | undefined;

  constructor(staged: Staged, end: number, host: StageHost, settings: CallSettings, ending: StagesEnding) {
    this.#staged = staged;
    this.#end = end;
    this.#host = host;
    this.#ending = ending;
    this.#release = keepBusy(staged.held);
    this.#close = openCall(host.sources, settings, (reason) => this.#stop(reason));
  }

  /** Runs the stages from this one on. */
  run(stage: number): void {
    if (stage === this.#end) {
      this.#succeed();
      return;
    }
    this.#stage = stage;
    try {
      this.#call = this.#start(stage, this.#ran);
    } catch (error) {
      this.#failMended(error);
    }
  }

  /** A stage has ended. */
  readonly #ran = (outcome: NativeOutcome): void => {
    this.#call = undefined;
    if (this.#stopped === undefined && outcome === 0) {
      this.run(this.#stage + 1);
      return;
    }
    const broken = outcome === 2;
    const reason =
      this.#stopped === undefined
        ? new StateError(broken ? 'A native thread failed' : 'The threads of the pool have ended')
        : this.#stopped.reason;
    if (broken) this.#fail(reason);
    else this.#failMended(reason);
  };

  #failMended(reason: unknown): void {
    this.#mend().then(
      () => this.#fail(reason),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Puts right what stages that were stopped have left in an array that they rewrite. Nothing stops this. */
  async #mend(): Promise<void> {
    const { operation } = this.#staged;
    const first = native().operationStages(operation);
    const end = first + native().operationMends(operation);
    for (let stage = first; stage < end; stage++) {
      const outcome = await new Promise<NativeOutcome>((resolve) => this.#start(stage, resolve));
      // Where the threads have ended, this one is left.
      if (outcome !== 0) native().operationStage(operation, stage);
    }
  }

  /** Starts a stage on the pool's threads; undefined: they have ended. */
  #start(stage: number, done: (outcome: NativeOutcome) => void): NativeHandle | undefined {
    const { handle } = this.#host.threads;
    if (handle !== undefined) return native().operationStageAsync(handle, this.#staged.operation, stage, done);
    done(1);
    return undefined;
  }

  #succeed(): void {
    this.#leave();
    try {
      this.#ending.fulfilled(this.#host.threads.count);
    } catch (error) {
      this.#ending.rejected(error);
    }
  }

  #fail(reason: unknown): void {
    this.#leave();
    this.#ending.rejected(reason);
  }

  #leave(): void {
    this.#close();
    this.#release();
  }

  #stop(reason: unknown): void {
    this.#stopped ??= { reason };
    if (this.#call !== undefined) native().cancelCall(this.#call);
  }
}
