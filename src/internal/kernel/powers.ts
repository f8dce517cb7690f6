// `**`, and the functions of `Math` that have a body of their own in the addon.
import { MATH_FUNCTIONS, type MathName } from './math-variants.js';
import type { Translation } from './translation.js';
import type { Value } from './value.js';

/** `Math[name](...args)`; constants are computed by this Node itself. */
export function mathFunction(t: Translation, name: MathName, args: readonly Value[]): Value {
  const constants = args.map(({ constant }) => constant);
  if (constants.every((constant) => typeof constant === 'number'))
    return t.builder.number((Math[name] as (...x: number[]) => number)(...constants));
  const detail = [MATH_FUNCTIONS.indexOf(name), t.math(name).variant];
  return t.builder.make(
    args.length === 1 ? 'math1' : 'math2',
    'f64',
    args.map((arg) => t.numbers.double(arg)),
    undefined,
    detail,
  );
}

export function power(t: Translation, base: Value, exponent: Value): Value {
  const { constant } = exponent;
  if (typeof constant === 'number' && typeof base.constant !== 'number') {
    if (constant === 1) return base;
    if (constant === 0) return t.builder.number(1);
    // The square is the one power that every V8 rounds like a product; the cube is not.
    if (constant === 2) return t.numbers.multiply(base, base);
  }
  return mathFunction(t, 'pow', [base, exponent]);
}
