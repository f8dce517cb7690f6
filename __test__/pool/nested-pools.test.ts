// Pools inside tasks: of their own kind and of the other, several deep, ended or forgotten.
import { getContext, Pool, ThreadPool } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';

onBothBackEnds(({ open }) => {
  test.each(['spawn', 'thread'] as const)('a task may use a pool of its own: %s', async (inner) => {
    const run = async (context: 'spawn' | 'thread', n: number): Promise<number[]> => {
      await using pool = new Pool({ processes: 2, context });
      return pool.map((x: number) => x * n, [1, 2, 3], 1);
    };
    const results = await open(2).starmap(
      run,
      [
        [inner, 10],
        [inner, 100],
      ] as [typeof inner, number][],
      1,
    );
    expect(results).toEqual([
      [10, 20, 30],
      [100, 200, 300],
    ]);
  });

  test('a task may block on a pool of its own', async () => {
    const run = (): number[] => {
      const pool = new ThreadPool(1);
      try {
        return pool.mapSync((x: number) => x + 1, [1, 2, 3]);
      } finally {
        void pool.terminate();
      }
    };
    expect(await open(1).apply(run)).toEqual([2, 3, 4]);
  });

  test('three deep', async () => {
    const deep = async (level: number): Promise<number> => {
      if (level === 0) return 1;
      await using pool = new (getContext('thread').Pool)(1);
      return 1 + (await pool.apply(deep, [level - 1]));
    };
    expect(await open(1).apply(deep, [3])).toBe(4);
  });
});
