// Arrays that the tests of operations run over: every type, seeded data, and exact arithmetic for the answers.

export const TYPES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

export type Type = (typeof TYPES)[number];
export type AnyArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** xorshift32: whole numbers below 2^32. */
export function randomWords(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

export function uniform(seed: number, n: number, low = 0, high = 1): Float64Array {
  const next = randomWords(seed);
  return new Float64Array(n).map(() => low + (high - low) * (next() / 2 ** 32 + next() / 2 ** 64));
}

/** Elements of random bits: for floating-point types also NaN of all payloads, infinities and subnormal numbers. */
export function randomBits<T extends Type>(type: T, seed: number, n: number): InstanceType<T> {
  const next = randomWords(seed);
  const words = new Uint32Array(Math.ceil((n * type.BYTES_PER_ELEMENT) / 4));
  for (let i = 0; i < words.length; i++) words[i] = next();
  return new type(words.buffer, 0, n) as InstanceType<T>;
}

/** The bits of the elements, so that -0, 0 and NaN are told apart. */
export function bitsOf(array: AnyArray): ArrayLike<number | bigint> {
  const { buffer, byteOffset, length } = array;
  if (array instanceof Float64Array) return new BigUint64Array(buffer, byteOffset, length);
  if (array instanceof Float32Array) return new Uint32Array(buffer, byteOffset, length);
  return array;
}

const UNIT = 1074n;

/** A double in units of 2^-1074: exact. */
export function units(value: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0] as bigint;
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

/** How far `value` is from numerator / denominator (in units), in units of its last place. */
export function ulpsFrom(value: number, numerator: bigint, denominator = 1n): number {
  const next = new Float64Array([Math.abs(value)]);
  const bits = new BigInt64Array(next.buffer);
  bits[0] = (bits[0] as bigint) + 1n;
  const ulp = units(next[0] as number) - units(Math.abs(value));
  const distance = units(value) * denominator - numerator;
  return Number(((distance < 0n ? -distance : distance) * 1000n) / (ulp * denominator)) / 1000;
}

/** Population variance of the elements as a fraction in units. */
export function exactVariance(values: Float64Array): { numerator: bigint; denominator: bigint } {
  const n = BigInt(values.length);
  let sum = 0n;
  let squares = 0n;
  for (const value of values) {
    const exact = units(value);
    sum += exact;
    squares += exact * exact;
  }
  return { numerator: n * squares - sum * sum, denominator: (n * n) << UNIT };
}
