// map and starmap: every item once, results in order, chunks, sources of every kind, and the first failure after all chunks.
import { DataCloneError, ResultEncodingError } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates } from './gates.js';

const square = (x: number): number => x * x;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

onBothBackEnds(({ open, shared }) => {
  test('gives the results of the built-in map, in order, for every chunksize', async () => {
    const expected = range(103).map(square);
    expect(await shared().map(square, range(103))).toEqual(expected);
    for (const chunksize of [1, 2, 20, 102, 103, 104, 1e9]) {
      expect(await shared().map(square, range(103), chunksize)).toEqual(expected);
      expect(await shared().map(square, range(103), { chunksize })).toEqual(expected);
    }
  });

  test('takes any iterable: set, map, string, generator, iterator, async generator', async () => {
    const echo = (x: unknown): unknown => x;
    const pool = shared();
    expect(await pool.map(echo, new Set([3, 1, 2]))).toEqual([3, 1, 2]);
    expect(await pool.map(echo, new Map([['a', 1]]))).toEqual([['a', 1]]);
    expect(await pool.map(echo, 'añ😀')).toEqual(['a', 'ñ', '😀']);
    expect(await pool.map(echo, [4, 5].values())).toEqual([4, 5]);
    function* generate(): Generator<number> {
      yield* [1, 2, 3];
    }
    expect(await pool.map(echo, generate(), 2)).toEqual([1, 2, 3]);
    async function* generateLater(): AsyncGenerator<number> {
      yield 1;
      await Promise.resolve();
      yield 2;
    }
    expect(await pool.map(echo, generateLater())).toEqual([1, 2]);
    expect(await pool.mapAsync(echo, generateLater())).toEqual([1, 2]);
  });

  test('calls the function with the item alone', async () => {
    expect(await shared().map((...all: unknown[]) => all, ['a', 'b'])).toEqual([['a'], ['b']]);
  });

  test('passes holes of an array as undefined, and loses no position', async () => {
    const items = [1, , 3]; // oxlint-disable-line no-sparse-arrays -- the subject of the test
    const results = await shared().map((x) => (x === undefined ? 'hole' : x), items);
    expect(results).toEqual([1, 'hole', 3]);
    expect((await shared().map((x) => x, items)).length).toBe(3);
  });

  test('keeps undefined results in their places', async () => {
    expect(await shared().map((x: number) => (x % 2 ? x : undefined), range(6), 2)).toEqual([
      undefined,
      1,
      undefined,
      3,
      undefined,
      5,
    ]);
  });

  test('an empty iterable of any kind gives an empty array', async () => {
    async function* nothing(): AsyncGenerator<number> {}
    for (const items of [[], new Set<number>(), nothing()]) expect(await shared().map(square, items)).toEqual([]);
    expect(await shared().map(square, [], 1)).toEqual([]);
    expect(await shared().starmap(square, [])).toEqual([]);
    expect(await shared().map(square, new Float64Array(0))).toEqual(new Float64Array(0));
  });

  test('awaits async functions item by item', async () => {
    expect(await shared().map(async (x: number) => x + 1, range(10), 3)).toEqual(range(10).map((x) => x + 1));
  });

  test('starmap spreads each item as the arguments', async () => {
    const pairs: [number, number][] = range(30).map((i) => [i, i + 1]);
    const expected = pairs.map(([a, b]) => a * b);
    expect(await shared().starmap((a: number, b: number) => a * b, pairs)).toEqual(expected);
    expect(await shared().starmap((a: number, b: number) => a * b, pairs, 20)).toEqual(expected);
    expect(await shared().starmapAsync((a: number, b: number) => a * b, pairs, { chunksize: 4 })).toEqual(expected);
    const counted = await shared().starmap((...all: number[]) => all.length, [[], [1], [1, 2, 3]]);
    expect(counted).toEqual([0, 1, 3]);
  });

  test('starmap over items that are no argument lists rejects with a TypeError', async () => {
    const notLists = [1, 2] as unknown as [number][];
    await expect(shared().starmap(square, notLists)).rejects.toBeInstanceOf(TypeError);
  });

  test('cuts into about four chunks for each worker by default', async () => {
    const pool = open(2);
    const chunkOf = await pool.map(async () => {
      const { threadId } = await import('node:worker_threads');
      return `${process.pid}:${threadId}`;
    }, range(80));
    expect(chunkOf).toHaveLength(80);
    // ceil(80 / (4 * 2)) = 10 items in a chunk; a chunk stays with one worker.
    for (let start = 0; start < 80; start += 10) expect(new Set(chunkOf.slice(start, start + 10)).size).toBe(1);
    expect(pool.stats().submitted).toBe(8);
    await pool.map(square, range(81));
    expect(pool.stats().submitted).toBe(8 + 8);
    await pool.map(square, range(3));
    expect(pool.stats().submitted).toBe(8 + 8 + 3);
  });

  test.each([0, -1, 0.5, NaN, Infinity, -Infinity])('a chunksize of %s is a RangeError', async (chunksize) => {
    const expected = { name: 'RangeError', message: expect.stringContaining('Expected `chunksize` to be a positive') };
    await expect(shared().map(square, [1], chunksize)).rejects.toMatchObject(expected);
    await expect(shared().map(square, [], { chunksize })).rejects.toMatchObject(expected);
    await expect(shared().starmap(square, [[1]], chunksize)).rejects.toMatchObject(expected);
    await expect(shared().mapAsync(square, [1], chunksize).get()).rejects.toMatchObject(expected);
    expect(() => shared().mapSync(square, [1], chunksize)).toThrow(RangeError);
    expect(() => shared().imap(square, [1], chunksize)).toThrow(RangeError);
    expect(() => shared().imapUnordered(square, [1], { chunksize })).toThrow(RangeError);
  });

  test('the message about a chunksize says what was expected and what was given', async () => {
    await expect(shared().map(square, [1], 0)).rejects.toThrow(
      'Expected `chunksize` to be a positive integer, got `0` (number)',
    );
    await expect(shared().map(square, [1], { chunksize: '2' as unknown as number })).rejects.toThrow(
      new TypeError('Expected `chunksize` to be a positive integer, got `2` (string)'),
    );
  });

  test.each([[null], [undefined], [5], [{}], [() => 1]])(
    'items that cannot be iterated (%s) are a TypeError',
    async (items) => {
      const given = items as unknown as number[];
      await expect(shared().map(square, given)).rejects.toThrow(/^Expected `items` to be an iterable/);
      await expect(shared().starmap(square, given as unknown as [number][])).rejects.toBeInstanceOf(TypeError);
      await expect(shared().mapAsync(square, given).get()).rejects.toBeInstanceOf(TypeError);
    },
  );

  test('waits for every chunk after a failure, then rejects with the first error received', async () => {
    using gates = new Gates();
    const [arrived, gate, finished] = [gates.path('arrived'), gates.path('gate'), gates.path('finished')];
    const pool = open(2);
    const result = pool.mapAsync(
      async (x: number) => {
        if (x === 1) {
          blockUntilOpen(arrived, gate);
          const { writeFileSync } = await import('node:fs');
          writeFileSync(finished, '');
        }
        if (x === 2) throw new RangeError('first');
        if (x === 1) throw new TypeError('second');
        return x;
      },
      [1, 2],
      1,
    );
    await gates.reached('arrived');
    // The other worker answers calls, so the failing chunk has been received, but the map is still waiting.
    await pool.apply(() => 1);
    expect(result.ready()).toBe(false);
    gates.open('gate');
    await expect(result.get()).rejects.toMatchObject({ name: 'RangeError', message: 'first' });
    expect(gates.isOpen('finished')).toBe(true);
  });

  test('a source that throws, at once or half-way, rejects with that very error and the pool works on', async () => {
    const error = new Error('from the source');
    function* broken(good: number): Generator<number> {
      yield* range(good);
      throw error;
    }
    async function* brokenLater(): AsyncGenerator<number> {
      yield 1;
      throw error;
    }
    for (let round = 0; round < 3; round++) {
      for (const good of [0, 1, 30]) {
        expect(
          await shared()
            .map(square, broken(good), 2)
            .catch((reason: unknown) => reason),
        ).toBe(error);
        expect(
          await shared()
            .mapAsync(square, broken(good))
            .get()
            .catch((reason: unknown) => reason),
        ).toBe(error);
      }
      expect(
        await shared()
          .map(square, brokenLater())
          .catch((reason: unknown) => reason),
      ).toBe(error);
    }
    expect(await shared().map(square, [3])).toEqual([9]);
  });

  test('an item that cannot be copied rejects the call, names its path, and runs nothing of it twice', async () => {
    const items = [1, 2, { handler: () => 1 }];
    const error = await shared()
      .map((x: unknown) => x, items, 1)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataCloneError);
    expect((error as DataCloneError).path).toBe('items[2].handler');
    expect(await shared().map(square, [1, 2])).toEqual([1, 4]);
  });

  test('a result that cannot be copied rejects with ResultEncodingError', async () => {
    const error = await shared()
      .map((x: number) => (x === 2 ? () => x : x), [1, 2, 3])
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ResultEncodingError);
    expect((error as ResultEncodingError).cause).toBeInstanceOf(DataCloneError);
  });

  test('does not see changes of the items after the call', async () => {
    const items = range(100);
    const objects = [{ a: 1 }, { a: 2 }];
    const squares = shared().map(square, items);
    const values = shared().map((o: { a: number }) => o.a, objects);
    items.fill(-1);
    objects[1]!.a = 99;
    expect(await squares).toEqual(range(100).map(square));
    expect(await values).toEqual([1, 2]);
  });

  test('each chunk starts from the captured values, and changes in them are seen by no other', async () => {
    const log: number[] = [];
    const lengths = await open(1).map((x: number) => log.push(x), range(6), 3);
    expect(lengths).toEqual([1, 2, 3, 1, 2, 3]);
    expect(log).toEqual([]);
  });

  test('one slow chunk stalls no other, and its worker gets no fixed share', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(2);
    const done: number[] = [];
    const result = pool.mapAsync(
      (x: number) => {
        if (x === 0) blockUntilOpen(arrived, gate);
        return x;
      },
      range(40),
      { chunksize: 1, onProgress: ({ done: count }) => done.push(count) },
    );
    await gates.reached('arrived');
    while (done.at(-1) !== 39) await new Promise(setImmediate);
    expect(result.ready()).toBe(false);
    gates.open('gate');
    expect(await result).toEqual(range(40));
  });

  test('many maps at once do not mix their results', async () => {
    const maps = range(50).map((k) => shared().map((x: number) => [k, x], range(20), 3));
    (await Promise.all(maps)).forEach((results, k) => expect(results).toEqual(range(20).map((x) => [k, x])));
  });

  test('a hundred thousand items keep their order', async () => {
    const items = range(100_000);
    expect(await shared().map((x: number) => x + 1, items)).toEqual(items.map((x) => x + 1));
  });
});
