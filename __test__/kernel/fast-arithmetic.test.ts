// Arithmetic of `math: 'fast'`: what it fuses and multiplies by inverses stays next to what rounds once for each operator.
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const { compile, forceLevel, isRefused } = require('../../dist/internal/kernel/compile.js') as {
  compile(fn: Function, parameters: readonly number[], wanted: 'stored', fast: boolean): { readonly program: never };
  forceLevel(level: number | undefined): void;
  isRefused(compilation: object): boolean;
};
const { native } = require('../../dist/internal/native.js') as {
  native(): { kernelMap(program: never, out: Float64Array, columns: Float64Array[], captured: never[]): void };
};
afterAll(() => forceLevel(undefined));

function atEveryLevel(fn: (x: number) => number, x: Float64Array, check: (found: Float64Array) => void): void {
  for (const level of [0, 1, 2]) {
    forceLevel(level);
    const compilation = compile(fn, [8], 'stored', true);
    expect(isRefused(compilation)).toBe(false);
    const found = new Float64Array(x.length);
    native().kernelMap(compilation.program, found, [x], []);
    check(found);
  }
}

function ulpOf(value: number): number {
  const number = new Float64Array([Math.abs(value)]);
  const bits = new BigInt64Array(number.buffer);
  bits[0] = (bits[0] as bigint) + 1n;
  return (number[0] as number) - Math.abs(value);
}

// Of each kind: a rounded inverse is near enough, or too far off; powers of two; what has no inverse in range.
const DIVISORS = [
  3,
  5,
  -7,
  49,
  0.3,
  -0.1,
  1.4142135623730951,
  1000,
  1e-9,
  1 + 2 ** -52,
  1 - 2 ** -53,
  4,
  1e300,
  5e-324,
  0,
];
const EDGES = [
  0,
  -0,
  Infinity,
  -Infinity,
  NaN,
  5e-324,
  -5e-324,
  1e-310,
  2 ** -1022,
  1.7976931348623157e308,
  1e300,
  -1e-300,
];

test.each(DIVISORS)('x / %d is within 1 ulp, and exact where it has no rest', (c) => {
  const quotients = Float64Array.from({ length: 3000 }, (_, i) =>
    i % 3 === 0 ? i : Math.sin(i) * 2 ** ((i % 200) - 100),
  );
  const multiples = quotients.map((q) => Math.trunc(q) * c);
  const x = Float64Array.from([...EDGES, ...quotients, ...multiples]);
  atEveryLevel(runInThisContext(`(x) => x / ${c}`) as (x: number) => number, x, (found) => {
    const wrong = [...x].filter((value, i) => {
      const exact = value / c;
      const got = found[i] as number;
      if (!Number.isFinite(exact) || exact === 0) return !Object.is(got, exact);
      const isMultiple =
        Number.isInteger(c) && Number.isInteger(exact) && exact * c === value && Math.abs(value) < 2 ** 53;
      return Math.abs(got - exact) > (isMultiple ? 0 : ulpOf(exact));
    });
    expect(wrong).toEqual([]);
  });
});

test('polynomials, sums of products and quotients by sums differ by roundings only', () => {
  const fn = (x: number): number =>
    ((((1.06 * x - 1.45) * x + 1.42) * x - 0.28) * x + 0.25) * x + 3 / (2 + x * x) - (x * 0.1 - 0.2) * x * 7;
  const x = Float64Array.from({ length: 2000 }, (_, i) => i / 1000 - 1);
  atEveryLevel(fn, x, (found) => {
    const errors = found.map((value, i) => Math.abs(value - fn(x[i] as number)));
    expect(Math.max(...errors)).toBeLessThan(2 ** -48);
  });
});

test.each([
  ['-x * y', (x: number, y: number) => Math.exp(-x * y)],
  ['-(x * y)', (x: number, y: number) => Math.exp(-(x * y))],
  ['x * -y', (x: number, y: number) => Math.exp(x * -y)],
] as const)('exp(%s) has the bits of exp over the product', (_, fn) => {
  const x = Float64Array.from({ length: 3000 }, (_unused, i) => EDGES[i] ?? (i - 1500) / 40 + Math.sin(i));
  const y = x.map((_unused, i) => EDGES[(i >> 4) % 60] ?? Math.cos(i) * 2 ** (i % 7));
  const product = x.map((value, i) => -(value * (y[i] as number)));
  for (const level of [0, 1, 2]) {
    forceLevel(level);
    const [found, expected] = [new Float64Array(3000), new Float64Array(3000)];
    native().kernelMap(compile(fn, [8, 8], 'stored', true).program, found, [x, y], []);
    native().kernelMap(compile(Math.exp, [8], 'stored', true).program, expected, [product], []);
    expect(found.findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1);
  }
});
