// JavaScript's arithmetic on numbers as operations on lanes; int32 lanes where the result is provably the same.
import type { Builder } from './builder.js';
import {
  eitherOf,
  fitsInt32,
  INT32,
  isBounded,
  NOTHING_KNOWN,
  SMALL,
  UINT32,
  within,
  type Facts,
  type Value,
} from './value.js';

const EXACT = 2 ** 53;

const whole = (low: number, high: number, minusZero = false): Facts =>
  low >= -EXACT && high <= EXACT ? { whole: true, low, high, minusZero } : within(low, high);

const isConstant = (value: Value): value is Value & { constant: number } => typeof value.constant === 'number';

/** The number operators and conversions. Every operand is a number in `f64`, `i32` or `u32` lanes. */
export class Arithmetic {
  readonly #builder: Builder;
  /** Multiplications and additions may be fused. */
  readonly #fast: boolean;

  constructor(builder: Builder, fast: boolean) {
    this.#builder = builder;
    this.#fast = fast;
  }

  /** As doubles. */
  double(value: Value): Value {
    if (value.lane === 'f64') return value;
    if (isConstant(value)) return this.#builder.number(value.constant);
    if (value.lane === 'bool') return this.#builder.make('f64.bool', 'f64', [value], whole(0, 1));
    return this.#builder.make(value.lane === 'u32' ? 'f64.u32' : 'f64.i32', 'f64', [value], value);
  }

  /** ToInt32. */
  int(value: Value): Value {
    if (value.lane === 'i32') return value;
    if (isConstant(value)) return this.#builder.int(value.constant | 0);
    if (value.lane === 'u32') return this.#builder.make('as.i32', 'i32', [value], fitsInt32(value) ? value : INT32);
    if (value.lane === 'bool') return this.#builder.make('i32.bool', 'i32', [value], whole(0, 1));
    return this.#narrowed(value) ?? this.#truncated(value);
  }

  #truncated(value: Value): Value {
    const small = value.low > -SMALL && value.high < SMALL;
    const cut = { whole: true, low: Math.trunc(value.low), high: Math.trunc(value.high), minusZero: false };
    const op = !small ? 'i32.f64' : value.whole ? 'small.f64' : 'bounded.f64';
    return this.#builder.make(op, 'i32', [value], fitsInt32(cut) ? cut : INT32);
  }

  /** ToInt32 of exact sums and products of integers wraps like the same operation on int32. */
  #narrowed({ op, args, whole: exact }: Value): Value | undefined {
    const [a, b] = args;
    if (a === undefined || !exact) return undefined;
    if (op === 'f64.i32' || op === 'f64.u32') return this.int(a);
    if (op === 'neg.f64' && a.whole) return this.#builder.make('neg.i32', 'i32', [this.int(a)], INT32);
    if (b === undefined || !a.whole || !b.whole) return undefined;
    if (op === 'add.f64' || op === 'sub.f64' || op === 'mul.f64')
      return this.#builder.make(op.replace('f64', 'i32'), 'i32', [this.int(a), this.int(b)], INT32);
    return undefined;
  }

  /** ToUint32. */
  uint(value: Value): Value {
    if (value.lane === 'u32') return value;
    if (isConstant(value)) return this.#builder.uint(value.constant >>> 0);
    const bits = this.int(value);
    return this.#builder.make('as.u32', 'u32', [bits], bits.low >= 0 ? bits : UINT32);
  }

  add(a: Value, b: Value): Value {
    if (isConstant(a) && isConstant(b)) return this.#builder.number(a.constant + b.constant);
    const facts =
      a.whole && b.whole
        ? whole(a.low + b.low, a.high + b.high, a.minusZero && b.minusZero)
        : within(a.low + b.low, a.high + b.high);
    return this.#ints('add.i32', a, b, facts) ?? this.#contracted(a, b, facts) ?? this.#doubles('add.f64', a, b, facts);
  }

  subtract(a: Value, b: Value): Value {
    if (isConstant(a) && isConstant(b)) return this.#builder.number(a.constant - b.constant);
    if (isConstant(b) && Object.is(b.constant, 0)) return a;
    const facts =
      a.whole && b.whole ? whole(a.low - b.high, a.high - b.low, a.minusZero) : within(a.low - b.high, a.high - b.low);
    const ints = this.#ints('sub.i32', a, b, facts);
    if (ints !== undefined) return ints;
    // So that it can be fused.
    const sum = isConstant(b) ? this.#contracted(a, this.#builder.number(-b.constant), facts) : undefined;
    return sum ?? this.#doubles('sub.f64', a, b, facts);
  }

  multiply(a: Value, b: Value): Value {
    if (isConstant(a) && isConstant(b)) return this.#builder.number(a.constant * b.constant);
    if (isConstant(b) && b.constant === 1) return a;
    if (isConstant(a) && a.constant === 1) return b;
    return this.#ints('mul.i32', a, b, product(a, b)) ?? this.#doubles('mul.f64', a, b, product(a, b));
  }

  divide(a: Value, b: Value): Value {
    if (isConstant(a) && isConstant(b)) return this.#builder.number(a.constant / b.constant);
    // Where the reciprocal is exact, both round the same number.
    if (isConstant(b) && isPowerOfTwo(b.constant)) return this.multiply(a, this.#builder.number(1 / b.constant));
    const inverse = this.#fast && isConstant(b) ? inverseOf(b.constant) : undefined;
    if (inverse === undefined) return this.#doubles('div.f64', a, b, NOTHING_KNOWN);
    const parts = inverse.map((part) => this.#builder.number(part));
    return this.#builder.make(parts.length > 1 ? 'quotient.f64' : 'mul.f64', 'f64', [this.double(a), ...parts]);
  }

  remainder(a: Value, b: Value): Value {
    if (isConstant(a) && isConstant(b)) return this.#builder.number(a.constant % b.constant);
    const exact = a.whole && b.whole && (b.low > 0 || b.high < 0);
    const most = Math.max(Math.abs(b.low), Math.abs(b.high)) - 1;
    const facts = exact ? whole(a.low < 0 ? -most : 0, a.high > 0 ? most : 0, a.minusZero || a.low < 0) : NOTHING_KNOWN;
    return this.#doubles('rem.f64', a, b, facts);
  }

  negate(a: Value): Value {
    if (isConstant(a)) return this.#builder.number(-a.constant);
    const facts = a.whole ? whole(-a.high, -a.low, a.low <= 0 && a.high >= 0) : NOTHING_KNOWN;
    if (a.lane === 'i32' && (a.low > 0 || a.high < 0) && fitsInt32(facts))
      return this.#builder.make('neg.i32', 'i32', [a], facts);
    return this.#builder.make('neg.f64', 'f64', [this.double(a)], facts);
  }

  /** `& | ^ << >>` on int32, `>>>` on uint32. */
  bits(operator: '&' | '|' | '^' | '<<' | '>>' | '>>>', left: Value, right: Value): Value {
    if (isConstant(left) && isConstant(right)) return this.#folded(fold(operator, left.constant, right.constant));
    const a = operator === '>>>' ? this.uint(left) : this.int(left);
    const b = operator === '>>>' ? this.uint(right) : this.int(right);
    const by = isConstant(b) ? b.constant : undefined;
    if (by === 0 && (operator === '|' || operator === '^' || operator === '<<' || operator === '>>')) return a;
    const make = this.#builder.make.bind(this.#builder);
    if (operator === '&') {
      const mask = Math.min(a.low >= 0 ? a.high : Infinity, b.low >= 0 ? b.high : Infinity);
      return make('and.i32', 'i32', [a, b], mask === Infinity ? INT32 : whole(0, mask));
    }
    if (operator === '|' || operator === '^') {
      const positive = a.low >= 0 && b.low >= 0;
      const most = 2 ** (32 - Math.clz32(Math.max(a.high, b.high))) - 1;
      return make(operator === '|' ? 'or.i32' : 'xor.i32', 'i32', [a, b], positive ? whole(0, most) : INT32);
    }
    if (operator === '<<') {
      const facts = by === undefined ? INT32 : whole(a.low * 2 ** (by & 31), a.high * 2 ** (by & 31));
      return make('shl.i32', 'i32', [a, b], fitsInt32(facts) ? facts : INT32);
    }
    if (operator === '>>') {
      const facts =
        by === undefined ? whole(Math.min(a.low, 0), Math.max(a.high, -1)) : whole(a.low >> by, a.high >> by);
      return make('sar.i32', 'i32', [a, b], facts);
    }
    const facts = by === undefined ? whole(0, a.high) : whole(0, a.high >>> by);
    const shifted = make('shr.i32', 'u32', [a, b], facts);
    return fitsInt32(facts) ? make('as.i32', 'i32', [shifted], facts) : shifted;
  }

  #folded(value: number): Value {
    return value > INT32.high ? this.#builder.uint(value) : this.#builder.int(value);
  }

  not(a: Value): Value {
    if (isConstant(a)) return this.#builder.int(~a.constant);
    const value = this.int(a);
    return this.#builder.make('not.i32', 'i32', [value], whole(-value.high - 1, -value.low - 1));
  }

  /** `a < b`, `a <= b`, `a === b` on numbers. */
  compare(operator: 'lt' | 'le' | 'eq', a: Value, b: Value): Value {
    if (isConstant(a) && isConstant(b)) {
      const [x, y] = [a.constant, b.constant];
      return this.#builder.boolean(operator === 'lt' ? x < y : operator === 'le' ? x <= y : x === y);
    }
    const [x, y] = [this.#asInt(a), this.#asInt(b)];
    if (x !== undefined && y !== undefined && (x.constant === undefined || y.constant === undefined)) {
      const certain = decided(operator, x, y);
      if (certain !== undefined) return this.#builder.boolean(certain);
      return this.#builder.make(`${operator}.i32`, 'bool', [x, y]);
    }
    return this.#builder.make(`${operator}.f64`, 'bool', [this.double(a), this.double(b)]);
  }

  /** ToBoolean of a number. */
  truth(a: Value): Value {
    if (isConstant(a)) return this.#builder.boolean(Boolean(a.constant));
    return a.lane === 'f64'
      ? this.#builder.make('truthy.f64', 'bool', [a])
      : this.#builder.make('truthy.i32', 'bool', [a]);
  }

  /** `condition ? a : b` of numbers. */
  select(condition: Value, a: Value, b: Value): Value {
    const facts = eitherOf(a, b);
    const [x, y] = [this.#asInt(a), this.#asInt(b)];
    if (x !== undefined && y !== undefined) return this.#builder.make('select.i32', 'i32', [condition, x, y], facts);
    if (a.lane === 'u32' && b.lane === 'u32')
      return this.#builder.make(
        'as.u32',
        'u32',
        [this.#builder.make('select.i32', 'i32', [condition, a, b], INT32)],
        facts,
      );
    return this.#builder.make('select.f64', 'f64', [condition, this.double(a), this.double(b)], facts);
  }

  /** The value in int32 lanes where that takes nothing. */
  #asInt(value: Value): Value | undefined {
    if (value.lane === 'i32') return value;
    if (isConstant(value) && fitsInt32(value) && !value.minusZero) return this.#builder.int(value.constant);
    return undefined;
  }

  #ints(op: string, a: Value, b: Value, facts: Facts): Value | undefined {
    if (!fitsInt32(facts) || facts.minusZero) return undefined;
    const [x, y] = [this.#asInt(a), this.#asInt(b)];
    return x !== undefined && y !== undefined ? this.#builder.make(op, 'i32', [x, y], facts) : undefined;
  }

  #doubles(op: string, a: Value, b: Value, facts: Facts): Value {
    return this.#builder.make(op, 'f64', [this.double(a), this.double(b)], facts);
  }

  #contracted(a: Value, b: Value, facts: Facts): Value | undefined {
    if (!this.#fast) return undefined;
    for (const [product, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const [x, y] = product.args;
      // One operation takes two squares, or three factors and what is added: quicker than a fused one and another.
      if (isSquare(product) && isSquare(other)) continue;
      if (product.op === 'mul.f64' && x !== undefined && y !== undefined && !isProduct(x) && !isProduct(y))
        return this.#builder.make('fma.f64', 'f64', [x, y, this.double(other)], facts);
    }
    return undefined;
  }
}

const isProduct = ({ op }: Value): boolean => op === 'mul.f64';

const isSquare = ({ op, args }: Value): boolean => op === 'mul.f64' && args[0] === args[1];

function product(a: Value, b: Value): Facts {
  if (!isBounded(a) || !isBounded(b)) return NOTHING_KNOWN;
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high].map((x) => x + 0);
  if (!a.whole || !b.whole) return within(Math.min(...corners), Math.max(...corners));
  const zero = (x: Value, y: Value): boolean => x.low <= 0 && x.high >= 0 && (y.low < 0 || y.minusZero);
  return whole(Math.min(...corners), Math.max(...corners), zero(a, b) || zero(b, a) || a.minusZero || b.minusZero);
}

function decided(operator: 'lt' | 'le' | 'eq', a: Value, b: Value): boolean | undefined {
  if (operator === 'lt') return a.high < b.low ? true : a.low >= b.high ? false : undefined;
  if (operator === 'le') return a.high <= b.low ? true : a.low > b.high ? false : undefined;
  return a.high < b.low || a.low > b.high ? false : undefined;
}

/**
 * What a product with is a quotient by `c` within 1 ulp, and is exact where the quotient is: 1 / c rounded, or, where that
 * is too far off, in two doubles of one sign, so that infinity times them is infinity. `undefined`: it is out of range.
 */
function inverseOf(c: number): readonly number[] | undefined {
  if (!(Math.abs(c) > 2 ** -500 && Math.abs(c) < 2 ** 500)) return undefined;
  let high = 1 / c;
  let rest = restOf(high, c);
  if (Math.abs(rest) < 2 ** -54) return [high];
  if (rest < 0) {
    // One unit of the last place towards zero.
    high -= high * 2 ** -53;
    rest = restOf(high, c);
  }
  return rest > 0 ? [high, rest / c] : undefined;
}

/** 1 - x y, which is small, by Dekker's product of halves. */
function restOf(x: number, y: number): number {
  const [a, b] = halves(x);
  const [c, d] = halves(y);
  return 1 - a * c - a * d - b * c - b * d;
}

function halves(x: number): readonly [number, number] {
  const shifted = x * 134_217_729;
  const high = shifted - (shifted - x);
  return [high, x - high];
}

function isPowerOfTwo(x: number): boolean {
  const exponent = Math.log2(Math.abs(x));
  return Number.isInteger(exponent) && Math.abs(exponent) < 1022 && 2 ** exponent === Math.abs(x);
}

function fold(operator: string, a: number, b: number): number {
  switch (operator) {
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
    default:
      return a >>> b;
  }
}
