// starmap: argument lists of every kind and length, and columns of typed arrays or lists, which cross side by side.
import { DataCloneError, zip } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const listed = (...all: unknown[]): string => all.map((x) => `${typeof x}:${String(x)}`).join(' ');
const N = 1003;

const COLUMNS = [
  Float64Array.from(range(N), (i) => i / 3),
  Int8Array.from(range(N)),
  BigInt64Array.from(range(N), (i) => BigInt(i) << 40n),
  // Of odd lengths and places, so that what lies behind must be aligned anew.
  Uint8Array.from(range(N + 1)).subarray(1),
  new Float32Array(range(N)).subarray(0, N),
];

onBothBackEnds(({ shared }) => {
  test.each([1, 2, 3, 4, 5])('typed arrays side by side: %i of them, in chunks of any size', async (width) => {
    const columns = COLUMNS.slice(0, width) as unknown as number[][];
    const expected = range(N).map((i) => listed(...columns.map((column) => column[i])));
    for (const chunksize of [undefined, 1, 250, 5000]) {
      const options = { engine: 'workers', ...(chunksize === undefined ? {} : { chunksize }) } as const;
      expect(await shared().starmap(listed, zip(...columns), options)).toEqual(expected);
    }
  });

  test('what such a function gives decides between doubles, BigInts and a list', async () => {
    const [a, b] = [Float64Array.of(1, 2, 3), Int32Array.of(3, 2, 1)];
    const columns = zip(a, b);
    const given = async (fn: (x: number, y: number) => unknown): Promise<unknown> =>
      shared().starmap(fn, columns, { engine: 'workers' });
    expect(await given((x, y) => x * y)).toEqual(Float64Array.of(3, 4, 3));
    expect(await given((x, y) => x > y)).toEqual(Float64Array.of(0, 0, 1));
    expect(await given((x, y) => (x > y ? x : undefined))).toEqual(Float64Array.of(NaN, NaN, 3));
    expect(await given((x, y) => BigInt(x + y))).toEqual(BigInt64Array.of(4n, 4n, 4n));
    expect(await given((x, y) => (x > y ? 'more' : x < y))).toEqual([true, false, 'more']);
    expect(await given((x, y) => (x > y ? 1n : 2))).toEqual([2, 2, 1n]);
    expect(await given(async (x, y) => x - y)).toEqual(Float64Array.of(-2, 0, 2));
    const none = await shared().starmap(listed, zip(a.subarray(0, 0), b), { engine: 'workers' });
    expect(none).toEqual(new Float64Array(0));
  });

  test('typed arrays are as they were at the call, and the shortest says how many calls there are', async () => {
    const [a, b] = [new Float64Array(5000).fill(1), new Int32Array(4000).fill(2)];
    const result = shared().starmap((x, y) => x + y, zip(a, b), { engine: 'workers' });
    a.fill(50);
    b.fill(50);
    expect(await result).toEqual(new Float64Array(4000).fill(3));
  });

  test('`out` may be one of the columns, and keeps what other chunks stored when one fails', async () => {
    const [a, b] = [Float64Array.from(range(N)), Float64Array.from(range(N))];
    const sum = await shared().starmap((x, y) => x + y, zip(a, b), { out: b, engine: 'workers' });
    expect(sum).toBe(b);
    expect(b).toEqual(Float64Array.from(range(N), (i) => 2 * i));
    const failing = (x: number, y: number): number => {
      if (x === 2) throw new RangeError('two');
      return -y;
    };
    const out = new Float64Array(4);
    const columns = zip(a.subarray(0, 4), b);
    const call = shared().starmap(failing, columns, { out, chunksize: 1, engine: 'workers' });
    await expect(call).rejects.toThrow('two');
    expect([...out]).toEqual([-0, -2, 0, -6]);
  });

  test('lists of arguments: of one length, of several, with holes, other iterables, few and many', async () => {
    // oxlint-disable-next-line no-sparse-arrays
    const holes = [[1, , 'x'], ...range(20).map((i) => [i, undefined, null])];
    const several = range(30).map((i) => range(1 + (i % 4)));
    const sets = range(30).map((i) => (i % 2 === 0 ? [i, 'a'] : new Set([i, 'b'])));
    const own = range(30).map((i) => Object.assign([i], { length: 2, extra: i }));
    const wide = range(9).map((i) => range(40).map((k) => i * k));
    for (const items of [holes, several, several.toReversed(), sets, own, wide, [[1, 2]], range(30).map(() => [])]) {
      const expected = (items as Iterable<unknown>[]).map((list) => listed(...list));
      expect(await shared().starmap(listed, items as unknown[][])).toEqual(expected);
      expect(await shared().starmap(listed, items as unknown[][], items.length)).toEqual(expected);
    }
  });

  test('an object that several argument lists of a chunk share stays one object', async () => {
    const [object, seen] = [{ n: 0 }, new Map<object, number>()];
    const pairs = range(20).map((i): [object, object] => [object, i % 2 === 0 ? object : { n: i }]);
    const same = await shared().starmap(
      (a: object, b: object) => {
        seen.set(a, (seen.get(a) ?? 0) + 1);
        return [a === b, seen.get(a)];
      },
      pairs,
      { chunksize: 20 },
    );
    expect(same).toEqual(range(20).map((i) => [i % 2 === 0, i + 1]));
  });

  test('lists side by side: with typed arrays, with others that can only be iterated, ending with the shortest', async () => {
    const [numbers, texts] = [Float64Array.from(range(50)), range(40).map((i) => `t${i}`)];
    const expected = texts.map((text, i) => listed(i, text));
    expect(await shared().starmap(listed, zip(numbers, texts))).toEqual(expected);
    expect(await shared().starmap(listed, zip(range(60), texts), { chunksize: 7 })).toEqual(expected);
    expect(await shared().starmap(listed, zip(range(60).values(), texts))).toEqual(expected);
    expect(await shared().starmap(listed, zip(new Set(range(60)), texts))).toEqual(expected);
    expect(await shared().starmap(listed, zip([], texts))).toEqual([]);
    class Reversed extends Array<number> {
      override [Symbol.iterator](): ArrayIterator<number> {
        return this.toReversed().values();
      }
    }
    const reversed = Reversed.from(range(40));
    expect(await shared().starmap(listed, zip(reversed, texts))).toEqual(texts.map((text, i) => listed(39 - i, text)));
  });

  test('what cannot be copied is named by its call and its place in it', async () => {
    const pairs = range(20).map((i): unknown[] => [i, i === 13 ? { deep: [() => 1] } : i]);
    const refusal = { name: 'DataCloneError', path: 'items[13][1].deep[0]' };
    const call = shared().starmap(listed, pairs, { chunksize: 10 });
    await expect(call).rejects.toBeInstanceOf(DataCloneError);
    await expect(call).rejects.toMatchObject(refusal);
    const columns = zip(
      pairs.map(([first]) => first),
      pairs.map(([, second]) => second),
    );
    await expect(shared().starmap(listed, columns, { chunksize: 20 })).rejects.toMatchObject(refusal);
  });
});
