// Python's type codes and their plain names, each with the typed array that holds such values.
import { wrongType } from './validate.js';

/** Codes of Python's `array` and `struct`; `l` and `L` have 64 bits, as on every 64-bit Unix. */
export type TypeCode = 'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'l' | 'L' | 'q' | 'Q' | 'f' | 'd' | 'c';
/** Plain names for the same: `int32` is `i`. */
export type TypeName =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

const ARRAYS = {
  b: Int8Array,
  B: Uint8Array,
  c: Uint8Array,
  h: Int16Array,
  H: Uint16Array,
  i: Int32Array,
  I: Uint32Array,
  l: BigInt64Array,
  L: BigUint64Array,
  q: BigInt64Array,
  Q: BigUint64Array,
  f: Float32Array,
  d: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** All types; the index of one is its number in shared memory. */
export const TYPES = Object.keys(ARRAYS) as readonly (TypeCode | TypeName)[];

/** The typed array that holds values of each type. */
export type ArrayOf<T extends TypeCode | TypeName> = InstanceType<(typeof ARRAYS)[T]>;

/** Throws TypeError for what is no type. */
export function arrayClass<T extends TypeCode | TypeName>(type: T): (typeof ARRAYS)[T] {
  if (typeof type !== 'string' || !Object.hasOwn(ARRAYS, type))
    throw wrongType('type', `one of ${Object.keys(ARRAYS).join(', ')}`, type);
  return ARRAYS[type];
}
