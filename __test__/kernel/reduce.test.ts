// Reductions against exact integer arithmetic, and the same bits for any number of threads and level of instructions.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ThreadPool, zip, type ReduceOp } from 'manyhands';
import { resizable } from '../codec/cases.js';
import { exactVariance, randomBits, TYPES, ulpsFrom, uniform, units } from './arrays.js';

const dist = createRequire(join(import.meta.dirname, '../../dist/index.js'));
const { forceLevel } = dist('./internal/data-parallel/values.js') as { forceLevel(level?: number): void };
const { native } = dist('./internal/native.js') as { native(): { kernelLevel(): number } };

/** Nowhere defined: only `with` can give it. */
declare const digitsGiven: number;

const pools = [1, 2, 3, 7].map((threads) => new ThreadPool(threads));
const pool = pools[1] as ThreadPool;
afterAll(async () => {
  forceLevel();
  await Promise.all(pools.map((one) => one.terminate()));
});

const N = 150_001;
const normal = uniform(3, N).map((u, i) => Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(i));
const DATA: Record<string, Float64Array> = {
  uniform: uniform(1, N),
  normal,
  'lognormal of both signs': normal.map((x, i) => Math.exp(3 * x) * (i % 2 === 0 ? 1 : -1)),
  constant: new Float64Array(N).fill(0.1),
  'far from zero': uniform(5, N, 1e9, 1e9 + 1),
  rising: uniform(7, N).map((u, i) => i + u),
  'far from the rest at even distances': uniform(8, N).map((u, i) => (i % 1024 === 512 ? 1e9 + u : u)),
  // The number near the mean that the variance starts from is taken from such places.
  'far from the rest at the beginning': uniform(8, N).map((u, i) => (i % 65_536 < 256 && i % 16 === 8 ? 1e9 + u : u)),
  'of two values': uniform(10, N).map((u) => (u < 0.5 ? -1.1 : 1.3)),
  'walking up and down': (() => {
    let place = 0;
    return uniform(11, N).map((u) => (place += u - 0.5));
  })(),
  'of all magnitudes': uniform(6, N, -300, 300).map((e, i) => (i % 3 === 0 ? -1 : 1) * 10 ** (e / 2)),
};

describe.each(Object.keys(DATA))('of data that are %s', (name) => {
  const x = DATA[name] as Float64Array;
  const sum = x.reduce((total, value) => total + units(value), 0n);

  test('the sum is the correctly rounded one', async () => {
    expect(ulpsFrom(await pool.reduce('sum', x), sum)).toBeLessThanOrEqual(0.5);
  });

  test('the mean is within half a unit of the exact one', async () => {
    expect(ulpsFrom(await pool.reduce('mean', x), sum, BigInt(N))).toBeLessThanOrEqual(0.501);
  });

  test('the variance is within half a unit of the exact one', async () => {
    const { numerator, denominator } = exactVariance(x);
    const variance = await pool.reduce('variance', x);
    if (numerator === 0n) expect(variance).toBe(0);
    else expect(ulpsFrom(variance, numerator, denominator)).toBeLessThanOrEqual(0.501);
  });

  test('minimum, maximum and their places are those of a loop', async () => {
    const least = x.reduce((a, b) => Math.min(a, b));
    const greatest = x.reduce((a, b) => Math.max(a, b));
    expect(await pool.reduce('min', x)).toBe(least);
    expect(await pool.reduce('max', x)).toBe(greatest);
    expect(await pool.reduce('argmin', x)).toBe(x.indexOf(least));
    expect(await pool.reduce('argmax', x)).toBe(x.indexOf(greatest));
  });
});

const OPS: ReduceOp[] = ['sum', 'prod', 'min', 'max', 'mean', 'variance', 'argmin', 'argmax', 'count', 'any', 'all'];

test('every reduction has the same bits for 1, 2, 3 and 7 threads and at every level', async () => {
  const x = (DATA['lognormal of both signs'] as Float64Array).map((v) => v / 10);
  const calls = [...OPS, (a: number, b: number): number => a * 0.5 + b];
  for (const op of calls) {
    const results = new Set<number>();
    for (const one of pools) {
      for (let level = 0; level <= native().kernelLevel(); level++) {
        forceLevel(level);
        results.add(await one.reduce(op, x));
        results.add(await one.mapReduce((v) => v, op, x));
      }
    }
    forceLevel();
    expect([...results], String(op)).toHaveLength(1);
  }
});

test.each(Object.keys(DATA))(
  'what a function gives has the variance of the same numbers in an array: %s',
  async (name) => {
    const x = DATA[name] as Float64Array;
    expect(await pool.mapReduce((v) => v, 'variance', x)).toBe(await pool.reduce('variance', x));
    const narrow = Float32Array.from(x);
    expect(await pool.reduce('variance', narrow)).toBe(await pool.reduce('variance', Float64Array.from(narrow)));
  },
);

test.each(TYPES.slice(0, 8))('integers and floats of %o are summed as doubles', async (type) => {
  const whole =
    type === Float32Array ? Float32Array.from(uniform(9, 70_000)) : randomBits(type as Int8ArrayConstructor, 4, 70_000);
  const sum = (whole as Int8Array).reduce((total, value) => total + units(value), 0n);
  expect(ulpsFrom(await pool.reduce('sum', whole as Int8Array), sum)).toBeLessThanOrEqual(0.5);
  expect(await pool.reduce('max', whole as Int8Array)).toBe((whole as Int8Array).reduce((a, b) => Math.max(a, b)));
});

test.each([BigInt64Array, BigUint64Array])('reductions of %o are exact BigInts', async (type) => {
  const x = randomBits(type as BigInt64ArrayConstructor, 11, 50_000);
  const n = BigInt(x.length);
  const sum = x.reduce((a, b) => a + b, 0n);
  const squares = x.reduce((a, b) => a + b * b, 0n);
  const least = x.reduce((a, b) => (b < a ? b : a));
  expect(await pool.reduce('sum', x)).toBe(sum);
  expect(await pool.reduce('mean', x)).toBe(sum / n);
  expect(await pool.reduce('variance', x)).toBe((n * squares - sum * sum) / (n * n));
  expect(await pool.reduce('min', x)).toBe(least);
  expect(await pool.reduce('argmin', x)).toBe(x.indexOf(least));
  expect(await pool.reduce('count', x)).toBe(50_000);
  const few = x.subarray(0, 1000);
  expect(await pool.reduce('prod', few)).toBe(few.reduce((a, b) => a * b, 1n));
  expect(await pool.reduce((a, b) => a + b, few)).toBe(few.reduce((a, b) => a + b));
});

test('zeros have signs, and NaN wins, as in Math.min and Math.max', async () => {
  expect(await pool.reduce('min', Float64Array.of(0, -0, 1))).toBe(-0);
  expect(await pool.reduce('max', Float64Array.of(-0, 0, -1))).toBe(0);
  expect(await pool.reduce('max', Float64Array.of(-0, -0, -1))).toBe(-0);
  for (const place of [0, 31, 64, 99]) {
    const [zeros, negative] = [new Float64Array(100), new Float64Array(100).fill(-0)];
    zeros[place] = -0;
    negative[place] = 0;
    expect(await pool.reduce('min', zeros)).toBe(-0);
    expect(await pool.reduce('max', negative)).toBe(0);
  }
  expect(await pool.reduce('min', new Float64Array(100))).toBe(0);
  expect(await pool.reduce('max', new Float64Array(100).fill(-0))).toBe(-0);
  const long = new Float64Array(100_000).fill(1);
  long[70_000] = NaN;
  long[90_000] = NaN;
  expect(await pool.reduce('min', long)).toBeNaN();
  expect(await pool.reduce('max', long)).toBeNaN();
  expect(await pool.reduce('argmin', long)).toBe(70_000);
  expect(await pool.reduce('argmax', long)).toBe(70_000);
  expect(await pool.reduce('sum', long)).toBeNaN();
  expect(await pool.reduce('argmin', Float64Array.of(0, -0))).toBe(0);
});

test('infinities stay infinities, and meet in NaN', async () => {
  expect(await pool.reduce('sum', Float64Array.of(1, Infinity, 2))).toBe(Infinity);
  expect(await pool.reduce('mean', Float64Array.of(1, -Infinity, 2))).toBe(-Infinity);
  expect(await pool.reduce('sum', Float64Array.of(Infinity, -Infinity))).toBeNaN();
  expect(await pool.reduce('variance', Float64Array.of(1, Infinity))).toBeNaN();
  expect(await pool.reduce('variance', Float64Array.of(-Infinity, 1, Infinity))).toBeNaN();
  // Of finite numbers it may be too large, but is no less a number.
  expect(await pool.reduce('variance', Float64Array.of(1e200, -1e200, 1e200))).toBe(Infinity);
  expect(await pool.reduce('variance', Float64Array.of(1e308, -1e308, 1e308))).toBe(Infinity);
  expect(await pool.reduce('sum', new Float64Array(64).fill(Number.MAX_VALUE))).toBe(Infinity);
});

test('count, any and all go by truthiness', async () => {
  const x = Float64Array.of(0, -0, NaN, 1, -Infinity, 5e-324);
  expect(await pool.reduce('count', x)).toBe(3);
  expect(await pool.reduce('any', x)).toBe(1);
  expect(await pool.reduce('all', x)).toBe(0);
  expect(await pool.reduce('any', x.subarray(0, 3))).toBe(0);
  expect(await pool.reduce('all', x.subarray(3))).toBe(1);
});

test('of no elements each reduction gives what the documentation says', async () => {
  const none = new Float64Array(0);
  expect(
    await Promise.all(
      ['sum', 'prod', 'min', 'max', 'count', 'any', 'all'].map((op) => pool.reduce(op as ReduceOp, none)),
    ),
  ).toEqual([0, 1, Infinity, -Infinity, 0, 0, 1]);
  expect(await pool.reduce('mean', none)).toBeNaN();
  expect(await pool.reduce('variance', none)).toBeNaN();
  await expect(pool.reduce('argmin', none)).rejects.toThrow(RangeError);
  await expect(pool.reduce((a, b) => a + b, none)).rejects.toThrow(TypeError);
  expect(await pool.reduce('sum', new BigInt64Array(0))).toBe(0n);
  expect(await pool.reduce('prod', new BigInt64Array(0))).toBe(1n);
});

test('a function combines its operands in their order', async () => {
  const x = Float64Array.from({ length: 100_003 }, (_, i) => i + 1);
  expect(await pool.reduce((a, _b) => a, x)).toBe(1);
  expect(await pool.reduce((_a, b) => b, x)).toBe(100_003);
  expect(await pool.reduce((a, b) => Math.max(a, b), x)).toBe(100_003);
});

test('a function outside the subset reduces on the workers, in order as well', async () => {
  const x = Float64Array.from({ length: 140_000 }, (_, i) => (i * 7919) % 100_003);
  const longest = (a: number, b: number): number => (String(b).length > String(a).length ? b : a);
  expect(await pool.reduce(longest, x)).toBe(x.reduce(longest));
  const limited = (a: number, b: number): number => (String(a).length > digitsGiven ? a : b);
  expect(await pool.reduce(limited, x.subarray(0, 999), { with: { digitsGiven: 4 } })).toBe(
    x.subarray(0, 999).reduce((a, b) => (String(a).length > 4 ? a : b)),
  );
  await expect(pool.reduce(longest, x, { engine: 'native' })).rejects.toMatchObject({ name: 'KernelError' });
});

test('mapReduce gives what reducing the map gives, natively and on the workers', async () => {
  const x = DATA['normal'] as Float64Array;
  const k = 1.5;
  const f = (v: number, i: number): number => v * k + (i % 3);
  const expected = await pool.reduce('sum', x.map(f));
  expect(await pool.mapReduce(f, 'sum', x)).toBe(expected);
  expect(await pool.mapReduce(f, 'sum', x, { engine: 'workers' })).toBe(expected);
  const b = x.map((v) => 1 - v);
  const products = x.map((v, i) => v * (b[i] as number));
  expect(await pool.mapReduce((p: number, q: number) => p * q, 'sum', zip(x, b))).toBe(
    await pool.reduce('sum', products),
  );
  expect(await pool.mapReduce((v) => v > 0, 'count', x)).toBe(x.filter((v) => v > 0).length);
});

test('a pool that is closed while workers are at one step of a call goes on with the next ones', async () => {
  const xs = Float64Array.from({ length: 200_000 }, (_, i) => i % 10);
  const plus = (a: number, b: number): number => Number(`${a + b}`);
  const same = (x: number): number => Number(`${x}`);
  const calls: ((some: ThreadPool) => Promise<unknown>)[] = [
    (some) => some.reduce(plus, xs),
    (some) => some.mapReduce(same, plus, xs),
    (some) => some.mapReduce(same, 'sum', xs),
    (some) => some.filter((x) => same(x) > 4, xs).then(({ length }) => length * 9),
    (some) => some.reduce('prod', new BigInt64Array(200_000).fill(-1n)).then((product) => Number(product) * 900_000),
  ];
  for (const call of calls) {
    const some = new ThreadPool(2);
    const result = call(some);
    some.close();
    expect(await result).toBe(900_000);
    await some.join();
  }
});

test('what the workers map for a reduction they map once', async () => {
  const calls = new Int32Array(new SharedArrayBuffer(4));
  const counted = (v: number): number => {
    Atomics.add(calls, 0, 1);
    return v;
  };
  const longest = (a: number, b: number): number => (String(b).length > String(a).length ? b : a);
  const x = Float64Array.from({ length: 1000 }, (_, i) => i);
  expect(await pool.mapReduce(counted, longest, x)).toBe(100);
  expect(calls[0]).toBe(1000);
  const countedBigint = (v: bigint): bigint => {
    Atomics.add(calls, 0, 1);
    return v + 1n;
  };
  expect(await pool.mapReduce(countedBigint, 'prod', BigInt64Array.of(1n, 2n))).toBe(6n);
  expect(calls[0]).toBe(1002);
});

test('wrong arguments are refused with what was expected', async () => {
  await expect(pool.reduce('sum', [1, 2] as never)).rejects.toThrow(/Expected `items` to be a typed array/);
  await expect(pool.reduce('average' as never, Float64Array.of(1))).rejects.toThrow(/Expected `op` to be one of 'sum'/);
  const gone = Float64Array.of(1, 2);
  structuredClone(gone, { transfer: [gone.buffer] });
  await expect(pool.reduce('sum', gone)).rejects.toThrow(TypeError);
});

test.each([0, 1])('a signal that is aborted already rejects, also over %s elements', async (length) => {
  const options = { signal: AbortSignal.abort(new Error('no')) };
  const x = new Float64Array(length);
  await expect(pool.reduce('sum', x, options)).rejects.toThrow('no');
  await expect(pool.mapReduce((v) => v + 1, 'sum', x, options)).rejects.toThrow('no');
  await expect(pool.mapReduce((v) => Number(String(v)), 'sum', x, options)).rejects.toThrow('no');
});

test('an array that may shrink is reduced as it was', async () => {
  const buffer = resizable(8e6, 8e6);
  const shrinking = new Float64Array(buffer).fill(1);
  const sums = [
    pool.reduce('sum', shrinking),
    pool.mapReduce((a: number, b: number) => a + b, 'sum', zip(shrinking, shrinking)),
  ];
  buffer.resize(8);
  expect(await Promise.all(sums)).toEqual([1e6, 2e6]);
});

test('an async function reduces on the workers, and each step waits for the one before', async () => {
  const x = Float64Array.from({ length: 70_000 }, (_, i) => i % 10);
  expect(await pool.reduce((async (a: number, b: number) => a + b) as never, x)).toBe(x.reduce((a, b) => a + b));
});

const slow = (v: number): number => {
  let s = v;
  for (let i = 0; i < 1e9; i++) s = Math.sin(s + i);
  return s;
};

test('the caller helps with short reductions that no thread has time for', async () => {
  const single = pools[0] as ThreadPool;
  const controller = new AbortController();
  const running = single.mapReduce(slow, 'sum', new Float64Array(1e5), { signal: controller.signal });
  const x = new Float64Array(140_000).fill(1);
  const sums: Promise<number>[] = [];
  let first: number | undefined;
  // It helps for a moment only, in which the system may take its processor away.
  for (; first === undefined; await new Promise((resolve) => void setImmediate(resolve))) {
    const sum = single.reduce('sum', x);
    sums.push(sum);
    void sum.then((value) => (first ??= value));
  }
  controller.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  expect(new Set(await Promise.all(sums))).toEqual(new Set([140_000]));
});

test('the caller does not help with any number of calls in one turn of the event loop', async () => {
  const x = new Float64Array(140_000).fill(1);
  type Start = (pool: object, operation: object, stage: number, help: number, done: object) => object;
  const addon = native() as unknown as { operationStageAsync: Start };
  const start = addon.operationStageAsync;
  const helps: boolean[] = [];
  addon.operationStageAsync = (...given) => {
    helps.push(given[3] > 0);
    return start(...given);
  };
  try {
    await new Promise((resolve) => void setImmediate(resolve));
    const sums = Array.from({ length: 3000 }, () => pool.reduce('sum', x));
    expect(helps.indexOf(false)).toBeGreaterThan(0);
    expect(helps.lastIndexOf(true)).toBeLessThan(helps.indexOf(false));
    expect(new Set(await Promise.all(sums))).toEqual(new Set([140_000]));
    await new Promise((resolve) => void setImmediate(resolve));
    await pool.reduce('sum', x);
    expect(helps.at(-1)).toBe(true);
  } finally {
    addon.operationStageAsync = start;
  }
});

test('a signal stops a reduction that runs', async () => {
  const controller = new AbortController();
  const running = pool.mapReduce(slow, 'sum', new Float64Array(1e5), { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});
