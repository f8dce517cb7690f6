// The types of calls: results and items are inferred, mistakes do not compile; checked by the compiler, run for form's sake.
import {
  kernel,
  zip,
  Process,
  Queue,
  type AsyncResult,
  type Measured,
  type Pool,
  type ResultIterator,
  type TypedArray,
  type WaitOptions,
  type Zip,
} from 'manyhands';
import { expectTypeOf, test } from 'vitest';

const check = async (pool: Pool): Promise<void> => {
  expectTypeOf(await pool.apply((a: number, b: string) => `${a}${b}`, [1, 'x'])).toEqualTypeOf<string>();
  expectTypeOf(await pool.apply(async () => 1)).toEqualTypeOf<number>();
  expectTypeOf(await pool.map((x: number) => [x], [1, 2])).toEqualTypeOf<number[][]>();
  expectTypeOf(await pool.map(async (x: string) => x.length, new Set(['a']))).toEqualTypeOf<number[]>();
  expectTypeOf(await pool.map((x: number) => x * 2, new Float32Array(2))).toEqualTypeOf<
    Measured<Float32Array<ArrayBuffer>>
  >();
  expectTypeOf(await pool.starmap((a: number, b: number) => a + b, [[1, 2]])).toEqualTypeOf<number[]>();
  expectTypeOf(pool.applyAsync((x: number) => x > 0, [1])).toEqualTypeOf<AsyncResult<boolean>>();
  expectTypeOf(pool.mapAsync((x: number) => `${x}`, [1])).toEqualTypeOf<AsyncResult<string[]>>();
  expectTypeOf(pool.imap((x: number) => `${x}`, [1])).toEqualTypeOf<ResultIterator<string>>();
  expectTypeOf(pool.imapUnordered(async (x: number) => x, [1])).toEqualTypeOf<ResultIterator<number>>();
  expectTypeOf(pool.applySync((x: number) => x, [1])).toEqualTypeOf<number>();
  expectTypeOf(pool.mapSync((x: number) => `${x}`, [1])).toEqualTypeOf<string[]>();
  // Stored in an array of the type of the items, whatever the function gives.
  expectTypeOf(await pool.map((x) => x > 1, new Float32Array(2))).toEqualTypeOf<Measured<Float32Array<ArrayBuffer>>>();
  expectTypeOf(
    await pool.map(
      kernel((x: number) => x > 1),
      new Int8Array(2),
    ),
  ).toEqualTypeOf<Measured<Int8Array<ArrayBuffer>>>();
  const columns = zip(Float64Array.of(1), ['a']);
  expectTypeOf(columns).toEqualTypeOf<Zip<[number, string]>>();
  expectTypeOf(await pool.starmap((a, b) => `${a.toFixed(1)}${b.trim()}`, columns)).toEqualTypeOf<string[]>();
  expectTypeOf(
    await pool.mapReduce((a, b) => a * b, 'sum', zip(Float64Array.of(1), Int8Array.of(1))),
  ).toEqualTypeOf<number>();
  const untold: Zip = columns;
  expectTypeOf(await pool.starmap((a: number, b: string) => a + b.length, untold)).toEqualTypeOf<number[]>();
  expectTypeOf<TypedArray>().toExtend<ArrayBufferView>();
  expectTypeOf<{ timeout: number }>().toExtend<WaitOptions>();
  // The places of a literal keep their own types.
  expectTypeOf(await pool.apply((text, times) => text.repeat(times), ['x', 2])).toEqualTypeOf<string>();
  expectTypeOf(pool.applySync((text, times) => text.repeat(times), ['x', 2])).toEqualTypeOf<string>();
  const lists = [
    ['x', 2],
    ['y', 3],
  ] satisfies [string, number][];
  expectTypeOf(await pool.starmap((text, times) => text.repeat(times), lists)).toEqualTypeOf<string[]>();
  // Over columns of typed arrays numbers come back in one, too, and what is stored in `out` is `out`.
  const typed = zip(Float64Array.of(1), Int8Array.of(1));
  expectTypeOf(await pool.starmap((a, b) => a * b, typed)).toEqualTypeOf<Measured<Float64Array<ArrayBuffer>>>();
  expectTypeOf(pool.starmapSync((a, b) => `${a}${b}`, typed)).toEqualTypeOf<Measured<string[]>>();
  expectTypeOf(await pool.starmapAsync((a, b) => a > b, typed)).toEqualTypeOf<Measured<Float64Array<ArrayBuffer>>>();
  expectTypeOf(await pool.starmap((a) => a, zip(BigInt64Array.of(1n)))).toEqualTypeOf<
    Measured<BigInt64Array<ArrayBuffer>>
  >();
  const out = new Uint8Array(1);
  expectTypeOf(await pool.map((x) => x, Float64Array.of(1), { out })).toEqualTypeOf<
    Measured<Uint8Array<ArrayBuffer>>
  >();
  expectTypeOf(await pool.starmap((a, b) => a * b, typed, { out })).toEqualTypeOf<Measured<Uint8Array<ArrayBuffer>>>();
  expectTypeOf((await pool.sort(Float64Array.of(1))).stats.engine).toEqualTypeOf<'native' | 'workers'>();
  // A process whose function takes what its arguments are.
  const queue = new Queue<{ id: number }>();
  void new Process({
    target: async (items) => expectTypeOf((await items.get()).id).toEqualTypeOf<number>(),
    args: [queue],
  });
  void new Process({ target: (text, times) => text.repeat(times), args: ['x', 2] });
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
