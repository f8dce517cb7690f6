// Prefixes, filters and histograms against loops in JavaScript, exact arithmetic, and numpy.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Pool, ThreadPool, type ScanOp } from 'manyhands';
import { type AnyArray, randomBits, TYPES, ulpsFrom, uniform, units } from './arrays.js';

const dist = createRequire(join(import.meta.dirname, '../../dist/index.js'));
const { forceLevel } = dist('./internal/data-parallel/values.js') as { forceLevel(level?: number): void };
const { native } = dist('./internal/native.js') as { native(): { kernelLevel(): number } };

/** Nowhere defined: only `with` can give it. */
declare const digitsGiven: number;

const pools = [1, 2, 3, 7].map((threads) => new ThreadPool(threads));
const pool = pools[1] as ThreadPool;
const processes = new Pool(2);
afterAll(async () => {
  forceLevel();
  await Promise.all([...pools, processes].map((one) => one.terminate()));
});

/** Compared as bytes: the matcher takes seconds for long arrays. */
function expectBytes(found: AnyArray, expected: AnyArray, what = ''): void {
  const bytes = ({ buffer, byteOffset, byteLength }: AnyArray): Buffer =>
    Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  expect(found.length, what).toBe(expected.length);
  expect(bytes(found).compare(bytes(expected)), what).toBe(0);
}

/** The elements with every NaN the same: V8 changes their bits when it moves them. */
const withoutPayloads = (array: AnyArray): AnyArray =>
  array instanceof Float32Array || array instanceof Float64Array
    ? array.map((value) => (Number.isNaN(value) ? NaN : value))
    : array;

describe('scan', () => {
  const INTEGERS = TYPES.filter((type) => type !== Float32Array && type !== Float64Array);
  test.each(INTEGERS.map((type) => [type.name, type] as const))(
    '%s: exact prefixes, stored as the type stores',
    async (_, type) => {
      const items = randomBits(type, 21, 140_001);
      const steps: Record<ScanOp, (a: bigint, b: bigint) => bigint> = {
        sum: (a, b) => a + b,
        prod: (a, b) => a * b,
        min: (a, b) => (b < a ? b : a),
        max: (a, b) => (b > a ? b : a),
      };
      for (const op of ['sum', 'prod', 'min', 'max'] as const) {
        const expected = items.slice() as AnyArray;
        let carried: bigint | undefined;
        for (let i = 0; i < items.length; i++) {
          const element = BigInt(items[i] as number | bigint);
          carried = carried === undefined ? element : steps[op](carried, element);
          // Beyond 2^64 only what a store keeps matters: the low bits, or that it is clamped.
          if (type === Uint8ClampedArray) carried = carried > 1n << 64n ? 1n << 64n : carried;
          else if (op === 'prod') carried = BigInt.asIntN(64, carried);
          const big = type === BigInt64Array || type === BigUint64Array;
          const stored = type === Uint8ClampedArray ? carried : BigInt.asIntN(32, carried);
          (expected as { [index: number]: number | bigint })[i] = big ? carried : Number(stored);
        }
        expectBytes(await pool.scan(op, items), expected, op);
      }
    },
  );

  test('sums of doubles are within 1 unit of the exact prefixes', async () => {
    const items = uniform(8, 60_000, -1, 1);
    const sums = await pool.scan('sum', items);
    let exact = 0n;
    let worst = 0;
    items.forEach((value, i) => {
      exact += units(value);
      worst = Math.max(worst, ulpsFrom(sums[i] as number, exact));
    });
    expect(worst).toBeLessThanOrEqual(0.51);
  });

  test('minima and maxima are those of Math.min and Math.max', async () => {
    for (const type of [Float32Array, Float64Array]) {
      const items = type.from(uniform(8, 70_000, -1, 1));
      items[5] = -0;
      items[69_000] = NaN;
      const min = items.slice();
      const max = items.slice();
      for (let i = 1; i < items.length; i++) {
        min[i] = Math.min(min[i - 1] as number, items[i] as number);
        max[i] = Math.max(max[i - 1] as number, items[i] as number);
      }
      expectBytes(withoutPayloads(await pool.scan('min', items as Float64Array)), withoutPayloads(min));
      expectBytes(withoutPayloads(await pool.scan('max', items as Float64Array)), withoutPayloads(max));
    }
  });

  test('the bits do not depend on the number of threads', async () => {
    const items = uniform(13, 200_000, -1, 1);
    for (const op of ['sum', 'prod', 'min', 'max'] as const) {
      const all = await Promise.all(pools.map((one) => one.scan(op, items)));
      for (const one of all)
        expect(Buffer.compare(Buffer.from(one.buffer), Buffer.from((all[0] as Float64Array).buffer))).toBe(0);
    }
  });

  test('long arrays have the same sums in place as in results that begin anywhere', async () => {
    const items = uniform(17, 600_001, -1, 1);
    const whole = new Float64Array(items.length + 8);
    const results: Float64Array[] = [];
    for (const place of [0, 1, 5]) {
      const out = whole.subarray(place, place + items.length);
      results.push((await pool.scan('sum', items, { out })).slice());
    }
    for (const one of pools) results.push(await one.scan('sum', items.slice()));
    const inPlace = items.slice();
    await pool.scan('sum', inPlace, { out: inPlace });
    for (const result of results) expectBytes(result, inPlace);
  });

  test('a signal stops a scan, and the threads go on with the next', async () => {
    const items = uniform(19, 3_000_000);
    const expected = await pool.scan('sum', items);
    for (let round = 0; round < 5; round++) {
      const controller = new AbortController();
      const running = pool.scan('sum', items, { signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(running).rejects.toThrow('enough');
      expectBytes(await pool.scan('sum', items), expected);
    }
  });

  test('infinite sums stay infinite, empty and single arrays are themselves', async () => {
    expect(await pool.scan('sum', Float64Array.of(1, Infinity, 1, -Infinity))).toEqual(
      Float64Array.of(1, Infinity, Infinity, NaN),
    );
    expect(await pool.scan('sum', new Float64Array(0))).toEqual(new Float64Array(0));
    expect(await pool.scan('prod', Float32Array.of(3))).toEqual(Float32Array.of(3));
  });

  test('out may be the items, but must not overlap them otherwise, nor be of another type', async () => {
    const items = Int32Array.from({ length: 100_000 }, (_, i) => i);
    const expected = await pool.scan('sum', items);
    expect(await pool.scan('sum', items, { out: items })).toBe(items);
    expect(items).toEqual(expected);
    const whole = new Float64Array(100);
    await expect(pool.scan('sum', whole.subarray(0, 50), { out: whole.subarray(10, 60) })).rejects.toThrow(RangeError);
    await expect(pool.scan('sum', whole, { out: new Float32Array(100) as never })).rejects.toThrow(TypeError);
    await expect(pool.scan('median' as never, whole)).rejects.toThrow(RangeError);
  });
});

describe('filter', () => {
  test.each(TYPES.map((type) => [type.name, type] as const))(
    '%s: what the predicate of an element and its index keeps',
    async (_, type) => {
      const items = randomBits(type, 31, 100_003) as Float64Array;
      const seven = 7;
      const zero = type === BigInt64Array || type === BigUint64Array ? 0n : 0;
      const predicate = (x: number | bigint, i: number): boolean => x > zero || i % seven === 0;
      const kept = await pool.filter(predicate as never, items);
      expectBytes(withoutPayloads(kept), withoutPayloads(items.filter(predicate as never) as AnyArray));
      expect(kept.constructor).toBe(type);
    },
  );

  test('every level of instructions and number of threads keeps the same', async () => {
    for (const type of [Float64Array, Int32Array, Uint8Array]) {
      const items = randomBits(type as Int32ArrayConstructor, 37, 200_003);
      const expected = items.filter((v, i) => v > 5 || i % 3 === 0);
      for (let level = 0; level <= native().kernelLevel(); level++) {
        forceLevel(level);
        for (const one of pools)
          expectBytes(
            withoutPayloads(await one.filter((v, i) => v > 5 || i % 3 === 0, items)),
            withoutPayloads(expected),
          );
      }
      forceLevel();
    }
  });

  test('long arrays, which are gone through once where there is room: all, half, few and none', async () => {
    for (const type of [Float64Array, Int32Array, Uint8Array]) {
      const items = randomBits(type as Int32ArrayConstructor, 43, 17_000_000 / type.BYTES_PER_ELEMENT);
      const predicates = [() => true, (v: number) => v > 63, (v: number) => v === 63, () => false];
      for (const [i, predicate] of predicates.entries()) {
        const expected = withoutPayloads(items.filter(predicate));
        for (const one of pools) {
          const kept = await one.filter(predicate, items);
          expectBytes(withoutPayloads(kept), expected, `${type.name}, predicate ${i}`);
          expect(kept.buffer.byteLength).toBe(kept.byteLength);
        }
      }
    }
    const bytes = Buffer.alloc(17_000_000, 'manyhands');
    const kept = await pool.filter((v) => v !== 0x61, bytes);
    expect(kept).toBeInstanceOf(Buffer);
    expectBytes(
      kept,
      bytes.filter((v) => v !== 0x61),
    );
  });

  test('long arrays stop at a signal', async () => {
    const items = uniform(3, 4_000_000);
    const controller = new AbortController();
    const kept = pool.filter((v) => v > 0, items, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(kept).rejects.toThrow('enough');
    expectBytes(
      await pool.filter((v) => v > 0, items),
      items.filter((v) => v > 0),
    );
  });

  test('all, none and no elements', async () => {
    const x = uniform(1, 50_000);
    expect(await pool.filter(() => true, x)).toEqual(x);
    expect(await pool.filter((v) => v > 2, x)).toEqual(new Float64Array(0));
    expect(await pool.filter((v) => v > 2, new Float64Array(0))).toEqual(new Float64Array(0));
  });

  test('any truth counts, NaN and zeros do not', async () => {
    expect(await pool.filter((v) => v, Float64Array.of(0, -0, NaN, 2, -1))).toEqual(Float64Array.of(2, -1));
  });

  test('a predicate outside the subset runs on the workers, promises included', async () => {
    const x = Int32Array.from({ length: 3000 }, (_, i) => i);
    const digits = (v: number): boolean => new Set(String(v)).size === String(v).length;
    for (const one of [pool, processes]) {
      const kept = await one.filter(digits, x);
      expect(kept).toEqual(x.filter(digits));
      expect((kept as unknown as { stats: { engine: string } }).stats.engine).toBe('workers');
    }
    expect(await pool.filter(async (v: number) => v % 1000 === 0, x)).toEqual(Int32Array.of(0, 1000, 2000));
    const longer = (v: number): boolean => String(v).length > digitsGiven;
    expect(await pool.filter(longer, x, { with: { digitsGiven: 3 } })).toEqual(x.slice(1000));
    await expect(pool.filter(digits, x, { engine: 'native' })).rejects.toMatchObject({ name: 'KernelError' });
  });
});

describe('histogram', () => {
  interface Case {
    values: number[];
    bins: number;
    range: [number, number] | null;
    counts: number[];
    edges: number[];
  }
  const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'histograms.json'), 'utf8')) as Case[];

  test('counts and edges are those of numpy, also for values on the edges', async () => {
    for (const { values, bins, range, counts, edges } of cases) {
      const found = await pool.histogram(Float64Array.from(values), { bins, ...(range && { range }) });
      expect([...found.edges]).toEqual(edges);
      expect([...found.counts]).toEqual(counts);
    }
  });

  test('of a large array, each value is counted between its edges, whatever the type and the number of threads', async () => {
    for (const type of TYPES) {
      const big = type === BigInt64Array || type === BigUint64Array;
      const items = (
        type === Float32Array || type === Float64Array
          ? type.from(uniform(77, 200_001, -50, 50))
          : randomBits(type as Int8ArrayConstructor, 78, 200_001)
      ) as Float64Array;
      const all = await Promise.all(pools.map((one) => one.histogram(items, { bins: 37 })));
      const [{ counts, edges }] = all as [(typeof all)[number]];
      const expected = new Float64Array(37);
      for (const item of items) {
        const value = big ? Number(item) : (item as number);
        let bin = 36;
        while (bin > 0 && value < (edges[bin] as number)) bin--;
        expected[bin] = (expected[bin] as number) + 1;
      }
      expect(counts).toEqual(expected);
      for (const one of all) expect(one).toEqual({ counts, edges });
    }
  });

  test('values at the edges, next to them and outside are told apart at every level', async () => {
    for (const [low, high, bins] of [
      [-1, 1, 20],
      [0.1, 0.7, 37],
      [1e9, 1e9 + 1, 256],
      [-1e-300, 2e-300, 5],
      [0, 1e-310, 5],
      // As many as lanes have tables of their own for, and one more.
      [-1, 1, 2046],
      [-1, 1, 2047],
    ] as const) {
      const range = [low, high] as const;
      const edges = (await pool.histogram(Float64Array.of(), { bins, range })).edges;
      const around = (value: number): number[] => {
        const bits = new BigInt64Array(Float64Array.of(value).buffer);
        const next = [-2n, -1n, 0n, 1n, 2n].map((step) => (bits[0] as bigint) + step);
        return [...new Float64Array(BigInt64Array.from(next).buffer)];
      };
      const inside = uniform(83, 20_000, low - (high - low), high + (high - low));
      const items = Float64Array.of(...inside, ...[...edges].flatMap(around), NaN, Infinity, -Infinity, -1e308, 1e308);
      const expected = new Float64Array(bins);
      for (const value of items) {
        if (!(value >= low && value <= high)) continue;
        const bin = Math.min(bins, edges.findLastIndex((edge) => value >= edge) + 1) - 1;
        expected[bin] = (expected[bin] as number) + 1;
      }
      for (let level = 0; level <= native().kernelLevel(); level++) {
        forceLevel(level);
        expect((await pool.histogram(items, { bins, range })).counts).toEqual(expected);
      }
      forceLevel();
    }
  });

  test('NaN counts nowhere; infinite data need a range; bad bins and ranges are refused', async () => {
    const x = Float64Array.of(NaN, 0, 1, NaN);
    expect(await pool.histogram(x, { bins: 1 })).toEqual({ counts: Float64Array.of(2), edges: Float64Array.of(0, 1) });
    await expect(pool.histogram(Float64Array.of(1, Infinity))).rejects.toThrow(RangeError);
    const ranged = await pool.histogram(Float64Array.of(1, Infinity), { bins: 2, range: [0, 2] });
    expect([...ranged.counts]).toEqual([0, 1]);
    await expect(pool.histogram(x, { bins: 0 })).rejects.toThrow(RangeError);
    const refused = pool.histogram(x, { range: [2, 1] });
    await expect(refused).rejects.toThrow(RangeError);
    await expect(refused).rejects.toThrow('got `[2, 1]` (array)');
    await expect(pool.histogram(x, { bins: 10, range: [1, 1 + Number.EPSILON] })).rejects.toThrow(/bins/);
  });

  const script =
    'import sys,json,numpy;print(json.dumps([numpy.histogram(numpy.array(v),b)[0].tolist() for v,b in json.load(sys.stdin)]))';
  const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
  test.runIf(hasNumpy)('the numpy of this machine counts the same of random data', async () => {
    const inputs = Array.from(
      { length: 20 },
      (_, i) => [[...uniform(i + 1, 3000, -i, 2 * i + 1)].map((v) => Math.round(v * 50) / 50), 5 + 13 * i] as const,
    );
    const { stdout } = spawnSync('python3', ['-c', script], { input: JSON.stringify(inputs), encoding: 'utf8' });
    const expected = JSON.parse(stdout) as number[][];
    for (const [i, [values, bins]] of inputs.entries())
      expect([...(await pool.histogram(Float64Array.from(values), { bins })).counts]).toEqual(expected[i]);
  });
});
