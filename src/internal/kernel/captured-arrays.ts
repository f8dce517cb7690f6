// Arrays that a kernel captures: typed arrays as they are, plain arrays of numbers copied into one.
import { KINDS, kindOf } from './element-kinds.js';
import type { TypedArray } from '../typed-array.js';
import type { Term } from './term.js';
import { NOTHING_KNOWN } from './value.js';

/** A plain array longer than this had better be a typed array. */
const LONGEST_PLAIN = 100_000;

export class CapturedArrays {
  readonly kinds: number[] = [];
  readonly lengths: number[] = [];
  /** How each is found again at a call. */
  readonly values: unknown[] = [];

  /** The term of an array; undefined: it is no array that kernels read. */
  term(value: unknown): Extract<Term, { kind: 'array' }> | undefined {
    const array = readable(value);
    if (array === undefined) return undefined;
    const kind = kindOf(array);
    if (kind === undefined) return undefined;
    let index = this.values.indexOf(value);
    if (index === -1) {
      index = this.values.length;
      this.values.push(value);
      this.kinds.push(kind);
      this.lengths.push(array.length);
    }
    const { bigints, low, high } = KINDS[kind] as (typeof KINDS)[number];
    const facts = high === Infinity ? NOTHING_KNOWN : { whole: true, low, high, minusZero: false };
    return { kind: 'array', index, length: array.length, bigints, facts };
  }
}

/** The typed array that is read in place of a captured value. */
export function readable(value: unknown): TypedArray | undefined {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as TypedArray;
  if (!Array.isArray(value) || value.length > LONGEST_PLAIN) return undefined;
  // Neither holes nor strings: every element is a number, or it is left to the workers.
  for (let i = 0; i < value.length; i++) if (typeof value[i] !== 'number') return undefined;
  return Float64Array.from(value as number[]);
}
