// Maps over typed arrays: native code and workers give the same, and the result says which ran.
import { kernel, KernelError, Pool, TimeoutError, zip } from 'manyhands';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resizable } from '../codec/cases.js';

const statsOf = (result: object): { engine: string; threads: number; ms: number } =>
  (result as { stats: { engine: string; threads: number; ms: number } }).stats;

/** Compared as bytes: element by element, an assertion takes a second. */
const same = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  a.constructor === b.constructor &&
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

let pool: Pool;
beforeAll(() => {
  pool = new Pool(2);
});
afterAll(() => pool[Symbol.asyncDispose]());

const xs = Float64Array.from({ length: 100_000 }, (_, i) => Math.sin(i) * 1000);

describe('map over a typed array', () => {
  it('takes the functions of Math themselves, natively where they have a fixed number of arguments', async () => {
    const numbers = xs.subarray(0, 3000);
    const functions = Object.getOwnPropertyNames(Math)
      .map((name) => [name, Reflect.get(Math, name) as (x: number, i: number) => number] as const)
      .filter(([name, fn]) => typeof fn === 'function' && name !== 'random');
    expect(functions.length).toBeGreaterThan(30);
    for (const [name, fn] of functions) {
      const result = await pool.map(fn, numbers);
      const wrong = numbers.findIndex((x, i) => !Object.is(result[i], fn(x, i)));
      expect([name, wrong, statsOf(result).engine]).toEqual([
        name,
        -1,
        ['hypot', 'max', 'min'].includes(name) ? 'workers' : 'native',
      ]);
    }
    const columns = zip(
      numbers,
      numbers,
      numbers.map((x) => -x),
    );
    const most = await pool.starmap(Math.max, columns);
    expect(Array.from(most)).toEqual(Array.from(numbers, Math.abs));
    expect(kernel(Math.sqrt)(9)).toBe(3);
    expect(kernel.explain(Math.max)).toMatchObject({
      engine: 'workers',
      reason: expect.stringContaining('native or bound'),
    });
  });

  it('runs natively and gives what typedArray.map gives', async () => {
    const k = 3;
    const fn = (x: number, i: number): number => (x > 0 ? Math.sqrt(x) * k : x / k) + i;
    const result = await pool.map(fn, xs);
    expect(same(result, xs.map(fn))).toBe(true);
    expect(statsOf(result)).toMatchObject({ engine: 'native', threads: 2 });
    expect(Object.keys(result)).not.toContain('stats');
  });

  it('replaces the statistics of an `out` that had some, and leaves them out of sight', async () => {
    const out = new Float64Array(xs.length);
    const first = statsOf(await pool.map((x) => x * 2, xs, { out }));
    const second = statsOf(await pool.map((x) => x * 3, xs, { out, engine: 'workers' }));
    expect([first.engine, second.engine]).toEqual(['native', 'workers']);
    expect(statsOf(out)).toBe(second);
    expect(Object.keys(out)).not.toContain('stats');
    // Whatever stood there before.
    const fixed = Object.defineProperty(new Float64Array(xs.length), 'stats', { value: 1, configurable: true });
    expect(statsOf(await pool.map((x) => x * 2, xs, { out: fixed })).engine).toBe('native');
  });

  it('finds thresholds and ranges of bytes, signed ones and images, in place too', async () => {
    for (const Type of [Int8Array, Uint8Array, Uint8ClampedArray]) {
      const bytes = new Type(100_003).map((_, i) => i * 7);
      const fns = [(x: number) => (x > 100 ? 255 : 0), (x: number) => (x > -3 && x < 3 ? 1 : 200), () => 7];
      for (const fn of fns) {
        const out = bytes.slice();
        await pool.map(fn, out.subarray(1), { out: out.subarray(1), engine: 'native' });
        expect(same(out.subarray(1), bytes.subarray(1).map(fn))).toBe(true);
        expect(out[0]).toBe(bytes[0]);
      }
    }
  });

  it('fills results that are longer than the caches, wherever they begin', async () => {
    const length = 4_300_007;
    const x = Float64Array.from({ length }, (_, i) => i / 3);
    const p = Int32Array.from({ length }, (_, i) => Math.imul(i, 7919));
    for (const offset of [0, 1, 5]) {
      const doubles = new Float64Array(length + 8).fill(-1);
      const out = doubles.subarray(offset, offset + length);
      await pool.starmap((a, b) => a + b * 0.5, zip(x, x), { out, engine: 'native' });
      const wrong = doubles.findIndex((found, i) => {
        const place = i - offset;
        return found !== (place < 0 || place >= length ? -1 : place / 3 + (place / 3) * 0.5);
      });
      expect(wrong).toBe(-1);
      const integers = new Int32Array(length + 8).fill(-1);
      const numbers = integers.subarray(offset, offset + length);
      await pool.starmap((a, b, c) => a * b + c, zip(p, p, p), { out: numbers, engine: 'native' });
      const other = integers.findIndex((found, i) => {
        const place = i - offset;
        const value = Math.imul(place, 7919);
        return found !== (place < 0 || place >= length ? -1 : (value * value + value) | 0);
      });
      expect(other).toBe(-1);
    }
  });

  it('takes turns of few and of many steps in the caches and through memory', async () => {
    const few = (x: number): number => (x > 5 ? x * 2 : x / 3);
    const some = (x: number): number => {
      const a = x * x;
      const b = a * x;
      const c = (a + b) * (b - x);
      return (c + a) / (c * c + 1);
    };
    const many = (x: number): number => {
      let s = x;
      for (let i = 0; i < 12; i++) s = s > i ? s * x - i : s + x * i;
      return Math.sin(s);
    };
    for (const length of [31, 100_001, 2_200_001]) {
      const items = Float64Array.from({ length }, (_, i) => Math.sin(i * i) * 8);
      for (const fn of [few, some, many]) {
        const result = await pool.map(fn, items);
        expect(same(result, items.map(fn))).toBe(true);
        expect(statsOf(result).engine).toBe('native');
        expect(await pool.mapReduce(fn, 'sum', items)).toBe(await pool.reduce('sum', result));
      }
    }
  });

  it('gives the same on the workers', async () => {
    const fn = (x: number): number => Math.fround(x) * 2 + 1;
    const result = await pool.map(fn, xs, { engine: 'workers' });
    expect(same(result, await pool.map(fn, xs))).toBe(true);
    expect(statsOf(result).engine).toBe('workers');
  });

  it('leaves what is outside the subset to the workers in silence', async () => {
    const result = await pool.map((x) => String(x).length, Float64Array.of(1, 22, 333));
    expect(result).toEqual(Float64Array.of(1, 2, 3));
    expect(statsOf(result).engine).toBe('workers');
  });

  it('rejects with KernelError, place and remedy, when native code is insisted on', async () => {
    const failure = await pool.map((x) => String(x).length, xs, { engine: 'native' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KernelError);
    expect(failure).toMatchObject({ code: 'ERR_KERNEL', line: 1, column: 8 });
    expect((failure as KernelError).remedy).not.toBe('');
  });

  it('runs short calls on the caller and long ones on threads', async () => {
    expect(statsOf(await pool.map((x) => x * 2, xs.subarray(0, 1000))).threads).toBe(1);
    expect(statsOf(await pool.map((x) => Math.exp(x) + Math.sin(x), xs)).threads).toBe(2);
  });

  it('sees a captured variable as it is at the call', async () => {
    let k = 1;
    const fn = (x: number): number => x + k;
    expect(await pool.map(fn, Float64Array.of(1))).toEqual(Float64Array.of(2));
    k = 10;
    expect(await pool.map(fn, Float64Array.of(1))).toEqual(Float64Array.of(11));
  });

  it('sees what captured arrays hold at the call, and reads beyond their end as undefined', async () => {
    const weights = [1, 2];
    const table = Int16Array.of(10, 20, 30);
    const fn = (x: number): number => (weights[x] ?? -1) * 100 + (table[x] ?? 7);
    const native = { engine: 'native' } as const;
    expect(await pool.map(fn, Float64Array.of(0, 1, 2, 3, -1, 0.5), native)).toEqual(
      Float64Array.of(110, 220, -70, -93, -93, -93),
    );
    weights.push(5);
    table[0] = 11;
    expect(await pool.map(fn, Float64Array.of(0, 2), native)).toEqual(Float64Array.of(111, 530));
  });

  it('takes a boolean for the name of a property, which no array has', async () => {
    const table = Int16Array.of(10, 20);
    const fn = (x: number): number => table[(x > 1) as unknown as number] ?? x;
    const items = Float64Array.of(0, 5);
    expect(await pool.map(fn, items, { engine: 'native' })).toEqual(items.map(fn));
    const mixed = (x: number): number => table[(x > 1 ? x > 2 : 0) as unknown as number] ?? x;
    await expect(pool.map(mixed, items, { engine: 'native' })).rejects.toMatchObject({ name: 'KernelError' });
  });

  it('inlines captured helpers, and takes values given by hand before what is captured', async () => {
    const scale = 10;
    const helper = (x: number, by = scale): number => {
      if (x < 0) return 0;
      return x * by;
    };
    const fn = (x: number): number => helper(x) + helper(x, 2);
    expect(await pool.map(fn, Float64Array.of(-1, 3), { engine: 'native' })).toEqual(Float64Array.of(0, 36));
    const given = { engine: 'native', with: { scale: 100 } } as const;
    expect(await pool.map((x: number) => x * scale, Float64Array.of(3), given)).toEqual(Float64Array.of(300));
  });

  it('insists on typed arrays where native code is insisted on', async () => {
    await expect(pool.map((x: number) => x, [1, 2], { engine: 'native' } as never)).rejects.toMatchObject({
      name: 'KernelError',
      reason: 'the items are no typed array',
    });
  });

  it('cancels a running call through its AsyncResult', async () => {
    const result = pool.mapAsync((x: number) => {
      let y = x;
      while (y > -Infinity) y = -y;
      return y;
    }, xs);
    expect(result.cancel()).toBe(true);
    await expect(result.get()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  it('stores into out, which may be the items, as its type stores', async () => {
    const out = new Uint8ClampedArray(4);
    expect(await pool.map((x) => x * 100, Float64Array.of(-1, 0.005, 1.5, 3), { out })).toBe(out);
    expect([...out]).toEqual([0, 0, 150, 255]);
    const inPlace = xs.slice();
    expect(await pool.map((x) => x * 2, inPlace, { out: inPlace })).toBe(inPlace);
    expect(
      same(
        inPlace,
        xs.map((x) => x * 2),
      ),
    ).toBe(true);
  });

  it.each([Uint8Array, Int8Array, Uint8ClampedArray, Uint16Array, Int16Array])(
    'looks results of small integers up: %o',
    async (type) => {
      const items = new type(530_000).map((_: number, i: number) => i * 7);
      const fn = (x: number): number => 255 * Math.abs(x / 255) ** 2.2 + Math.sin(x);
      for (const target of [type, Float64Array, Int32Array]) {
        const expected = new target(items.length).map((_: number, i: number) => fn(items[i] as number));
        const native = new target(items.length);
        await pool.map(fn, items, { out: native });
        expect(same(native, expected)).toBe(true);
        pool.mapSync(fn, items, { out: native.fill(0) });
        expect(same(native, expected)).toBe(true);
      }
    },
  );

  it('refuses detached arrays, and copies those that may shrink', async () => {
    const gone = Float64Array.of(1, 2);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    await expect(pool.map((x) => x + 1, gone)).rejects.toBeInstanceOf(TypeError);
    const buffer = resizable(800_000, 1_600_000);
    const tracking = new Float64Array(buffer).fill(2);
    const pending = pool.map((x) => Math.exp(x), tracking, { engine: 'native' });
    buffer.resize(8);
    const result = await pending;
    expect(result.length).toBe(100_000);
    expect(result[99_999]).toBe(Math.exp(2));
  });

  it('reads and writes shared memory in place', async () => {
    const shared = new Float64Array(new SharedArrayBuffer(8 * 50_000)).fill(3);
    expect(await pool.map((x) => x * x, shared, { out: shared, engine: 'native' })).toBe(shared);
    expect(shared.every((x) => x === 9)).toBe(true);
  });

  it('runs many calls at once on the same threads', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, k) => pool.map((x) => Math.sin(x) * k, xs, { engine: 'native' })),
    );
    for (const [k, result] of results.entries()) expect(result[777]).toBe(Math.sin(xs[777] as number) * k);
  });

  it('rejects what is pending when the pool is terminated, and ends its threads', async () => {
    const other = new Pool(1);
    const pending = other.map((x: number) => {
      let y = x;
      while (y > -Infinity) y = -y;
      return y;
    }, xs);
    const told = expect(pending).rejects.toMatchObject({ code: 'ERR_POOL_TERMINATED' });
    await other.terminate();
    await told;
  });

  it('waits in native code for mapSync', () => {
    const result = pool.mapSync((x) => x * 0.5, xs);
    expect(
      same(
        result,
        xs.map((x) => x * 0.5),
      ),
    ).toBe(true);
    expect(statsOf(result).engine).toBe('native');
  });

  it('looks long columns of bytes up on the threads, waiting or not', async () => {
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => i * 7);
    const fn = (x: number): number => (x > 128 ? x >> 1 : x + 3);
    const expected = bytes.map(fn);
    for (const result of [pool.mapSync(fn, bytes), await pool.map(fn, bytes)]) {
      expect(same(result, expected)).toBe(true);
      expect(statsOf(result)).toMatchObject({ engine: 'native', threads: 2 });
    }
  });

  it('stops endless loops by signal and by timeout, and goes on afterwards', async () => {
    const endless = (x: number): number => {
      let y = x;
      while (y > -Infinity) y = -y;
      return y;
    };
    const abort = new AbortController();
    const stopped = pool.map(endless, xs, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await expect(pool.map(endless, xs, { timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
    expect(() => pool.mapSync(endless, xs, { timeout: 20 })).toThrow(TimeoutError);
    expect(statsOf(await pool.map((x) => x + 1, xs)).engine).toBe('native');
  });

  it('takes limits that are longer than timers can be', async () => {
    const slow = (x: number): number => {
      let y = x;
      for (let i = 0; i < 2000; i++) y = y * 0.5 + 1;
      return y;
    };
    const some = new Float64Array(100_000);
    const options = { timeout: 2 ** 40, engine: 'native' } as const;
    expect((await pool.map(slow, some, options))[99_999]).toBe(2);
    expect(pool.mapSync(slow, some, options)[99_999]).toBe(2);
    expect(await pool.mapReduce(slow, 'sum', some, options)).toBe(200_000);
  });
});

describe('starmap over a zip of typed arrays', () => {
  it('runs natively and gives doubles whatever the columns', async () => {
    const a = Int32Array.of(1, 2, 2 ** 31 - 1);
    const b = Float32Array.of(0.5, 1.5, 2.5);
    const result = await pool.starmap((x: number, y: number) => x * y, zip(a, b));
    expect(result).toEqual(Float64Array.of(0.5, 3, (2 ** 31 - 1) * 2.5));
    expect(statsOf(result).engine).toBe('native');
  });

  it('gives the same array on the workers', async () => {
    const [a, b] = [Int32Array.of(7, 8), Float64Array.of(1, 2, 3)];
    const columns = zip(a, b);
    const result = await pool.starmap((x: number, y: number) => Number(`${x}`) + y, columns);
    expect(result).toEqual(Float64Array.of(8, 10));
    expect(statsOf(result).engine).toBe('workers');
  });

  it('gives BigInts for BigInt columns', async () => {
    const a = BigInt64Array.of(1n, 2n ** 62n);
    const result = await pool.starmap((x: bigint, y: bigint) => x * y + 1n, zip(a, a));
    expect(result).toEqual(BigInt64Array.of(2n, 1n));
  });

  it('yields tuples for other iterables, ending with the shortest', async () => {
    expect([...zip([1, 2, 3], 'ab')]).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(await pool.starmap((a: number, b: string) => b + a, zip([1, 2], 'ab'))).toEqual(['a1', 'b2']);
  });
});

describe('kernel', () => {
  it('is an ordinary function too, crosses to workers, and runs there', async () => {
    const twice = kernel((x: number) => x * 2);
    expect(twice(21)).toBe(42);
    expect(twice.exact).toBe(true);
    expect(await pool.map(twice, Float64Array.of(1, 2))).toEqual(Float64Array.of(2, 4));
    expect(await pool.map(twice, [1, 2])).toEqual([2, 4]);
    expect(await pool.apply((n: number) => twice(n) + 1, [3])).toBe(7);
  });

  it('takes text, and refuses what is outside the subset with line, column and remedy', () => {
    expect(kernel<(x: number) => number>('x => x + 1')(1)).toBe(2);
    try {
      kernel((x: number) => {
        const list = [x];
        return list.length;
      });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(KernelError);
      expect(error).toMatchObject({ line: 2, reason: 'an array literal is outside the numeric subset' });
    }
  });

  it('explains which engine runs a function and why', () => {
    expect(kernel.explain((x: number) => Math.sin(x))).toEqual({ engine: 'native' });
    expect(kernel.explain('(x) => x +')).toMatchObject({ engine: 'workers', line: 1 });
    expect(kernel.explain('x => x.toFixed(2)')).toMatchObject({ engine: 'workers', line: 1, column: 6 });
  });
});
