// The list that the results of a map are put together in: every kind of result, in whatever order the chunks come.
import { expect, test } from 'vitest';
import { ResultList } from '../../dist/internal/engine/result-list.js';
import { onBothBackEnds } from './back-ends.js';

test('chunks of different kinds, the last one first', () => {
  const list = new ResultList(9);
  list.putNumbers(6, Int32Array.of(7, 8, 9));
  list.put(3, ['four', undefined, null]);
  list.putNumbers(0, Float64Array.of(-0, NaN, 0.5));
  expect(list.all()).toEqual([-0, NaN, 0.5, 'four', undefined, null, 7, 8, 9]);
});

test('doubles behind integers, and integers behind doubles', () => {
  const upwards = new ResultList(4);
  upwards.putNumbers(0, Int32Array.of(1, 2));
  upwards.putNumbers(2, Float64Array.of(0.25, 2 ** 40));
  expect(upwards.all()).toEqual([1, 2, 0.25, 2 ** 40]);
  const downwards = new ResultList(4);
  downwards.putNumbers(2, Float64Array.of(0.25, -0));
  downwards.putNumbers(0, Int32Array.of(1, 2));
  expect(downwards.all()).toEqual([1, 2, 0.25, -0]);
});

test('more results than one array of a given length can hold', () => {
  const list = new ResultList(2 ** 24 + 4);
  list.put(2 ** 24 + 2, ['x', 'y']);
  list.putNumbers(2 ** 24, Float64Array.of(1.5, 2.5));
  list.putNumbers(0, new Int32Array(2 ** 24).fill(7));
  const all = list.all();
  expect(all).toHaveLength(2 ** 24 + 4);
  expect(all[2 ** 24 - 1]).toBe(7);
  expect(all.slice(2 ** 24)).toEqual([1.5, 2.5, 'x', 'y']);
});

onBothBackEnds(({ shared }) => {
  test('a map whose chunks give integers, doubles, strings and nothing', async () => {
    const items = Array.from({ length: 400 }, (_, i) => i);
    const kinds = (i: number): unknown => [i, i / 3, `${i}`, undefined][Math.floor(i / 100)];
    expect(await shared().map(kinds, items, { chunksize: 100 })).toEqual(items.map(kinds));
  });

  test('asynchronous results in chunks that have their length from the start', async () => {
    const items = Array.from({ length: 300 }, (_, i) => i);
    const twice = async (i: number): Promise<number> => i * 2;
    expect(await shared().map(twice, items, { chunksize: 100 })).toEqual(items.map((i) => i * 2));
    const odd = async (i: number): Promise<number> => {
      if (i % 2 === 1) throw new RangeError(`${i}`);
      return i;
    };
    const settled: unknown[] = [];
    const results = shared().imap(odd, items, { chunksize: 100 });
    for (const _ of items) settled.push(await results.next().then(({ value }) => value as unknown, String));
    expect(settled).toEqual(items.map((i) => (i % 2 === 1 ? `RangeError: ${i}` : i)));
  });
});
