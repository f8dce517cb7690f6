// Loops over few elements: native code has a moment for them, then the workers get the call, if all of them are free.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelledError, kernel, type Pool, ThreadPool, zip } from 'manyhands';
import { blockUntilOpen, Gates, until } from '../pool/gates.js';

let pool: Pool;
beforeAll(async () => void (pool = await ThreadPool.create(2)));
afterAll(() => pool.terminate());

/** Takes milliseconds for large elements, whatever runs it. */
const looping = (x: number): number => {
  let n = 0;
  while (n < x) n++;
  return n + 0.5;
};
const LONG = 2e7;
const long = (): Float64Array<ArrayBuffer> => Float64Array.of(LONG, LONG + 1, 3);
const results = Float64Array.of(LONG + 0.5, LONG + 1.5, 3.5);
const even = (x: number): boolean => {
  let n = x;
  while (n > 1) n -= 2;
  return n === 0;
};

test('what takes long goes to the workers, with the same results', async () => {
  const mapped = await pool.map(looping, long());
  expect(mapped).toEqual(results);
  expect(mapped.stats.engine).toBe('workers');
  const zipped = await pool.starmap(looping, zip(long()));
  expect(zipped).toEqual(results);
  expect(zipped.stats.engine).toBe('workers');
  const kept = await pool.filter(even, long());
  expect(kept).toEqual(Float64Array.of(LONG));
  expect(kept.stats.engine).toBe('workers');
  const waited = pool.mapSync(looping, long());
  expect(waited).toEqual(results);
  expect(waited.stats.engine).toBe('workers');
  const before = pool.stats().submitted;
  expect(await pool.mapReduce(looping, 'sum', long())).toBe(2 * LONG + 5.5);
  expect(await pool.mapReduce(looping, (a: number, b: number) => Math.max(a, b), long())).toBe(LONG + 1.5);
  expect(pool.stats().submitted).toBeGreaterThan(before);
});

test('what insists, kernels, and what are more elements stays native', async () => {
  const before = pool.stats().submitted;
  const insisting = await pool.map(looping, long(), { engine: 'native' });
  expect(insisting).toEqual(results);
  expect(insisting.stats.engine).toBe('native');
  const certain = await pool.map(kernel(looping), long());
  expect(certain).toEqual(results);
  expect(certain.stats.engine).toBe('native');
  expect((await pool.filter(kernel(even), long())).stats.engine).toBe('native');
  const many = await pool.map(looping, new Float64Array(9).fill(LONG));
  expect(many.stats.engine).toBe('native');
  expect(pool.stats().submitted).toBe(before);
});

test('while a worker is busy it goes on natively', async () => {
  using gates = new Gates();
  const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
  const busy = pool.apply(blockUntilOpen, [arrived, gate]);
  await gates.reached('arrived');
  const mapped = await pool.map(looping, long());
  expect(mapped).toEqual(results);
  expect(mapped.stats.engine).toBe('native');
  expect(await pool.mapReduce(looping, 'max', long())).toBe(LONG + 1.5);
  expect(pool.mapSync(looping, long()).stats.engine).toBe('native');
  gates.open('gate');
  await busy;
});

test('in place, what native code has stored by then is not taken for items', async () => {
  await using wide = await ThreadPool.create(9);
  const items = (): Float64Array<ArrayBuffer> => Float64Array.from({ length: 36 }, (_, i) => (i < 35 ? i : LONG));
  for (const map of [
    async (xs: Float64Array<ArrayBuffer>) => wide.map(looping, xs, { out: xs }),
    async (xs: Float64Array<ArrayBuffer>) => wide.mapSync(looping, xs, { out: xs }),
  ]) {
    await until(() => wide.stats().running === 0);
    const xs = items();
    const mapped = await map(xs);
    expect(mapped).toBe(xs);
    expect(xs).toEqual(items().map((x) => x + 0.5));
    expect(mapped.stats.engine).toBe('workers');
  }
});

test('a signal and a cancellation stop it wherever it runs', async () => {
  const endless = (x: number): number => {
    let n = 0;
    while (n < x) n = n + 1 > 100 ? 0 : n + 1;
    return n;
  };
  const some = new ThreadPool(1);
  const items = Float64Array.of(1000);
  const abort = new AbortController();
  const stopped = some.map(endless, items, { signal: abort.signal });
  const reduced = some.mapReduce(endless, 'sum', items, { signal: abort.signal });
  // Both have been tried; the worker has one of them.
  await until(() => some.stats().running === 1);
  abort.abort(new Error('enough'));
  await expect(stopped).rejects.toThrow('enough');
  await expect(reduced).rejects.toThrow('enough');
  const handle = some.mapAsync(endless, items);
  await until(() => some.stats().running === 1);
  expect(handle.cancel()).toBe(true);
  await expect(handle.get()).rejects.toBeInstanceOf(CancelledError);
  const early = some.mapAsync(endless, items);
  early.cancel();
  await expect(early.get()).rejects.toBeInstanceOf(CancelledError);
  expect(await some.apply(() => 1)).toBe(1);
  await some.terminate();
});

test('a pool that is closed meanwhile ends after the call', async () => {
  for (let closing = 0; closing < 2; closing++) {
    const some = await ThreadPool.create(2);
    const calls = [some.map(looping, long()), some.mapReduce(looping, 'max', long())];
    if (closing === 1) await until(() => some.stats().submitted > 1);
    some.close();
    await some.join();
    expect(await Promise.all(calls)).toEqual([results, LONG + 1.5]);
  }
});
