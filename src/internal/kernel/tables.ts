// Functions of one or two bytes as tables: cheaper than computing when there are many more elements than values.
import { native } from '../native.js';
import type { NativeHandle } from '../native-kernels.js';
import type { TypedArray } from '../typed-array.js';
import { emptyLike, newArray } from './arrays.js';
import type { Compiled } from './compile.js';
import { kindOf } from './element-kinds.js';

/** Cost of one look-up in nanoseconds, about. */
export const LOOKUP_NS = 0.2;

const BYTE_VALUES = 256;
const SHORT_VALUES = 65_536;
/** So many elements for each value, or a table does not pay. */
const BYTE_SHARE = 8;
const SHORT_SHARE = 8;
/** The table of two bytes does not stay in the first-level cache. */
const SHORT_NS = 2;

/** What the kernel gives for every value of its only column, in the type of `out`; undefined: computing is cheaper. */
export function tableFor(
  { program, pure, cost }: Compiled,
  columns: readonly TypedArray[],
  captured: TypedArray[],
  out: TypedArray,
): TypedArray | undefined {
  const [column] = columns;
  if (!pure || column === undefined || columns.length !== 1) return undefined;
  const { BYTES_PER_ELEMENT: bytes, length } = column;
  const pays =
    bytes === 1
      ? length >= BYTE_SHARE * BYTE_VALUES
      : bytes === 2 && length >= SHORT_SHARE * SHORT_VALUES && cost > SHORT_NS;
  if (!pays) return undefined;
  // What it captures may have changed since the last call.
  const before = captured.length === 0 ? last.get(program) : undefined;
  if (before !== undefined && before.type === typeOf(out)) return before.table;
  const values = bytes === 1 ? BYTE_VALUES : SHORT_VALUES;
  const all = bytes === 1 ? new Uint8Array(values) : new Uint16Array(values);
  for (let i = 0; i < values; i++) all[i] = i;
  // The same bits as elements of the column's own type.
  const domain = newArray(kindOf(column) as number, values, all.buffer);
  const table = emptyLike(out, values);
  native().kernelMap(program, table, [domain], captured);
  last.set(program, { type: typeOf(out), table });
  return table;
}

const typeOf = (array: TypedArray): string => array[Symbol.toStringTag];

/** The last table of a program, as long as there is the program. */
const last = new WeakMap<NativeHandle, { readonly type: string; readonly table: TypedArray }>();
