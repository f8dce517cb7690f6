// What the native addon exports for operations over whole arrays (crates/node/src/operations.rs).
import type { NativeHandle, NativeOutcome } from './native-kernels.js';
import type { TypedArray } from './typed-array.js';

/**
 * An operation is made, run stage by stage, and asked for its answer. Its values are the elements of the one column, or what
 * a program gives over columns and captured arrays. All arrays stay alive, attached and in place until the last stage has
 * ended. Level 255 is the machine's.
 */
export interface NativeOperations {
  /** `op` is the index in ReduceOp's order. @throws ERR_MISMATCH also for the product of BigInts */
  reduceOperation(
    op: number,
    level: number,
    program: NativeHandle | undefined,
    columns: TypedArray[],
    captured: TypedArray[],
    length: number,
  ): NativeHandle;
  /** Reduces by a program of two columns of doubles. */
  foldOperation(
    fold: NativeHandle,
    foldCaptured: TypedArray[],
    program: NativeHandle | undefined,
    columns: TypedArray[],
    captured: TypedArray[],
    length: number,
  ): NativeHandle;
  /** Keeps items by a predicate as long as they. `filterTarget` stands between its two stages. */
  filterOperation(
    items: TypedArray,
    program: NativeHandle | undefined,
    columns: TypedArray[],
    captured: TypedArray[],
    level: number,
  ): NativeHandle;
  /**
   * The same in memory as of `resultBuffer`. `filterResult` or, for results elsewhere, `filterTarget` follows the first stage, which
   * runs once; at last `filterEnd`.
   */
  filterInRoomOperation(
    items: TypedArray,
    program: NativeHandle | undefined,
    columns: TypedArray[],
    captured: TypedArray[],
    level: number,
  ): NativeHandle | null;
  /** The results, once, as of `resultBuffer`. */
  filterResult(operation: NativeHandle): ArrayBuffer | null;
  /** Gives back the memory, if it has not become a buffer. No stage may run. */
  filterEnd(operation: NativeHandle): void;
  /** How many items are kept, after the first stage. */
  filterCount(operation: NativeHandle): number;
  /** Where they go: a new array of the type of the items and that length. */
  filterTarget(operation: NativeHandle, results: TypedArray): void;
  /** `op`: sum, prod, min, max. `results` has the type and length of the items, and is them or apart from them. */
  scanOperation(op: number, items: TypedArray, results: TypedArray): NativeHandle;
  sortOperation(items: TypedArray, results: TypedArray, descending: boolean): NativeHandle;
  /** NaN as `low`: the range is that of the data. */
  histogramOperation(items: TypedArray, bins: number, low: number, high: number, level: number): NativeHandle;
  /** Asks the system for large pages under a new array, before anybody writes to it: its first pass is several times faster. */
  largePages(array: TypedArray): void;
  /**
   * A buffer with anything in it, over memory that earlier ones may have left. Before anybody sees it, it has to be moved by
   * `transfer`. Null: the engine allows none, or the system has no memory. Main thread only. (crates/node/src/result_memory.rs)
   */
  resultBuffer(bytes: number): ArrayBuffer | null;
  /** Gives idle memory back to the system, unless a buffer was asked for a short while ago: then in how many ms to call again. */
  dropIdleResults(): number;
  idleResultBytes(): number;
  operationStages(operation: NativeHandle): number;
  /** Stages after them, for when a stop has cut them short: no element of an array rewritten in place is missing then. */
  operationMends(operation: NativeHandle): number;
  /** Runs a stage on this thread. */
  operationStage(operation: NativeHandle, stage: number): void;
  /** Runs a stage on a pool's threads, with `helpUs` and `done` as for `kernelMapAsync`; nobody helps where chunks wait for each other. Gives the call, for `cancelCall`. */
  operationStageAsync(
    pool: NativeHandle,
    operation: NativeHandle,
    stage: number,
    helpUs: number,
    done: (outcome: NativeOutcome) => void,
  ): NativeHandle;
  /** Of a reduction: a number; one BigInt; two to be divided; undefined for no values. */
  operationAnswer(operation: NativeHandle): number | bigint[] | undefined;
  /** Fills in counts and edges. 1: infinite data without a range; 2: bins narrower than doubles are apart. */
  histogramAnswer(operation: NativeHandle, counts: Float64Array, edges: Float64Array): 0 | 1 | 2;
}
