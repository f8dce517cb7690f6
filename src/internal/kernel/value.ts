// Values of a kernel in single-assignment form: what computes each one, in which lanes, and what is known of it.

/** How a register holds a value: doubles, int32, uint32, BigInts modulo 2^64, booleans. */
export type Lane = 'f64' | 'i32' | 'u32' | 'i64' | 'bool';

/** What is known of a number in every lane; of other lanes, nothing. */
export interface Facts {
  /** A whole number, never -0 unless `minusZero`. */
  readonly whole: boolean;
  /** Within these bounds, and not NaN, if both are finite. */
  readonly low: number;
  readonly high: number;
  readonly minusZero: boolean;
}

export const NOTHING_KNOWN: Facts = { whole: false, low: -Infinity, high: Infinity, minusZero: true };

export interface Value extends Facts {
  readonly id: number;
  readonly op: string;
  readonly lane: Lane;
  readonly args: readonly Value[];
  /** Number of the column or captured array; function and variant of `math`. */
  readonly detail: readonly number[];
  readonly constant: number | bigint | boolean | undefined;
  readonly home: Region;
  /** Set for loops and for what belongs to one. */
  readonly loop: Loop | undefined;
}

/** A straight line of instructions: the kernel itself, or the body of a loop. */
export interface Region {
  readonly parent: Region | undefined;
  readonly depth: number;
  readonly values: Value[];
  readonly known: Map<string, Value>;
}

export interface Loop {
  readonly body: Region;
  /** undefined: every lane enters. */
  entry: Value | undefined;
  go: Value | undefined;
  /** The same in all lanes: none goes on where it is false. undefined: that depends on `go` alone. */
  limit: Value | undefined;
  /** What is the same in all lanes that run. */
  alike: ReadonlySet<Value>;
  readonly carried: { readonly init: Value; readonly work: Value; next: Value }[];
  readonly exits: { readonly init: Value; readonly exit: Value; result: Value }[];
}

export const newRegion = (parent: Region | undefined): Region => ({
  parent,
  depth: parent === undefined ? 0 : parent.depth + 1,
  values: [],
  known: new Map(),
});

/** Doubles within plus or minus this become integers by an addition. */
export const SMALL = 2 ** 51;

/** A number between two, whole or not; rounding cannot lead beyond bounds that are doubles themselves. */
export const within = (low: number, high: number): Facts =>
  Number.isFinite(low) && Number.isFinite(high) ? { whole: false, low, high, minusZero: true } : NOTHING_KNOWN;

export const isBounded = ({ low, high }: Facts): boolean => Number.isFinite(low) && Number.isFinite(high);

export const INT32: Facts = { whole: true, low: -(2 ** 31), high: 2 ** 31 - 1, minusZero: false };
export const UINT32: Facts = { whole: true, low: 0, high: 2 ** 32 - 1, minusZero: false };

export const fitsInt32 = ({ whole, low, high }: Facts): boolean => whole && low >= INT32.low && high <= INT32.high;

/** What is known of either of two numbers. */
export const eitherOf = (a: Facts, b: Facts): Facts => ({
  whole: a.whole && b.whole,
  low: Math.min(a.low, b.low),
  high: Math.max(a.high, b.high),
  minusZero: a.minusZero || b.minusZero,
});

export function factsOf(constant: number): Facts {
  const whole = Number.isInteger(constant);
  return whole
    ? { whole, low: constant, high: constant, minusZero: Object.is(constant, -0) }
    : { ...within(constant, constant), minusZero: false };
}
