// Two steps of Horner's rule in one operation: a polynomial takes half of the passes.
import type { Joined } from './joined-operations.js';
import type { Value } from './value.js';

type Step = readonly [factor: Value, x: Value, addend: Value, product: Value | undefined];

/** `value` as (a x + c) x + d, where `alone` says of a value that nothing else needs it; undefined: it is none. */
export function horner(value: Value, alone: (value: Value) => boolean): Joined | undefined {
  for (const [inner, x, d, product] of steps(value, alone)) {
    if (!alone(inner) || isFused(inner) !== isFused(value)) continue;
    for (const [a, y, c, other] of steps(inner, alone)) {
      if (x !== y) continue;
      const absorbed = [product, inner, other].filter((one) => one !== undefined);
      return { op: isFused(value) ? 'horner_fma.f64' : 'horner.f64', args: [a, x, c, d], absorbed };
    }
  }
  return undefined;
}

const isFused = ({ op }: Value): boolean => op === 'fma.f64';

/** `value` as a product and what is added to it, in every way. */
function steps(value: Value, alone: (value: Value) => boolean): Step[] {
  const [a, b, c] = value.args;
  if (a === undefined || b === undefined) return [];
  const both = (x: Value, y: Value, addend: Value, product?: Value): Step[] => [
    [x, y, addend, product],
    [y, x, addend, product],
  ];
  if (isFused(value)) return c === undefined ? [] : both(a, b, c);
  const found: Step[] = [];
  for (const [product, addend] of sums(value.op, a, b)) {
    const [x, y] = product.args;
    if (product.op === 'mul.f64' && x !== undefined && y !== undefined && alone(product))
      found.push(...both(x, y, addend, product));
  }
  return found;
}

/** Both orders of a sum; the difference to a constant is the sum with its opposite, bit by bit. */
function sums(op: string, a: Value, b: Value): readonly (readonly [Value, Value])[] {
  if (op === 'add.f64')
    return [
      [a, b],
      [b, a],
    ];
  if (op !== 'sub.f64' || typeof b.constant !== 'number') return [];
  return [[a, { ...b, constant: -b.constant }]];
}
