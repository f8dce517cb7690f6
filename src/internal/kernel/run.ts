// Runs a compiled kernel over columns: inline when short, else on the pool's native threads.
import { keepBusy } from '../busy-memory.js';
import { StateError, TimeoutError } from '../../errors.js';
import { native } from '../native.js';
import type { NativeHandle, NativeOutcome } from '../native-kernels.js';
import type { TypedArray } from '../typed-array.js';
import { checkAttached, emptyLike, mayShrink, readableDuring } from './arrays.js';
import { LOOKUP_NS, tableFor } from './tables.js';
import { capturedArrays, type Compiled } from './compile.js';
import { helpUs, INLINE_NS } from './caller-share.js';
import type { NativeThreads } from './native-threads.js';

const CHUNK_NS = 400_000;
const MOST_CHUNK = 65_536;
const LEAST_CHUNK = 1024;
const LEAST_CHUNK_NS = 25_000;
/** Elements that the machine handles as one, and those that it handles best: each step is begun anew for them. */
const [GROUP, BLOCK] = [32, 256];
const LOOKUP_CHUNK = 262_144;
/** Results longer than this do not stay in the caches: doubles whose last step can store them so, and cheap kernels, write past them. */
const STREAM_BYTES = 16 * 1024 * 1024;
const STREAM_NS = 1.5;

/** What a native call tells: how it ended, on how many threads it ran. */
export interface Ending {
  fulfilled(threads: number): void;
  /** `reason` is what `stop` was given. */
  rejected(reason: unknown): void;
}

interface Prepared {
  readonly columns: TypedArray[];
  readonly captured: TypedArray[];
  /** Where native code writes: `out`, or in its place an array whose memory stays. */
  readonly target: TypedArray;
  /** Results to be looked up; undefined: they are computed. */
  readonly table: TypedArray | undefined;
  /** Estimated nanoseconds for one element, either way. */
  readonly cost: number;
}

function prepare(compiled: Compiled, all: readonly TypedArray[], out: TypedArray): Prepared {
  all.forEach((column) => checkAttached('items', column));
  checkAttached('out', out);
  const columns = compiled.columns.map((index) => readableDuring(all[index] as TypedArray, out, true));
  const captured = capturedArrays(compiled).map((array) => readableDuring(array, out, false));
  const target = mayShrink(out) ? emptyLike(out, out.length) : out;
  const table = tableFor(compiled, columns, captured, target);
  return { columns, captured, target, table, cost: table === undefined ? compiled.cost : LOOKUP_NS };
}

/** Elements of a chunk: some for each thread, but no fewer than are worth being taken. Of a loop nobody knows how long it takes. */
function chunkOf({ cost, ends }: Compiled, length: number, threads: number): number {
  const even = length / (4 * threads);
  const timed = CHUNK_NS / Math.max(cost, 0.01);
  const worth = ends ? LEAST_CHUNK_NS / Math.max(cost, 0.01) : 0;
  const least = Math.min(LEAST_CHUNK, Math.max(worth, Math.min(BLOCK, length / threads)));
  const chunk = Math.max(least, Math.min(even, timed, MOST_CHUNK));
  const unit = chunk < BLOCK ? GROUP : BLOCK;
  return Math.ceil(chunk / unit) * unit;
}

function plan(
  compiled: Compiled,
  { target: out, table }: Prepared,
  threads: number,
): { chunk: number; stream: boolean; useful: number } {
  const { cost, stores } = compiled;
  const { length } = out;
  const chunk = table === undefined ? chunkOf(compiled, length, threads) : LOOKUP_CHUNK;
  const pays = cost < STREAM_NS || (stores && out.BYTES_PER_ELEMENT === Float64Array.BYTES_PER_ELEMENT);
  const stream = pays && out.byteLength >= STREAM_BYTES;
  return { chunk, stream, useful: Math.min(threads, Math.ceil(length / chunk)) };
}

/** Runs it while the caller waits; gives the number of threads. */
export function runSync(
  compiled: Compiled,
  columns: readonly TypedArray[],
  out: TypedArray,
  threads: NativeThreads,
  limitMs?: number,
): number {
  const prepared = prepare(compiled, columns, out);
  const { columns: reads, captured, target, table, cost } = prepared;
  let used = 1;
  if (!isShort(cost, out) || !runHere(compiled, prepared)) {
    const { chunk, stream, useful } = plan(compiled, prepared, threads.count);
    const { handle } = threads;
    used = useful;
    if (handle === undefined) throw new StateError('The threads of the pool have ended');
    const limit = limitMs ?? Infinity;
    const outcome =
      table === undefined
        ? native().kernelMapSync(handle, compiled.program, target, reads, captured, chunk, stream, limit)
        : native().kernelLookupSync(handle, target, reads[0] as TypedArray, table, chunk, limit);
    if (outcome === 1) throw new TimeoutError(`The task ran longer than ${limit} ms`);
    checkOutcome(outcome);
  }
  if (target !== out) out.set(target as never);
  return used;
}

const isShort = (cost: number, { length }: TypedArray): boolean => cost * length < INLINE_NS;

/**
 * Whether it has all results. A loop may be endless: only the threads of a pool can be stopped in it, and leave the caller free, so
 * here it has as long as short work may take; then it is begun anew. Not where that would find results for items.
 */
function runHere({ program, ends }: Compiled, { columns, captured, target, table }: Prepared): boolean {
  if (table !== undefined) native().kernelLookup(target, columns[0] as TypedArray, table);
  else if (ends) native().kernelMap(program, target, columns, captured);
  else if (columns.some(({ buffer }) => buffer === target.buffer)) return target.length === 0;
  else return native().kernelMap(program, target, columns, captured, INLINE_NS / 1000);
  return true;
}

/** Starts it; short ones have ended when this returns. Gives how to stop it. */
export function run(
  compiled: Compiled,
  columns: readonly TypedArray[],
  out: TypedArray,
  threads: NativeThreads,
  ending: Ending,
): (reason: unknown) => void {
  const prepared = prepare(compiled, columns, out);
  const { columns: reads, captured, target, table, cost } = prepared;
  if (isShort(cost, out) && runHere(compiled, prepared)) {
    if (target !== out) out.set(target as never);
    ending.fulfilled(1);
    return () => undefined;
  }
  const { chunk, stream, useful } = plan(compiled, prepared, threads.count);
  const { handle } = threads;
  if (handle === undefined) throw new StateError('The threads of the pool have ended');
  const help = helpUs(cost * out.length, compiled.ends);
  const release = keepBusy([...reads, ...captured, target, out, handle]);
  let isRunning = true;
  let stopped: { readonly reason: unknown } | undefined;
  const done = (outcome: NativeOutcome): void => {
    isRunning = false;
    release();
    try {
      if (stopped !== undefined) throw stopped.reason;
      checkOutcome(outcome);
      if (target !== out) out.set(target as never);
    } catch (error) {
      ending.rejected(error);
      return;
    }
    ending.fulfilled(useful);
  };
  let call: NativeHandle;
  try {
    call =
      table === undefined
        ? native().kernelMapAsync(handle, compiled.program, target, reads, captured, chunk, stream, help, done)
        : native().kernelLookupAsync(handle, target, reads[0] as TypedArray, table, chunk, help, done);
  } catch (error) {
    release();
    throw error;
  }
  return (reason) => {
    if (!isRunning || stopped !== undefined) return;
    stopped = { reason };
    native().cancelCall(call);
  };
}

function checkOutcome(outcome: NativeOutcome): void {
  if (outcome === 1) throw new StateError('The threads of the pool have ended');
  if (outcome === 2) throw new StateError('A native kernel failed');
}
