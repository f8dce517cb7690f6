// The types of calls: results and items are inferred, mistakes do not compile; checked by the compiler, run for form's sake.
import type { AsyncResult, Pool, ResultIterator } from 'manyhands';
import { expectTypeOf, test } from 'vitest';

const check = async (pool: Pool): Promise<void> => {
  expectTypeOf(await pool.apply((a: number, b: string) => `${a}${b}`, [1, 'x'])).toEqualTypeOf<string>();
  expectTypeOf(await pool.apply(async () => 1)).toEqualTypeOf<number>();
  expectTypeOf(await pool.map((x: number) => [x], [1, 2])).toEqualTypeOf<number[][]>();
  expectTypeOf(await pool.map(async (x: string) => x.length, new Set(['a']))).toEqualTypeOf<number[]>();
  expectTypeOf(await pool.map((x: number) => x * 2, new Float32Array(2))).toEqualTypeOf<Float32Array<ArrayBuffer>>();
  expectTypeOf(await pool.starmap((a: number, b: number) => a + b, [[1, 2]])).toEqualTypeOf<number[]>();
  expectTypeOf(pool.applyAsync((x: number) => x > 0, [1])).toEqualTypeOf<AsyncResult<boolean>>();
  expectTypeOf(pool.mapAsync((x: number) => `${x}`, [1])).toEqualTypeOf<AsyncResult<string[]>>();
  expectTypeOf(pool.imap((x: number) => `${x}`, [1])).toEqualTypeOf<ResultIterator<string>>();
  expectTypeOf(pool.imapUnordered(async (x: number) => x, [1])).toEqualTypeOf<ResultIterator<number>>();
  expectTypeOf(pool.applySync((x: number) => x, [1])).toEqualTypeOf<number>();
  expectTypeOf(pool.mapSync((x: number) => `${x}`, [1])).toEqualTypeOf<string[]>();
  for await (const value of pool.imap((x: number) => x, [1])) expectTypeOf(value).toEqualTypeOf<number>();
  expectTypeOf(pool.state).toEqualTypeOf<'running' | 'closed' | 'terminated'>();
  // @ts-expect-error the argument is no number
  void pool.apply((x: number) => x, ['text']);
  // @ts-expect-error the items are no numbers
  void pool.map((x: number) => x, ['text']);
  // @ts-expect-error the argument lists do not fit
  void pool.starmap((a: number, b: string) => a + b.length, [[1, 2]]);
};

test('calls are typed by their functions', () => {
  expectTypeOf(check).toBeFunction();
});
