// Finding operations that one can do along the way of another: the later operation says which.
import { horner } from './horner.js';
import { EXP_NEG_MUL, INTEGERS, type Joined, OF_THREE, PAIRS } from './joined-operations.js';
import { FAST, MATH_FUNCTIONS } from './math-variants.js';
import type { Value } from './value.js';

const EXP = MATH_FUNCTIONS.indexOf('exp');

/** Whether a value is needed so many times, and nowhere but in the operation that is looked at, or in what that absorbs. */
export type Alone = (value: Value | undefined, uses?: number) => value is Value;

/** One operation for `value` and some of what it is made of. `undefined`: there is none. `isNarrow`: it runs in 16-bit lanes. */
export function joined(value: Value, alone: Alone, isNarrow: (value: Value) => boolean): Joined | undefined {
  return new Joining(alone, isNarrow).of(value);
}

class Joining {
  readonly #alone: Alone;
  readonly #isNarrow: (value: Value) => boolean;

  constructor(alone: Alone, isNarrow: (value: Value) => boolean) {
    this.#alone = alone;
    this.#isNarrow = isNarrow;
  }

  of(value: Value): Joined | undefined {
    switch (value.op) {
      case 'f64.i32':
        return this.#load(value);
      case 'math1':
        return this.#function(value);
      case 'neg.f64':
        return this.#negation(value);
      case 'lt.f64':
      case 'le.f64':
        return this.#comparison(value);
      case 'and.bool':
        return this.#conjunction(value);
      case 'select.f64':
      case 'select.i32':
        return this.#selection(value);
      case 'div.f64':
        return this.#quotient(value);
      default:
        return this.#sumOrProduct(value);
    }
  }

  /** A number that is loaded as a double. */
  #load({ args: [a] }: Value): Joined | undefined {
    if (!this.#alone(a) || !a.op.startsWith('load_')) return undefined;
    return { op: a.op.replace('i32', 'f64'), args: a.args, absorbed: [a] };
  }

  /** e^-(x y), where it need not have the bits of V8. */
  #function({ detail, args: [a] }: Value): Joined | undefined {
    if (detail[0] !== EXP || detail[1] !== FAST || !this.#alone(a)) return undefined;
    const [product] = a.args;
    if (a.op === 'neg.f64' && this.#isProduct(product))
      return { op: EXP_NEG_MUL, args: product.args, absorbed: [a, product] };
    // The sign is the same whichever has it.
    if (a.op === 'mul.f64')
      for (const [negative, other] of bothOrders(a.args)) {
        const [factor] = negative.args;
        if (negative.op === 'neg.f64' && factor !== undefined && this.#alone(negative))
          return { op: EXP_NEG_MUL, args: [factor, other], absorbed: [a, negative] };
      }
    return undefined;
  }

  #negation({ args: [a] }: Value): Joined | undefined {
    return this.#isProduct(a) ? { op: 'neg_mul.f64', args: a.args, absorbed: [a] } : undefined;
  }

  #comparison({ op, args: [a, b] }: Value): Joined | undefined {
    if (b === undefined || !this.#alone(a) || !this.#isSumOfSquares(a)) return undefined;
    const [x, y] = a.args as [Value, Value];
    return { op: `squares_${op}`, args: [x.args[0] as Value, y.args[0] as Value, b], absorbed: [a, x, y] };
  }

  #conjunction({ args }: Value): Joined | undefined {
    for (const [compared, other] of bothOrders(args)) {
      const compares = compared.op === 'lt.f64' || compared.op === 'le.f64';
      // A sum of squares is compared along with its own operations.
      const squares = compared.args.some((arg) => this.#alone(arg) && this.#isSumOfSquares(arg));
      if (!compares || !this.#alone(compared) || squares) continue;
      return { op: compared.op.replace('.', '_and.'), args: [...compared.args, other], absorbed: [compared] };
    }
    return undefined;
  }

  #selection(value: Value): Joined | undefined {
    const [a, b, c] = value.args as [Value, Value, Value];
    const lanes = value.op.slice(-4);
    let condition = a;
    let [yes, no] = [b, c];
    const [inner] = a.args;
    if (a.op === 'not.bool' && this.#alone(a) && this.#alone(inner)) {
      condition = inner;
      [yes, no] = [no, yes];
    }
    const [x, y] = condition.args;
    const compares = ['lt', 'le', 'eq'].some((comparison) => condition.op === comparison + lanes);
    const sameLanes = this.#isNarrow(value) === this.#isNarrow(condition);
    if (!compares || !sameLanes || !this.#alone(condition) || x === undefined || y === undefined) return undefined;
    if (condition.op === 'lt.f64' && yes.op === 'neg.f64' && this.#alone(yes) && yes.args[0] === no)
      return { op: 'negate_lt.f64', args: [x, y, no], absorbed: [condition, a, yes] };
    return { op: `select_${condition.op}`, args: [x, y, yes, no], absorbed: [condition, a] };
  }

  #quotient({ args }: Value): Joined | undefined {
    const [a, b] = args as [Value, Value];
    if (!this.#alone(b)) return undefined;
    if (b.op === 'fma.f64') return { op: 'over_fma.f64', args: [...b.args, a], absorbed: [b] };
    if (b.op !== 'add.f64') return undefined;
    for (const [factors, other] of bothOrders(b.args))
      if (this.#isProduct(factors))
        return { op: 'over_mul_add.f64', args: [...factors.args, other, a], absorbed: [b, factors] };
    return undefined;
  }

  #sumOrProduct(value: Value): Joined | undefined {
    if (value.args.length < 2) return undefined;
    return (
      horner(value, this.#alone) ??
      // Not fused, but with the loading done along the way it is faster than what is.
      (value.op === 'fma.f64' ? this.#bytes(value, value.args[2] as Value) : undefined) ??
      this.#integers(value) ??
      this.#pair(value)
    );
  }

  /** Of int32 numbers that nobody else wants as doubles. */
  #integers({ op, args }: Value): Joined | undefined {
    const all = (name: string, operands: readonly Value[], ...absorbed: Value[]): Joined | undefined => {
      const integers = operands.flatMap((one) => {
        const [integer] = one.args;
        const fits = one.op === 'f64.i32' && this.#alone(one) && integer !== undefined && !this.#isNarrow(integer);
        return fits ? [integer] : [];
      });
      return integers.length < operands.length
        ? undefined
        : { op: name, args: integers, absorbed: [...operands, ...absorbed] };
    };
    if (op === 'fma.f64') return all('mul_add_i32.f64', args);
    if (op === 'add.f64')
      for (const [factors, other] of bothOrders(args)) {
        const found = this.#isProduct(factors) ? all('mul_add_i32.f64', [...factors.args, other], factors) : undefined;
        if (found !== undefined) return found;
      }
    const name = INTEGERS[op];
    return name !== undefined && args[0] !== args[1] ? all(name, args) : undefined;
  }

  #pair(value: Value): Joined | undefined {
    const pairs = PAIRS[value.op];
    if (pairs === undefined) return undefined;
    const [a, b] = value.args as [Value, Value];
    if (a === b) {
      const isSquare = value.op === 'mul.f64' && a.op === 'sub.f64' && this.#alone(a, 2);
      return isSquare ? { op: 'sub_square.f64', args: a.args, absorbed: [a] } : undefined;
    }
    for (const [position, op, name] of pairs) {
      const inner = value.args[position];
      const other = value.args[1 - position];
      if (!this.#alone(inner) || inner.op !== op || other === undefined) continue;
      // Two steps of a polynomial are more than the last one of them.
      if (value.op === 'mul.f64' && horner(inner, this.#alone) !== undefined) continue;
      return this.#ofPair(name, inner, other);
    }
    const bytes = this.#byteFactors(value);
    return bytes && { op: 'mul_u8.f64', ...bytes };
  }

  /** `inner` and what uses it beside `other`; where operations of three values fit, these. */
  #ofPair(name: string, inner: Value, other: Value): Joined {
    const [x, y] = inner.args as [Value, Value];
    const bytes = name === 'mul_add.f64' ? this.#bytes(inner, other, inner) : undefined;
    if (bytes !== undefined) return bytes;
    if (name === 'mul_add.f64' && this.#isProduct(other))
      return { op: 'products.f64', args: [x, y, ...other.args], absorbed: [inner, other] };
    const ofThree = OF_THREE[name];
    if (ofThree !== undefined)
      for (const [factors, factor] of bothOrders(inner.args))
        if (this.#isProduct(factors))
          return { op: ofThree, args: [...factors.args, factor, other], absorbed: [inner, factors] };
    if (name === 'sub_add.f64' && this.#isSquare(x) && this.#isSquare(y)) {
      const args = [x.args[0] as Value, y.args[0] as Value, other];
      return { op: 'squares_add.f64', args, absorbed: [inner, x, y] };
    }
    return { op: name, args: [...inner.args, other], absorbed: [inner] };
  }

  /** `factors` times each other plus `other`, where one of them, and perhaps one of those that `other` multiplies, is a byte. */
  #bytes(factors: Value, other: Value, ...absorbed: Value[]): Joined | undefined {
    const bytes = this.#byteFactors(factors);
    if (bytes === undefined) return undefined;
    const more = this.#isProduct(other) ? this.#byteFactors(other) : undefined;
    if (more === undefined)
      return { op: 'mul_add_u8.f64', args: [...bytes.args, other], absorbed: [...absorbed, ...bytes.absorbed] };
    const all = [...absorbed, other, ...bytes.absorbed, ...more.absorbed];
    return { op: 'blend_u8.f64', args: [...bytes.args, ...more.args], absorbed: all };
  }

  /** Factors of which one is loaded from bytes along the way: the column, the other factor, and what is absorbed. */
  #byteFactors({ op, args }: Value): Omit<Joined, 'op'> | undefined {
    if (op !== 'mul.f64' && op !== 'fma.f64') return undefined;
    for (const [widened, other] of bothOrders(args)) {
      const [loaded] = widened.args;
      if (widened.op === 'f64.i32' && this.#alone(widened) && loaded?.op === 'load_u8.i32' && this.#alone(loaded))
        return { args: [...loaded.args, other], absorbed: [widened, loaded] };
    }
    return undefined;
  }

  #isProduct(value: Value | undefined): value is Value {
    return this.#alone(value) && value.op === 'mul.f64';
  }

  #isSquare(value: Value | undefined): value is Value {
    return this.#isProduct(value) && value.args[0] === value.args[1];
  }

  /** As of a complex number. */
  #isSumOfSquares({ op, args }: Value): boolean {
    return op === 'add.f64' && this.#isSquare(args[0]) && this.#isSquare(args[1]);
  }
}

function bothOrders(args: readonly Value[]): readonly (readonly [Value, Value])[] {
  const [a, b] = args as [Value, Value];
  return [
    [a, b],
    [b, a],
  ];
}
