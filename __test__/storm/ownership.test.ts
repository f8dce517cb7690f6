// Who owns memory, entries and descriptors when results are large and workers end early: nothing is freed twice, nothing is left.
import { readdirSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { Pool, ThreadPool } from 'manyhands';
import { addon } from './addon.ts';

const descriptors = (): number => readdirSync('/proc/self/fd').length;

afterAll(() => {
  expect(addon().stats()).toMatchObject({ participants: 1, objects: 0, queues: 0 });
});

test('large binaries of results that cannot be encoded are freed while the worker lives', async () => {
  const pool = new ThreadPool(1);
  const before = addon().stats().blocks;
  for (let i = 0; i < 20; i++) {
    // Encoding ends in an error after the buffer was stored.
    await expect(pool.apply(() => [new Uint8Array(1 << 20), () => 1])).rejects.toMatchObject({
      code: 'ERR_RESULT_ENCODING',
    });
  }
  expect(addon().stats().blocks - before).toBeLessThan(20);
  await pool.terminate();
  expect(addon().stats().blocks).toBe(0);
});

test.each([
  ['threads', ThreadPool],
  ['processes', Pool],
])('large binaries in results of %s keep their bytes while later results arrive', async (_, Workers) => {
  const bytes = 1 << 20;
  const pool = new Workers(2);
  const kept: Uint8Array[] = [];
  for (let i = 0; i < 24; i++) kept.push(await pool.apply((n, fill) => new Uint8Array(n).fill(fill), [bytes, i]));
  await pool.terminate();
  kept.forEach((result, i) => {
    expect(result).toHaveLength(bytes);
    expect(result.every((byte) => byte === i)).toBe(true);
  });
});

test.each([
  ['threads', ThreadPool],
  ['processes', Pool],
])('%s that are ended before they take part leave no entry and no descriptor', async (_, Workers) => {
  await new Workers(1).terminate();
  const before = descriptors();
  for (let i = 0; i < 10; i++) await new Workers(3).terminate();
  expect(addon().stats()).toMatchObject({ participants: 1, objects: 0, queues: 0 });
  expect(descriptors()).toBeLessThanOrEqual(before);
});
