// Functions of two bytes against V8's own loop, for every pair of values, into every type of result.
import { afterAll, expect, test } from 'vitest';
import { ThreadPool, zip } from 'manyhands';
import type { AnyArray } from './arrays.js';

const pool = new ThreadPool(2);
afterAll(() => pool.terminate());

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
