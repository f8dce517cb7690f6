// Starts a map over typed arrays as native code, where its function is in the numeric subset.
import { TimeoutError } from '../../errors.js';
import type { Engine } from '../engine/engine.js';
import type { CallSettings } from './job.js';
import type { MapOutcome } from './map-job.js';
import { copyOf } from './items.js';
import { isForTrial, linkedTo, TRIAL_MS, tried } from './trial.js';
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
  readonly engine: Engine;
  readonly threads: NativeThreads;
  readonly sources: OpenCalls;
  /** Native code or an error. */
  readonly insist: boolean;
  readonly sync: boolean;
}

/** Starts the same call on the workers. Gives how to cancel it. */
export type OnWorkers = (
  columns: readonly TypedArray[],
  settings: CallSettings,
  outcome: MapOutcome,
) => (error: unknown) => void;

/**
 * How to cancel what was started; undefined: it is for the workers. Throws KernelError when the host insists. `workers` is
 * called now where they may get the call later.
 */
export function startTypedMap(
  call: TypedMapCall,
  host: TypedMapHost,
  outcome: MapOutcome,
  workers: () => OnWorkers,
): ((error: unknown) => void) | undefined {
  const prepared = preparation(call);
  if ('reason' in prepared) {
    if (host.insist) throw kernelError(prepared);
    return undefined;
  }
  call.settings.signal?.throwIfAborted();
  if (!host.insist && isForTrial(call.fn, prepared.compiled, prepared.out.length, host.threads.count))
    return host.sync
      ? trySync(call, prepared, host, outcome, workers())
      : tryFirst(call, prepared, host, outcome, workers());
  return start(call, prepared, host, outcome);
}

/** Starts native code; where that takes longer than a moment, the workers get the call. */
function tryFirst(
  call: TypedMapCall,
  prepared: Prepared,
  host: TypedMapHost,
  outcome: MapOutcome,
  onWorkers: OnWorkers,
): (error: unknown) => void {
  const { settings } = call;
  const { controller, unlink } = linkedTo(settings.signal);
  const all = { ...settings, signal: controller.signal };
  const columns = kept(prepared);
  type Results = Parameters<MapOutcome['fulfilled']>[0];
  const outcomeOf = (begin: (outcome: MapOutcome) => unknown): Promise<Results> =>
    new Promise((fulfilled, rejected) => begin({ fulfilled, rejected }));
  tried(
    host.engine,
    all,
    (limited) => outcomeOf((ending) => start({ ...call, settings: limited }, prepared, host, ending)),
    () => outcomeOf((ending) => onWorkers(columns, all, ending)),
  )
    .finally(unlink)
    .then(outcome.fulfilled, outcome.rejected);
  return (error) => controller.abort(error);
}

function trySync(
  call: TypedMapCall,
  prepared: Prepared,
  host: TypedMapHost,
  outcome: MapOutcome,
  onWorkers: OnWorkers,
): (error: unknown) => void {
  const { settings } = call;
  const columns = kept(prepared);
  const isLimit = settings.timeoutMs !== undefined && settings.timeoutMs <= TRIAL_MS;
  if (isLimit || !host.engine.isFree) return start(call, prepared, host, outcome);
  let cancel: (error: unknown) => void = () => undefined;
  const ending: MapOutcome = {
    fulfilled: outcome.fulfilled,
    rejected: (error) => {
      if (error instanceof TimeoutError) cancel = onWorkers(columns, settings, outcome);
      else outcome.rejected(error);
    },
  };
  start({ ...call, settings: { ...settings, timeoutMs: TRIAL_MS } }, prepared, host, ending);
  return (error) => cancel(error);
}

/** The columns as they are now: native code that is stopped may have stored some results in one of them. */
const kept = ({ columns, out }: Prepared): readonly TypedArray[] =>
  columns.map((column) => (column.buffer === out.buffer ? copyOf(column) : column));

function start(
  call: TypedMapCall,
  { compiled, columns, out }: Prepared,
  host: TypedMapHost,
  outcome: MapOutcome,
): (error: unknown) => void {
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

interface Prepared {
  readonly compiled: Compiled;
  readonly columns: readonly TypedArray[];
  readonly out: TypedArray;
}

function preparation({ fn, columns, spread, out, settings, fast }: TypedMapCall): Prepared | Reason {
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
