// The faster mathematical functions against results of multi-precision arithmetic (fixtures/references.py made them), and
// every function as a pool runs it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernel, ThreadPool } from 'manyhands';

interface Addon {
  kernelLevel(): number;
  evaluateMath(f: number, variant: number, level: number, x: Float64Array, y: Float64Array, out: Float64Array): boolean;
}

const dist = join(import.meta.dirname, '..', '..', 'dist', 'internal');
const addon = (createRequire(import.meta.url)(join(dist, 'native.js')) as { native(): Addon }).native();

const NUMBERS: Record<string, number> = {
  sin: 0,
  cos: 1,
  sinh: 6,
  cosh: 7,
  tanh: 8,
  asinh: 9,
  acosh: 10,
  atanh: 11,
  exp: 12,
  log: 14,
  log10: 17,
  pow: 19,
  atan2: 20,
};
const FAST = 2;

type Row = readonly [x: number, y: number, rounded: number, rest: number];
const references = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'references.json'), 'utf8')) as Record<
  string,
  Row[]
>;

function ulpOf(value: number): number {
  const number = new Float64Array([Math.abs(value)]);
  const bits = new BigInt64Array(number.buffer);
  bits[0] = (bits[0] as bigint) + 1n;
  return (number[0] as number) - Math.abs(value);
}

// The base of x86-64 has no fused operations: there the bodies are those of V8, which are less exact.
const levels = process.arch === 'x64' ? [1, 2].filter((level) => level <= addon.kernelLevel()) : [0];

describe.each(levels)('at level %i', (level) => {
  test.each(Object.keys(NUMBERS))('fast %s is within 1 ulp of the exact result', (name) => {
    const rows = references[name] as Row[];
    const x = Float64Array.from(rows, (row) => row[0]);
    const y = Float64Array.from(rows, (row) => row[1]);
    const out = new Float64Array(rows.length);
    expect(addon.evaluateMath(NUMBERS[name] as number, FAST, level, x, y, out)).toBe(true);
    const errors = rows.map(([, , rounded, rest], i) =>
      Math.abs(((out[i] as number) - rounded - rest) / ulpOf(rounded)),
    );
    expect(rows.length).toBeGreaterThan(70);
    expect(Math.max(...errors)).toBeLessThan(1);
  });
});

const UNARY =
  'sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp expm1 log log1p log2 log10 cbrt sqrt'.split(' ');

describe.each([...UNARY, 'pow', 'atan2', 'hypot'])('Math.%s of a pool', (name) => {
  const f = Math[name as 'atan2'];
  const x = Float64Array.from({ length: 400 }, (_, i) => (i + 1) / 401);
  const domain = name === 'acosh' ? x.map((value) => 1 + value) : x;

  test.each(['exact', 'fast'] as const)('%s', async (math) => {
    await using pool = new ThreadPool(1);
    const text = f.length === 1 ? `(x) => Math.${name}(x)` : `(x) => Math.${name}(x, 0.75)`;
    const results = await pool.map(kernel<(x: number) => number>(text), domain, { math, engine: 'native' });
    const expected = domain.map((value) => f(value, 0.75));
    // Each is within 1 ulp of the exact result, and V8's next to it.
    const most = math === 'exact' ? 0 : 2;
    const distances = expected.map((value, i) => Math.abs((results[i] as number) - value) / ulpOf(value));
    expect(Math.max(...distances)).toBeLessThanOrEqual(most);
  });
});
