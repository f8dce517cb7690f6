// Pools in tests that run on false timers: results, limits and deaths arrive as ever, and nobody has to let time pass.
import { Condition, Queue, QueueEmptyError, TimeoutError, WorkerDiedError } from 'manyhands';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onBothBackEnds } from './back-ends.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('blocking waits end with their time', () => {
  using queue = new Queue();
  expect(() => queue.getSync({ timeout: 5 })).toThrow(QueueEmptyError);
  const condition = new Condition();
  condition.acquireSync();
  expect(condition.waitSync({ timeout: 5 })).toBe(false);
  condition.release();
});

const endless = (): never => {
  for (;;);
};

onBothBackEnds(({ open }) => {
  test('results arrive, from a new pool and from one that is used', async () => {
    const pool = open(2);
    expect(await pool.map((x: number) => x * 2, [1, 2, 3])).toEqual([2, 4, 6]);
    expect(await pool.map((x: number) => x * 2, Float64Array.of(1, 2))).toEqual(Float64Array.of(2, 4));
    const results: number[] = [];
    for await (const result of pool.imap((x: number) => x + 1, [1, 2])) results.push(result);
    expect(results).toEqual([2, 3]);
    expect(await pool.apply(() => new Promise((resolve) => setTimeout(resolve, 20, 'slow')))).toBe('slow');
  });

  test('time limits pass, and deaths are heard of', async () => {
    const pool = open({ processes: 1, taskTimeout: 5000 });
    await expect(pool.apply(endless, [], { timeout: 20 })).rejects.toThrow(TimeoutError);
    await expect(pool.apply(() => process.exit(1))).rejects.toThrow(WorkerDiedError);
    await expect(pool.applyAsync(() => new Promise(() => undefined)).get({ timeout: 20 })).rejects.toThrow(
      TimeoutError,
    );
    await pool.terminate();
  });
});
