// The element types of typed arrays by the numbers that programs use, and what is known of their elements.
import type { TypedArray } from '../typed-array.js';
import type { Lane } from './value.js';

export interface Kind {
  readonly name: string;
  /** How an element becomes a lane; undefined: it is one as it lies in memory. */
  readonly load: string | undefined;
  readonly lane: Lane;
  readonly bytes: number;
  readonly bigints: boolean;
  /** Bounds of whole numbers; infinite for others. */
  readonly low: number;
  readonly high: number;
}

const kind = (name: string, load: string | undefined, lane: Lane, bytes: number, low: number, high: number): Kind => ({
  name,
  load,
  lane,
  bytes,
  bigints: lane === 'i64',
  low,
  high,
});

export const KINDS: readonly Kind[] = [
  kind('Int8Array', 'load_i8.i32', 'i32', 1, -128, 127),
  kind('Uint8Array', 'load_u8.i32', 'i32', 1, 0, 255),
  kind('Uint8ClampedArray', 'load_u8.i32', 'i32', 1, 0, 255),
  kind('Int16Array', 'load_i16.i32', 'i32', 2, -32768, 32767),
  kind('Uint16Array', 'load_u16.i32', 'i32', 2, 0, 65535),
  kind('Int32Array', undefined, 'i32', 4, -(2 ** 31), 2 ** 31 - 1),
  kind('Uint32Array', undefined, 'u32', 4, 0, 2 ** 32 - 1),
  kind('Float32Array', 'load_f32.f64', 'f64', 4, -Infinity, Infinity),
  kind('Float64Array', undefined, 'f64', 8, -Infinity, Infinity),
  kind('BigInt64Array', undefined, 'i64', 8, -(2 ** 63), 2 ** 63),
  kind('BigUint64Array', undefined, 'i64', 8, 0, 2 ** 64),
];

const numbers = new Map(KINDS.map(({ name }, number) => [name, number]));

/** The number of a typed array's kind; undefined: kernels do not know it. */
export function kindOf(array: TypedArray): number | undefined {
  // The tag is an accessor of the language, which subclasses (Buffer) keep.
  return numbers.get(array[Symbol.toStringTag]);
}
