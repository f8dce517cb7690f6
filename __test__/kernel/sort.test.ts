// Sorting against V8's own, on every type and on inputs that break sorting algorithms.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ThreadPool } from 'manyhands';
import { type AnyArray, bitsOf, randomBits, randomWords, type Type, TYPES } from './arrays.js';

const pool = new ThreadPool(2);
const lone = new ThreadPool(1);
afterAll(() => Promise.all([pool.terminate(), lone.terminate()]));

const LENGTHS = [0, 1, 2, 3, 24, 25, 1000, 32_768, 32_769, 65_537, 300_007];

/** Whole numbers in the shapes that algorithms are known to break on. */
const SHAPES: Record<string, (i: number, n: number) => number> = {
  sorted: (i) => i,
  reversed: (i, n) => n - i,
  equal: () => 7,
  'organ pipe': (i, n) => Math.min(i, n - i),
  sawtooth: (i) => i % 17,
  'two values': (i) => (i * 7919) % 2,
  'sorted but the last': (i, n) => (i === n - 1 ? -1 : i),
  'crowded near one value': (i, n) => (i % 100 === 0 ? (i * 7919) % n : 1_000_000 + (i % 3)),
  'in powers of two': (i) => 2 ** ((i * 31) % 60) * (i % 2 === 0 ? 1 : -1),
};

/** The order that sends a quicksort by median of three into its quadratic case. */
function medianKiller(n: number): number[] {
  const half = n >> 1;
  return Array.from({ length: n }, (_, i) => {
    if (i >= half) return 2 * (i - half + 1);
    return i % 2 === 0 ? i + 1 : half + i + (half % 2);
  });
}

function sortedByV8(items: AnyArray): AnyArray {
  return (items.slice() as Float64Array).sort() as AnyArray;
}

function expectSameOrder(sorted: AnyArray, items: AnyArray): void {
  const expected = sortedByV8(items);
  const numbers = (array: AnyArray): number =>
    array instanceof Float64Array || array instanceof Float32Array
      ? (array as Float64Array).findIndex((value) => Number.isNaN(value))
      : -1;
  const firstNaN = numbers(expected);
  expect(numbers(sorted)).toBe(firstNaN);
  const end = firstNaN === -1 ? expected.length : firstNaN;
  expect(same(bitsOf(sorted.subarray(0, end)), bitsOf(expected.subarray(0, end)))).toBe(true);
  // V8 leaves NaN in any order among themselves; none may change its payload.
  expect(nanBits(sorted)).toEqual(nanBits(items));
}

function nanBits(array: AnyArray): (number | bigint)[] {
  const bits = bitsOf(array);
  const found: (number | bigint)[] = [];
  for (let i = 0; i < array.length; i++) if (Number.isNaN(array[i])) found.push(bits[i] as number | bigint);
  return found.sort((a, b) => (a < b ? -1 : Number(a > b)));
}

function same(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const ofNumbers = (type: Type, values: readonly number[]): AnyArray =>
  type === BigInt64Array || type === BigUint64Array
    ? (type as BigInt64ArrayConstructor).from(values, (value) => BigInt(value))
    : (type as Float64ArrayConstructor).from(values);

describe.each(TYPES.map((type) => [type.name, type] as const))('%s', (_, type) => {
  test('elements of random bits are in the order of V8, at every length', async () => {
    for (const n of LENGTHS) {
      const items = randomBits(type, n + 5, n);
      const before = items.slice();
      const sorted = await pool.sort(items);
      expectSameOrder(sorted, items);
      expect(same(bitsOf(items), bitsOf(before as AnyArray)), 'the items are left alone').toBe(true);
    }
  });

  test('inputs that break sorting algorithms are sorted', async () => {
    for (const shape of Object.values(SHAPES)) {
      const items = ofNumbers(
        type,
        Array.from({ length: 100_003 }, (_, i) => shape(i, 100_003)),
      );
      expectSameOrder(await pool.sort(items), items);
    }
    const killer = ofNumbers(type, medianKiller(100_000));
    expectSameOrder(await pool.sort(killer), killer);
  });

  test('descending is the exact reverse, and in place gives the array itself', async () => {
    for (const n of [3, 40_000, 200_003]) {
      const items = randomBits(type, n, n);
      const ascending = await pool.sort(items);
      const descending = await pool.sort(items, { descending: true });
      expect(same(bitsOf(descending), bitsOf(ascending.slice().reverse() as AnyArray))).toBe(true);
      const own = items.slice() as typeof items;
      expect(await lone.sort(own, { inPlace: true })).toBe(own);
      expect(same(bitsOf(own as AnyArray), bitsOf(ascending))).toBe(true);
    }
  });
});

test('as many buckets as there can be, some longer than the memory of a thread, are sorted', async () => {
  const n = 110_000_000;
  const items = new Uint32Array(n);
  let [sum, parity] = [0, 0];
  for (let i = 0; i < n; i++) {
    // No two are equal.
    const item = Math.imul(i, 0x9e3779b1) >>> 0;
    items[i] = item;
    sum = (sum + item) >>> 0;
    parity ^= item;
  }
  await pool.sort(items, { inPlace: true });
  let wrong = 0;
  for (let i = 0; i < n; i++) {
    const item = items[i] as number;
    if (i > 0 && (items[i - 1] as number) >= item) wrong++;
    sum = (sum - item) >>> 0;
    parity ^= item;
  }
  expect({ wrong, sum, parity }).toEqual({ wrong: 0, sum: 0, parity: 0 });
});

test('-0 stands before 0, infinities at the ends, NaN of every kind last', async () => {
  const bits = BigUint64Array.of(
    0x7ff8000000000000n,
    0xfff8000000000001n,
    0x7ff0000000000001n,
    0xffffffffffffffffn,
    0x0000000000000000n,
    0x8000000000000000n,
    0x7ff0000000000000n,
    0xfff0000000000000n,
    0x3ff0000000000000n,
    0xbff0000000000000n,
  );
  const sorted = await pool.sort(new Float64Array(bits.buffer));
  expect([...sorted.subarray(0, 6)].map((value) => (Object.is(value, -0) ? '-0' : String(value)))).toEqual([
    '-Infinity',
    '-1',
    '-0',
    '0',
    '1',
    'Infinity',
  ]);
  expect([...sorted.subarray(6)].every((value) => Number.isNaN(value))).toBe(true);
});

test('views into larger buffers and shared memory are sorted where they are', async () => {
  const shared = new Float64Array(new SharedArrayBuffer(8 * 100_000), 80, 90_000);
  const next = randomWords(3);
  for (let i = 0; i < shared.length; i++) shared[i] = next();
  const expected = Float64Array.from(shared).sort();
  await pool.sort(shared, { inPlace: true });
  expect(same(shared, expected)).toBe(true);
  const part = randomBits(Int32Array, 5, 1000);
  const rest = part.slice(500);
  await pool.sort(part.subarray(0, 500), { inPlace: true });
  expect(same(part.slice(500), rest)).toBe(true);
  expect(same(part.slice(0, 500), part.slice(0, 500).sort())).toBe(true);
});

describe('a sort in place that is stopped leaves all elements in the array', () => {
  const dist = createRequire(join(import.meta.dirname, '../../dist/index.js'));
  const { native } = dist('./internal/native.js') as { native(): { operationStageAsync: StartStage } };
  type StartStage = (threads: object, operation: object, stage: number, ...rest: unknown[]) => object;

  /** Calls `stop` as soon as this stage runs, for as long as `run` takes. */
  async function duringStage<T>(at: number, stop: () => void, run: () => Promise<T>): Promise<T> {
    const addon = native();
    const start = addon.operationStageAsync;
    addon.operationStageAsync = (threads, operation, stage, ...rest) => {
      const call = start(threads, operation, stage, ...rest);
      if (stage === at) queueMicrotask(stop);
      return call;
    };
    try {
      return await run();
    } finally {
      addon.operationStageAsync = start;
    }
  }

  const CASES = [Float64Array, Int32Array, Uint8Array].flatMap((type) =>
    (type === Uint8Array ? [0, 1] : [0, 1, 2, 3]).map((stage) => [type.name, stage, type] as const),
  );

  test.each(CASES)('%s in stage %i', async (_, stage, type) => {
    const items = randomBits(type as Int32ArrayConstructor, 61, 1_500_000);
    const sorted = bitsOf(await pool.sort(items));
    for (const threads of [pool, lone]) {
      const own = items.slice();
      const controller = new AbortController();
      const stop = (): void => controller.abort(new Error('enough'));
      const running = duringStage(stage, stop, () => threads.sort(own, { inPlace: true, signal: controller.signal }));
      await expect(running).rejects.toThrow('enough');
      expect(same(bitsOf(await threads.sort(own)), sorted)).toBe(true);
    }
  });

  test('also where the threads of the pool have ended', async () => {
    const items = randomBits(Float64Array, 67, 1_500_000);
    const sorted = bitsOf(await pool.sort(items));
    const own = items.slice();
    const ending = new ThreadPool(2);
    const ended: Promise<void>[] = [];
    const running = duringStage(
      2,
      () => ended.push(ending.terminate()),
      () => ending.sort(own, { inPlace: true }),
    );
    await expect(running).rejects.toThrow();
    await Promise.all(ended);
    expect(same(bitsOf(await pool.sort(own)), sorted)).toBe(true);
  });
});

test('what is no typed array, or has lost its memory, is a TypeError', async () => {
  await expect(pool.sort([3, 1] as never)).rejects.toThrow(TypeError);
  await expect(pool.sort(Float64Array.of(1), { descending: 1 as never })).rejects.toThrow(/Expected `descending`/);
  const gone = Float64Array.of(1, 2);
  structuredClone(gone, { transfer: [gone.buffer] });
  await expect(pool.sort(gone)).rejects.toThrow(TypeError);
});
