// Where the values of an operation come from: an array, or what a function in the numeric subset gives over arrays.
import { checkAttached, copyOf, mayShrink } from '../kernel/arrays.js';
import { capturedArrays, type Compilation, isRefused } from '../kernel/compile.js';
import { KINDS, kindOf } from '../kernel/element-kinds.js';
import type { NativeHandle } from '../native-kernels.js';
import type { TypedArray } from '../typed-array.js';

export interface Values {
  readonly program: NativeHandle | undefined;
  readonly columns: TypedArray[];
  readonly captured: TypedArray[];
  readonly length: number;
  readonly bigints: boolean;
  /** Estimated ns for one value. */
  readonly cost: number;
  /** Computing them surely ends. */
  readonly ends: boolean;
}

let level = 255;

/**
 * For tests: the level of vector instructions that operations use from now on; undefined: the machine's.
 *
 * @internal
 */
export function forceLevel(forced: number | undefined): void {
  level = forced ?? 255;
}

export const levelInUse = (): number => level;

/** Whether native code knows arrays of this type. */
export const isKnown = (array: TypedArray): boolean => kindOf(array) !== undefined;

export const holdsBigints = (array: TypedArray): boolean => KINDS[kindOf(array) ?? -1]?.bigints === true;

/** The array itself, or a copy where its memory may shrink while threads read it. */
export function steady(array: TypedArray): TypedArray {
  // Nothing of a detached one is left.
  if (array.length === 0) checkAttached('items', array);
  return mayShrink(array) ? copyOf(array) : array;
}

export function elementsOf(array: TypedArray): Values {
  const items = steady(array);
  return {
    program: undefined,
    columns: [items],
    captured: [],
    length: items.length,
    bigints: holdsBigints(items),
    cost: 0,
    ends: true,
  };
}

/** The values that a compiled function gives over the columns. */
export function resultsOf(compilation: Compilation, columns: readonly TypedArray[]): Values | undefined {
  if (isRefused(compilation)) return undefined;
  return {
    program: compilation.program,
    columns: compilation.columns.map((index) => steady(columns[index] as TypedArray)),
    captured: capturedArrays(compilation).map(steady),
    length: columns[0]?.length ?? 0,
    bigints: compilation.gives === 'bigint',
    cost: compilation.cost,
    ends: compilation.ends,
  };
}
