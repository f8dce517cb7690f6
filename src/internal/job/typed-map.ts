// Starts a map over typed arrays as native code, where its function is in the numeric subset.
import type { CallSettings } from './job.js';
import type { MapOutcome } from './map-job.js';
import { addStats } from './typed-results.js';
import type { TypedArray } from '../typed-array.js';
import { emptyLike, newArray } from '../kernel/arrays.js';
import { compileFor, type Compiled, isRefused } from '../kernel/compile.js';
import { KINDS, kindOf } from '../kernel/element-kinds.js';
import type { NativeThreads } from '../kernel/native-threads.js';
import { openCall, type OpenCalls } from './open-call.js';
import { kernelError, type Reason } from '../kernel/refusal.js';
import { run, runSync } from '../kernel/run.js';

export interface TypedMapCall {
  readonly fn: Function;
  /** undefined: the items are no typed arrays. */
  readonly columns: readonly TypedArray[] | undefined;
  /** `fn(...columns)` and not `fn(x, i)`. */
  readonly spread: boolean;
  readonly out: TypedArray | undefined;
  readonly settings: CallSettings;
  readonly fast: boolean;
  readonly progress: ((progress: { done: number; total: number }) => void) | undefined;
}

export interface TypedMapHost {
  readonly threads: NativeThreads;
  readonly sources: OpenCalls;
  /** Native code or an error. */
  readonly insist: boolean;
  readonly sync: boolean;
}

/** How to cancel what was started; undefined: it is for the workers. Throws KernelError when the host insists. */
export function startTypedMap(
  call: TypedMapCall,
  host: TypedMapHost,
  outcome: MapOutcome,
): ((error: unknown) => void) | undefined {
  const prepared = preparation(call);
  if ('reason' in prepared) {
    if (host.insist) throw kernelError(prepared);
    return undefined;
  }
  call.settings.signal?.throwIfAborted();
  const { compiled, columns, out } = prepared;
  const begun = performance.now();
  const fulfilled = (threads: number): void => {
    addStats(out, { engine: 'native', threads, ms: performance.now() - begun });
    call.progress?.({ done: out.length, total: out.length });
    outcome.fulfilled(out);
  };
  if (host.sync) {
    try {
      fulfilled(runSync(compiled, columns, out, host.threads, call.settings.timeoutMs));
    } catch (error) {
      outcome.rejected(error);
    }
    return () => undefined;
  }
  // Unlike tasks of workers a native call ends only when its threads no longer write.
  let end: (() => void) | undefined;
  let ended = false;
  const settled = (settle: () => void): void => {
    ended = true;
    end?.();
    settle();
  };
  const stop = run(compiled, columns, out, host.threads, {
    fulfilled: (threads) => settled(() => fulfilled(threads)),
    rejected: (error) => settled(() => outcome.rejected(error)),
  });
  // A short one ran on this thread.
  if (ended) return () => undefined;
  end = openCall(host.sources, call.settings, stop);
  return stop;
}

function preparation({
  fn,
  columns,
  spread,
  out,
  settings,
  fast,
}: TypedMapCall): { compiled: Compiled; columns: readonly TypedArray[]; out: TypedArray } | Reason {
  const place = { line: 1, column: 1 };
  if (columns === undefined)
    return { ...place, reason: 'the items are no typed array', remedy: 'Pass a typed array, or a zip of typed arrays' };
  if (typeof fn !== 'function')
    return { ...place, reason: 'it is a reference to a module', remedy: 'Pass the function itself' };
  const compiled = compileFor(fn, columns, spread, 'stored', fast, settings.with);
  if (isRefused(compiled)) return compiled;
  const [items] = columns as [TypedArray];
  const bigints = compiled.gives === 'bigint';
  const target = out ?? (spread ? newArray(bigints ? BIGINTS : DOUBLES, items.length) : emptyLike(items, items.length));
  if ((KINDS[kindOf(target) ?? -1]?.bigints ?? !bigints) !== bigints)
    return {
      ...place,
      reason: bigints
        ? 'it gives BigInts, which this array cannot hold'
        : 'it gives numbers, which this array cannot hold',
      remedy: 'Give an `out` of another type',
    };
  return { compiled, columns, out: target };
}

const DOUBLES = 8;
const BIGINTS = 9;
