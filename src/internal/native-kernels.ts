// What the native addon exports for kernels: programs of the block machine over typed arrays, and pools of native threads.
import type { TypedArray } from './typed-array.js';

declare const handle: unique symbol;

/** An opaque native value: a program, a pool of threads, or a running call. */
export interface NativeHandle {
  readonly [handle]: never;
}

/** How a native call ended: 0 done, 1 cancelled, 2 panicked. */
export type NativeOutcome = 0 | 1 | 2;

export interface NativeKernels {
  /** The names of the machine's operations, in the order of their codes. */
  kernelOperations(): string[];
  /** Reads and checks a program (crates/kernels/src/program.rs), linked for `level`, or the machine's where it has less. @throws ERR_BAD_PROGRAM */
  kernelProgram(words: Uint32Array, level: number): NativeHandle;
  /**
   * Runs a program over whole columns on the calling thread; results go to `out`, of the same length. False: its loops took longer
   * than `limitUs`, and some results are missing. @throws ERR_MISMATCH, ERR_DETACHED
   */
  kernelMap(
    program: NativeHandle,
    out: TypedArray,
    columns: TypedArray[],
    captured: TypedArray[],
    limitUs?: number,
  ): boolean;
  /** The same on a pool's threads, `chunk` elements at a time; the caller waits, at most `limitMs`, then stops it. `stream`: stores go past the caches. */
  kernelMapSync(
    pool: NativeHandle,
    program: NativeHandle,
    out: TypedArray,
    columns: TypedArray[],
    captured: TypedArray[],
    chunk: number,
    stream: boolean,
    limitMs: number,
  ): NativeOutcome;
  /** The same, and the calling thread runs parts of it for at most `helpUs` microseconds. `done` is called on this thread: before the call returns where it has ended by then, else later. All arrays must stay alive, attached and in place until then. */
  kernelMapAsync(
    pool: NativeHandle,
    program: NativeHandle,
    out: TypedArray,
    columns: TypedArray[],
    captured: TypedArray[],
    chunk: number,
    stream: boolean,
    helpUs: number,
    done: (outcome: NativeOutcome) => void,
  ): NativeHandle;
  /** `out[i] = table[column[i]]` on the calling thread: columns of one or two bytes, a table of 256 or 65,536 elements of `out`'s type. @throws ERR_MISMATCH */
  kernelLookup(out: TypedArray, column: TypedArray, table: TypedArray): void;
  /** The same on a pool's threads, with `limitMs` as above. */
  kernelLookupSync(
    pool: NativeHandle,
    out: TypedArray,
    column: TypedArray,
    table: TypedArray,
    chunk: number,
    limitMs: number,
  ): NativeOutcome;
  /** The same on a pool's threads, with `helpUs` and `done` as above. The table is copied. */
  kernelLookupAsync(
    pool: NativeHandle,
    out: TypedArray,
    column: TypedArray,
    table: TypedArray,
    chunk: number,
    helpUs: number,
    done: (outcome: NativeOutcome) => void,
  ): NativeHandle;
  /** A pool of native threads, which start with the first call and end with `nativePoolEnd`, collection, or the environment. */
  nativePool(threads: number): NativeHandle;
  /** Stops its calls and joins its threads. */
  nativePoolEnd(pool: NativeHandle): void;
  /** Asks a call to stop; it still ends, as cancelled. */
  cancelCall(call: NativeHandle): void;
}
