// More messages for a worker than its inbox holds: they wait in the pool and follow, though no reply asks for them.
import { expect, test } from 'vitest';
import { ThreadPool } from 'manyhands';

test.each(['apply', 'applySync'] as const)(
  'hundreds of functions that a worker does not know yet reach it with %s',
  async (way) => {
    await using pool = new ThreadPool(1);
    const known = (x: number): number => x + 1;
    // Long enough that a batch of many tasks looks cheap.
    for (let i = 0; i < 2000; i++) await pool.apply(known, [i]);
    const calls = [pool.apply(known, [1])];
    for (let i = 0; i < 300; i++) {
      // eslint-disable-next-line -- each must be a function of its own
      calls.push(pool.apply(new Function('x', `return x + ${i}`) as (x: number) => number, [1]));
    }
    if (way === 'applySync') expect(pool.applySync(known, [2])).toBe(3);
    expect(await Promise.all(calls)).toEqual([2, ...Array.from({ length: 300 }, (_, i) => i + 1)]);
  },
);
