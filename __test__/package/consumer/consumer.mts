// Compiled by tests only: the types that map, starmap and apply infer for a user of the package.
import { Pool } from 'manyhands';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(answer: Same<A, B>): boolean => answer;

export async function check(pool: Pool): Promise<void> {
  const squares = await pool.map((x: number) => `${x}`, [1, 2]);
  same<typeof squares, string[]>(true);
  const sums = await pool.starmap((a: number, b: string) => a + b.length, [[1, 'x']]);
  same<typeof sums, number[]>(true);
  const one = await pool.apply(async (a: number) => ({ a }), [1]);
  same<typeof one, { a: number }>(true);
  // @ts-expect-error the items do not fit the function
  await pool.map((x: number) => x, ['text']);
  // @ts-expect-error the arguments do not fit the function
  await pool.apply((x: number) => x, ['text']);
}
