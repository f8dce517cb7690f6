// Compiled and run by tests: the types that map, starmap, imap and apply infer for a user of the package, and their values.
import assert from 'node:assert';
import { Pool, ThreadPool, type Measured, type PoolOptions } from 'manyhands';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(answer: Same<A, B>): boolean => answer;

async function check(pool: Pool): Promise<void> {
  const texts = await pool.map((x: number) => `${x}`, [1, 2]);
  same<typeof texts, string[]>(true);
  assert.deepStrictEqual(texts, ['1', '2']);
  const sums = await pool.starmap((a: number, b: string) => a + b.length, [[1, 'x']]);
  same<typeof sums, number[]>(true);
  assert.deepStrictEqual(sums, [2]);
  const one = await pool.apply(async (a: number) => ({ a }), [1]);
  same<typeof one, { a: number }>(true);
  assert.deepStrictEqual(one, { a: 1 });
  const typed = await pool.map((x: number) => x * 2, new Float32Array([1, 2]));
  same<typeof typed, Measured<Float32Array<ArrayBuffer>>>(true);
  assert.deepStrictEqual(typed, new Float32Array([2, 4]));
  const later = pool.applyAsync((a: string) => a.length, ['four'], { callback: (n) => same<typeof n, number>(true) });
  const awaited = await later;
  same<typeof awaited, number>(true);
  assert.strictEqual(await later.get({ timeout: 60_000 }), 4);
  for await (const item of pool.imap(async (x: number) => [x], [7], { buffersize: 2 })) {
    same<typeof item, number[]>(true);
    assert.deepStrictEqual(item, [7]);
  }
  const now = pool.mapSync((x: number) => x > 1, [1, 2]);
  same<typeof now, boolean[]>(true);
  assert.deepStrictEqual(now, [false, true]);
  // @ts-expect-error the items do not fit the function
  await pool.map((x: number) => x, ['text']);
  // @ts-expect-error the arguments do not fit the function
  await pool.apply((x: number) => x, ['text']);
}

const options: PoolOptions = { processes: 2, taskTimeout: 60_000 };
for (const pool of [new Pool(options), new ThreadPool(2)]) {
  await check(pool);
  pool.close();
  await pool.join();
}
console.log('typed consumer ok');
