// Functions whose elements may take long: even a few of them leave the caller free, can be stopped, and are shared among
// threads, with the results that arrays have.
import { afterAll, expect, test } from 'vitest';
import { ThreadPool, TimeoutError, zip } from 'manyhands';

const pool = new ThreadPool(2);
afterAll(() => pool.terminate());

const looping = (x: number, i: number): number => {
  let n = 0;
  while (n < x % 50) n++;
  return n * 0.1 + i * 1e-6;
};

test('leaves the caller free and can be stopped over few elements, too, whatever the operation', async () => {
  const endless = (x: number): number => {
    let y = x;
    while (y > -Infinity) y = -y;
    return y;
  };
  const endlessly = (x: number): boolean => {
    let y = x;
    while (y > -Infinity) y = -y;
    return y > 0;
  };
  const few = Float64Array.of(1, 2, 3);
  const calls: ((options: { engine: 'native'; signal?: AbortSignal; timeout?: number }) => Promise<unknown>)[] = [
    (options) => pool.map(endless, few, options),
    (options) => pool.starmap(endless, zip(few), options),
    (options) => pool.mapReduce(endless, 'sum', few, options),
    (options) => pool.mapReduce(endless, 'argmax', few, options),
    (options) => pool.mapReduce(endless, (a: number, b: number) => a + b, few, options),
    (options) => pool.filter(endlessly, few, options),
  ];
  for (const call of calls) {
    const abort = new AbortController();
    const stopped = call({ engine: 'native', signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await expect(call({ engine: 'native', timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
  }
  expect(() => pool.mapSync(endless, few, { engine: 'native', timeout: 20 })).toThrow(TimeoutError);
  expect(await pool.map(endless, few.subarray(0, 0), { engine: 'native' })).toHaveLength(0);
});

test('shares few elements among the threads where each takes long', async () => {
  const long = (x: number): number => {
    let n = 0;
    while (n < x + 20_000) n++;
    return n;
  };
  const xs = Float64Array.from({ length: 100 }, (_, i) => i);
  const result = await pool.map(long, xs, { engine: 'native' });
  expect(result).toEqual(xs.map((x) => x + 20_000));
  expect(result.stats).toMatchObject({ engine: 'native', threads: 2 });
});

test('in place, results that the caller has found are not taken for items where the threads begin anew', async () => {
  const next = (x: number): number => {
    let n = 0;
    while (n < x) n++;
    return n + 0.5;
  };
  // The first block is short, the second one is not.
  const items = (): Float64Array<ArrayBuffer> => Float64Array.from({ length: 300 }, (_, i) => (i < 299 ? i % 7 : 1e6));
  const expected = items().map((x) => x + 0.5);
  const xs = items();
  expect(await pool.map(next, xs, { out: xs, engine: 'native' })).toEqual(expected);
  const ys = items();
  expect(pool.mapSync(next, ys, { out: ys, engine: 'native' })).toEqual(expected);
  expect(await pool.map(next, items(), { engine: 'native' })).toEqual(expected);
});

test('values that take long are reduced and filtered as those of an array are, by any number of threads', async () => {
  const even = (x: number): boolean => {
    let n = x;
    while (n > 1) n -= 2;
    return n === 0;
  };
  // oxlint-disable-next-line typescript/no-implied-eval -- nobody writes such a long function
  const deep = new Function('x', `return ${Array.from({ length: 210 }, (_, i) => `(x * ${i}.5 - x)`).join(' + ')}`) as (
    x: number,
  ) => number;
  for (const n of [1, 255, 256, 257, 1000, 5000, 70_000]) {
    const xs = Float64Array.from({ length: n }, (_, i) => (i * 7) % 101);
    const options = { engine: 'native' } as const;
    const seen = new Set<string>();
    for (const threads of [1, 2, 3]) {
      await using some = new ThreadPool(threads);
      for (const fn of [looping, deep]) {
        const values = Float64Array.from(xs, fn);
        for (const op of ['sum', 'mean', 'variance', 'min', 'max', 'argmin', 'argmax', 'count', 'any', 'all'] as const)
          expect(await some.mapReduce(fn, op, xs, options), `${op} of ${n}`).toBe(await some.reduce(op, values));
        const fold = (a: number, b: number): number => a * 0.5 + b;
        expect(await some.mapReduce(fn, fold, xs, options)).toBe(await some.reduce(fold, values, options));
        seen.add(`${fn.name} ${await some.mapReduce(fn, 'prod', xs, options)}`);
      }
      expect(await some.filter(even, xs, options)).toEqual(xs.filter(even));
    }
    expect(seen.size).toBe(2);
  }
});
