// Which int32 values fit in 16-bit lanes together with everything that they are computed from and needed for.
import type { Region, Value } from './value.js';

const isSigned = ({ low, high }: Value): boolean => low >= -(2 ** 15) && high < 2 ** 15;
const isUnsigned = ({ low, high }: Value): boolean => low >= 0 && high < 2 ** 16;

/** What is stored of them in 16 bits; the front end's bounds hold in every lane. */
export const narrowLane = (value: Value): 'i16' | 'u16' => (isSigned(value) ? 'i16' : 'u16');

const fits = (value: Value): boolean => value.whole && (isSigned(value) || isUnsigned(value));

/** 16 bits are enough for the result where they are for the operands, whether these are signed or not. */
const OF_BITS: ReadonlySet<string> = new Set(
  ['add', 'sub', 'mul', 'neg', 'and', 'or', 'xor', 'not', 'select'].map((name) => `${name}.i32`),
);
/** All operands are to be signed, or none. */
const OF_ORDER: ReadonlySet<string> = new Set(['lt', 'le', 'eq', 'min', 'max'].map((name) => `${name}.i32`));
const LOADS: ReadonlySet<string> = new Set(['i8', 'u8', 'i16', 'u16'].map((name) => `load_${name}.i32`));

/** Elements that are 16-bit lanes as they lie in memory. */
export const isLane = ({ op }: Value): boolean => op === 'load_i16.i32' || op === 'load_u16.i32';

/** Operands that are numbers; the condition of a selection is none. */
const numbersOf = ({ op, args }: Value): readonly Value[] => (op === 'select.i32' ? args.slice(1) : args);

/** Whether an operation does the same in 16-bit lanes, if its operands are there. */
function isPossible(value: Value): boolean {
  const { op, lane } = value;
  if (LOADS.has(op) || op === 'i32.bool') return true;
  const operands = numbersOf(value);
  if (!operands.every(fits) || (lane === 'i32' && !fits(value))) return false;
  if (OF_BITS.has(op) || op === 'f64.i32' || op === 'truthy.i32') return true;
  if (op === 'abs.i32') return operands.every(isSigned);
  if (op === 'shl.i32' || op === 'sar.i32') {
    const by = operands[1]?.constant;
    return typeof by === 'number' && by >= 0 && by < 16;
  }
  return OF_ORDER.has(op) && (operands.every(isSigned) || operands.every(isUnsigned));
}

/** The operations to run in 16-bit lanes: no number passes from these lanes to wider integers, or back. */
export function narrowed(root: Region, isNeeded: (value: Value) => boolean): ReadonlySet<Value> {
  const narrow = new Set<Value>();
  const values = root.values.filter(isNeeded);
  if (values.some(({ loop }) => loop !== undefined)) return narrow;
  for (const value of values) if (isPossible(value)) narrow.add(value);
  const isNarrow = (value: Value): boolean => narrow.has(value) || value.constant !== undefined;
  let before = -1;
  while (narrow.size !== before) {
    before = narrow.size;
    for (const value of values) {
      const operands = numbersOf(value).filter(({ lane, op }) => lane === 'i32' && op !== 'column');
      if (narrow.has(value)) {
        if (!operands.every(isNarrow)) narrow.delete(value);
      } else {
        // What is needed in wider lanes is computed in them.
        for (const operand of operands) narrow.delete(operand);
      }
    }
  }
  return narrow;
}

/** The operation of 16-bit lanes in place of one of int32; its first operands tell in which way numbers are ordered. */
export function narrowOperation(op: string, args: readonly Value[]): string {
  if (op === 'i32.bool') return 'i16.bool';
  const name = op.slice(0, op.lastIndexOf('.'));
  const isOrdered = /^(lt|le|min|max|select_lt|select_le|sar|f64)$/.test(name);
  const compared = args.slice(0, name === 'f64' ? 1 : 2);
  return `${name}.${isOrdered && !compared.every(isSigned) ? 'u16' : 'i16'}`;
}
