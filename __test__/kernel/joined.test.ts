// Operations that run in one pass over the lanes round as often as those apart, at every level of vector instructions.
import { afterAll, expect, test } from 'vitest';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { compile, forceLevel, isRefused } = require('../../dist/internal/kernel/compile.js') as {
  compile(
    fn: Function,
    parameters: readonly number[],
    wanted: 'stored',
    fast: boolean,
  ): {
    readonly program: never;
    readonly columns: readonly number[];
  };
  forceLevel(level: number | undefined): void;
  isRefused(compilation: object): boolean;
};
const { native } = require('../../dist/internal/native.js') as {
  native(): { kernelMap(program: never, out: object, columns: readonly object[], captured: never[]): void };
};
afterAll(() => forceLevel(undefined));

type Fn = (x: number, y: number, z: number) => number;

/** One operation each, and what stands next to it. */
const FUNCTIONS: Record<string, Fn> = {
  'a sum of products': (x, y, z) => x * y + z * 0.1,
  'a sum of the same product': (x, y, z) => x * y + x * y + z,
  'a product of three and a sum': (x, y, z) => 2 * x * y + z,
  'a sum and a product of three': (x, y, z) => z + x * (y * 0.3),
  'a product that is needed twice': (x, y, z) => x * y + z * z + x * y,
  'a product of three less something': (x, y, z) => 0.1 * x * y - z,
  'something less a product of three': (x, y, z) => z - x * (y * 0.3),
  'the opposite of a product': (x, y, z) => -(x * y) / z,
  'a product with an opposite': (x, y, z) => -x * y + z * -x,
  'a product of opposites': (x, y, z) => -x * -y - z,
  'a quotient by a product and a sum': (x, y, z) => z / (1 + x * y),
  'a quotient by a sum that is needed twice': (x, y, z) => z / (x * y + z) + (x * y + z),
  'a polynomial': (x, y, z) => ((((1.06 * x - y) * x + 1.42) * x - 0.28) * x + z) * x,
  'a polynomial with powers before': (x, y, z) => z + x * (y + x * (z - 0.1 + x * 3)),
  'a polynomial in two numbers': (x, y, z) => (x * y + z) * x + y,
  'a polynomial with a step that is needed twice': (x, y, z) => {
    const inner = x * y - 3;
    return inner * x - 0.5 + inner * z;
  },
  'one or its opposite': (x, y, z) => (x < y ? -z : z),
  'one or its opposite the other way': (x, y, z) => (x >= y ? z : -z),
  'an opposite that is needed twice': (x, y, z) => (x < y ? -z : z) * -z,
  'a difference of squares and a sum': (x, y, z) => x * x - y * y + z,
  'a difference of a square and a product': (x, y, z) => x * x - y * x + z,
  'a sum of squares below': (x, y, z) => (x * x + y * y < z ? 1 : 0),
  'a sum of squares up to': (x, y, z) => (x * x + y * y <= z ? 1 : 0),
  'a sum of squares not up to': (x, y, z) => (!(x * x + y * y <= z) ? 1 : 0),
  'a sum of squares above': (x, y, z) => (x * x + y * y > z ? 1 : 0),
  'a sum of squares and a bound': (x, y, z) => (x * x + y * y <= z && x < y ? 1 : 0),
  'two comparisons': (x, y, z) => (x < y && y <= z ? 1 : 0),
  'two comparisons the other way': (x, y, z) => (x <= y && !(y < z) ? 1 : 0),
  'rounds of a loop': (x, y, z) => {
    let a = 0;
    let b = 0;
    let n = 0;
    while (n < 30 && a * a + b * b <= 4) {
      const next = a * a - b * b + x;
      b = 2 * a * b + y;
      a = next;
      n++;
    }
    return n + a * b + z;
  },
};

const EDGES = [0, -0, 1, -1, 0.1, 1 / 3, 3, 1e-160, 1e160, 5e-324, 2 ** 53, Infinity, -Infinity, NaN];

/** Every triple of edges, and numbers whose products are not exact. */
const triples: number[][] = EDGES.flatMap((x) => EDGES.flatMap((y) => EDGES.map((z) => [x, y, z])));
for (let i = 1; i <= 3000; i++) triples.push([Math.sin(i) * 2, Math.cos(i * 7) * 2, Math.sin(i * i) * 3]);
// Sums of squares just at their bound.
for (let i = 1; i <= 300; i++) triples.push([i / 7, i / 11, (i / 7) ** 2 + (i / 11) ** 2]);

const columns = [0, 1, 2].map((place) => Float64Array.from(triples, (triple) => triple[place] as number));

test.each(Object.entries(FUNCTIONS))('%s', (_, fn) => {
  const expected = Float64Array.from(triples, ([x, y, z]) => fn(x as number, y as number, z as number));
  for (const level of [0, 1, 2]) {
    forceLevel(level);
    const compilation = compile(fn, [8, 8, 8], 'stored', false);
    expect(isRefused(compilation)).toBe(false);
    const found = new Float64Array(triples.length);
    native().kernelMap(compilation.program, found, columns, []);
    const wrong = triples.filter((_triple, i) => !Object.is(found[i], expected[i]));
    expect(wrong, `level ${level}`).toEqual([]);
  }
});

/** Over int32 numbers, whose products and sums are taken in doubles. */
const OF_INTEGERS: Record<string, Fn> = {
  'a sum': (x, y) => x + y,
  'a difference': (x, y) => x - y,
  'a product': (x, y) => x * y,
  'a product and a sum': (x, y, z) => x * y + z,
  'a sum and a product': (x, y, z) => z + x * y,
  'a product that is needed twice': (x, y, z) => x * y + z - (x * y) / 3,
  'a number that is needed twice': (x, y) => x * y + y,
  'a product with a constant': (x, _, z) => x * 3 + z,
};

const integers = [0, 1, -1, 7, -46_341, 46_341, 65_537, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1, 123_456_789];
const integerTriples = integers.flatMap((x) => integers.flatMap((y) => integers.map((z) => [x, y, z])));
const integerColumns = [0, 1, 2].map((place) => Int32Array.from(integerTriples, (triple) => triple[place] as number));

test.each(Object.entries(OF_INTEGERS))('%s of int32 numbers', (_, fn) => {
  const doubles = integerTriples.map(([x, y, z]) => fn(x as number, y as number, z as number));
  for (const Type of [Int32Array, Uint32Array, Float64Array, Uint8Array])
    for (const level of [0, 1, 2]) {
      forceLevel(level);
      const compilation = compile(fn, [5, 5, 5], 'stored', false);
      expect(isRefused(compilation)).toBe(false);
      const [expected, found] = [Type.from(doubles), new Type(doubles.length)];
      const read = compilation.columns.map((place) => integerColumns[place] as Int32Array);
      native().kernelMap(compilation.program, found, read, []);
      const wrong = integerTriples.filter((_triple, i) => !Object.is(found[i], expected[i]));
      expect(wrong, `level ${level}, ${Type.name}`).toEqual([]);
    }
});
