// Functions of two bytes against V8's own loop, for every pair of values, into every type of result.
import { afterAll, afterEach, expect, test } from 'vitest';
import { createRequire } from 'node:module';
import { ThreadPool, zip } from 'manyhands';
import type { AnyArray } from './arrays.js';

type Bytes = Int8Array | Uint8Array | Int16Array | Uint16Array;

const require = createRequire(import.meta.url);
const { compile, forceLevel } = require('../../dist/internal/kernel/compile.js') as {
  compile(fn: Function, parameters: readonly number[], wanted: 'stored', fast: boolean): { readonly program: never };
  forceLevel(level: number | undefined): void;
};
const { native } = require('../../dist/internal/native.js') as {
  native(): { kernelMap(program: never, out: AnyArray, columns: AnyArray[], captured: never[]): void };
};
/** By the numbers that programs use. */
const KINDS: readonly unknown[] = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array];

const pool = new ThreadPool(2);
afterAll(() => pool.terminate());
afterEach(() => forceLevel(undefined));

/** What the front end proves bounds of, and what it cannot. */
const FUNCTIONS: ((x: number, y: number) => number)[] = [
  (x, y) => x * 0.3 + y * 0.7,
  (x, y) => 0.7 * y + x * 0.3 - 100.5,
  (x, y) => x * y * 0.013 - 3.75,
  (x, y) => (x * 0.299 + y * 0.587) | 0,
  (x, y) => (x + y) >> 1,
  (x, y) => x + (y - x) * 0.25,
  (x, y) => x * -1.7 + y,
  (x, y) => x * 3e12 - y * 7.5e11,
  (x, y) => x * 1e19 + y * 3.3e17,
  (x, y) => (x > y ? x * 0.5 : y * -0.5),
  (x, y) => x / (y + 0.5) + x * 0.5,
  (x, y) => (x * 1e300 + y * 1e308) * 10,
  (x, y) => Math.abs(x - y) * 0.99 + 0.005,
  (x, y) => x / y,
];

/** At the bounds of 16 bits and one beyond them, signed and not, and where -0 comes from. */
const SMALL: ((x: number, y: number) => number)[] = [
  (x, y) => (x * 77 + y * 179) >> 8,
  (x, y) => (x * 129 + y * 129) >> 8,
  (x, y) => 255 - (((255 - x) * (255 - y)) >> 8),
  (x, y) => x * y + 510,
  (x, y) => x * y + 511,
  (x, y) => x * y - 32_768,
  (x, y) => x * y - 32_769,
  (x, y) => (x * y) / 256,
  (x, y) => (x - y) * 128,
  (x, y) => (x - y) * 129,
  (x, y) => -x * y,
  (x, y) => (x - y) * -1,
  (x) => x * 257,
  (x) => x * -257,
  (x, y) => (x < y) as unknown as number,
  (x, y) => (!x === !y) as unknown as number,
  (x, y) => (x << 8) | y,
  (x, y) => ((x << 8) | y) >> 3,
  (x, y) => (x << 9) >> (y & 3),
  (x, y) => (x - 128) >> (y & 7),
  (x, y) => (x << 7) - (y << 7),
  (x, y) => ((x - y) << 7) >> 5,
  (x, y) => (x - y) << 8,
  (x, y) => ~x ^ y,
  (x, y) => (x - 200) & y,
  (x, y) => Math.abs(x - y),
  (x, y) => Math.abs((x - y) * 128 - 128),
  (x, y) => Math.min(x + y, 255),
  (x, y) => Math.max(x - y, 0),
  (x, y) => Math.max(x * 257, y * 256),
  (x, y) => Math.min(x * 257, y - 256),
  (x, y) => (x > y ? x : y),
  (x, y) => (x * 257 > y - 1 ? x : -y),
  (x, y) => (x * 257 === y - 1 ? 1 : 2),
  (x, y) => (x * 257 <= y * 256 ? x * 257 : y),
  (x, y) => (x - 128 < y - 100 ? x - 300 : y * 100),
  (x, y) => (x > y ? x * 257 : -y),
  (x, y) => (x && y ? 1 : x - 7),
  (x, y) => (x > 128 ? 255 : y * 0.5),
  (x, y) => Number(x > y) * 300 - 150,
  (x, y) => (x * y) % 7,
  (x, y) => (x - y) * 0.5 + (x + y),
];

/** Factors of every sign and size: of bytes they are taken in one step with the sum and the store, if they are moderate. */
const WEIGHTED: readonly ((x: number, y: number) => number)[] = [
  (x, y) => x * 0.3 + y * 0.7,
  (x, y) => x * -0.3 + y * 0.1,
  (x, y) => x * 1e-310 + y * 5e-324,
  (x, y) => x * 1e150 + y * -1e150,
  (x, y) => x * 1e300 + y * -1e300,
  (x, y) => x * 1e308 - y * 1e308,
  (x, y) => x * (1 / 3) + y * 8_388_000.125,
  (x, y) => x * (2 / 3) + 1 / 3 - y,
  (x) => x * 0.999999999999,
  (x) => x * -0.5,
  (x) => x * 1.5 - 100.5,
  (x) => x * 8e6 + 0.5,
  (x) => x * 9e6 + 0.5,
  (x) => x * 0.5 + NaN,
  (x) => x * Infinity,
];

const RESULTS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
];

/** 65,536 pairs, and some more so that no block is whole. */
const LENGTH = 65_536 + 77;

test.each([Uint8Array, Int8Array, Uint8ClampedArray].map((type) => [type.name, type] as const))(
  'every pair of %s gives the bits of a loop',
  async (_, type) => {
    const pairs = new Uint8Array(2 * LENGTH);
    for (let i = 0; i < LENGTH; i++) [pairs[i], pairs[LENGTH + i]] = [i >> 8, i];
    const [x, y] = [new type(pairs.buffer, 0, LENGTH), new type(pairs.buffer, LENGTH, LENGTH)];
    for (const fn of FUNCTIONS) {
      for (const result of RESULTS) {
        // At every place in a line of the caches.
        for (const start of [0, 3]) {
          const found = new result(LENGTH + start).subarray(start);
          await pool.starmap(fn, zip(x, y), { out: found, engine: 'native' });
          const expected = new result(LENGTH);
          for (let i = 0; i < LENGTH; i++) expected[i] = fn(x[i] as number, y[i] as number);
          expect(Buffer.compare(bytesOf(found), bytesOf(expected)), `${String(fn)} into ${result.name}`).toBe(0);
        }
      }
    }
  },
);

test.each([Uint8Array, Int8Array].map((type) => [type.name, type] as const))(
  'small integers of every pair of %s give the bits of a loop, at every level',
  (_, type) => {
    const pairs = new Uint8Array(2 * LENGTH);
    for (let i = 0; i < LENGTH; i++) [pairs[i], pairs[LENGTH + i]] = [i >> 8, i];
    const [x, y] = [new type(pairs.buffer, 0, LENGTH), new type(pairs.buffer, LENGTH, LENGTH)];
    for (const fn of [...SMALL, ...WEIGHTED]) expectLoop(fn, x, y);
  },
);

test.each([Uint16Array, Int16Array].map((type) => [type.name, type] as const))(
  'small integers of edges of %s give the bits of a loop, at every level',
  (_, type) => {
    const edges = [0, 1, 2, 127, 128, 255, 256, 257, 32_766, 32_767, 32_768, 32_769, 65_279, 65_280, 65_534, 65_535];
    const x = new type(LENGTH).map((_value, i) => edges[i % edges.length] as number);
    const y = new type(LENGTH).map((_value, i) => edges[Math.floor(i / edges.length) % edges.length] as number);
    for (const fn of [...SMALL, (a: number) => a, (a: number) => Math.abs(a), (a: number) => (a >> 15) + 1])
      expectLoop(fn, x, y);
  },
);

/** Into every type of result, at every level of vector instructions. */
function expectLoop(fn: (x: number, y: number) => number, x: Bytes, y: Bytes): void {
  const kind = KINDS.findIndex((type) => type === x.constructor);
  for (const result of RESULTS) {
    const expected = new result(LENGTH);
    for (let i = 0; i < LENGTH; i++) expected[i] = fn(x[i] as number, y[i] as number);
    for (const level of [0, 1, 2]) {
      forceLevel(level);
      const compilation = compile(fn, [kind, kind], 'stored', false);
      const found = new result(LENGTH);
      native().kernelMap(compilation.program, found, [x, y], []);
      const same = Buffer.compare(bytesOf(found), bytesOf(expected));
      expect(same, `${String(fn)} into ${result.name} at level ${level}`).toBe(0);
    }
  }
}

test('results may take the place of either column', async () => {
  for (const type of [Uint8Array, Uint8ClampedArray, Int8Array]) {
    for (const fn of FUNCTIONS) {
      for (const place of [0, 1]) {
        const columns = [7, 13].map((factor) => new type(10_000).map((_value, i) => i * factor)) as [
          AnyArray,
          AnyArray,
        ];
        const expected = new type(10_000).map((_value, i) => fn(columns[0][i] as number, columns[1][i] as number));
        await pool.starmap(fn, zip(...columns), { out: columns[place] as AnyArray, engine: 'native' });
        expect(Buffer.compare(bytesOf(columns[place] as AnyArray), bytesOf(expected)), String(fn)).toBe(0);
      }
    }
  }
});

const bytesOf = ({ buffer, byteOffset, byteLength }: AnyArray): Buffer => Buffer.from(buffer, byteOffset, byteLength);
