// imap and imapUnordered: results one by one, in order or as they finish, with failures that concern only their item.
import { DataCloneError, ResultEncodingError, TimeoutError } from 'manyhands';
import { expect, test } from 'vitest';
import { collectGarbage, onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates } from './gates.js';

const square = (x: number): number => x * x;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const oddFails = (x: number): number => {
  if (x % 2 === 1) throw new RangeError(`odd ${x}`);
  return x;
};
const collect = async <T>(iterator: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const value of iterator) all.push(value);
  return all;
};
/** Every outcome of an iterator that goes on after failures. */
const outcomes = async (iterator: AsyncIterator<unknown>): Promise<unknown[]> => {
  const all: unknown[] = [];
  for (;;) {
    try {
      const item = await iterator.next();
      if (item.done === true) return all;
      all.push(item.value);
    } catch (error) {
      all.push(error instanceof Error ? error.message : error);
    }
  }
};

onBothBackEnds(({ open, shared }) => {
  test('gives results in the order of the items, for every chunksize', async () => {
    const expected = range(50).map(square);
    expect(await collect(shared().imap(square, range(50)))).toEqual(expected);
    for (const chunksize of [1, 3, 50, 100]) {
      expect(await collect(shared().imap(square, range(50), chunksize))).toEqual(expected);
      expect(await collect(shared().imap(square, range(50), { chunksize, buffersize: 7 }))).toEqual(expected);
    }
  });

  test('does not keep a result that was taken, though others of its chunk were not', async () => {
    const iterator = shared().imap((n: number) => ({ n }), range(20), { chunksize: 20 });
    const first = new WeakRef((await iterator.next()).value ?? {});
    // A WeakRef keeps its target until the end of the turn it was made in.
    await new Promise(setImmediate);
    collectGarbage();
    expect(first.deref()).toBeUndefined();
    expect((await iterator.next()).value).toEqual({ n: 1 });
    await iterator.return();
  });

  test('imapUnordered gives each result once', async () => {
    const expected = range(200).map(square);
    for (const chunksize of [1, 9]) {
      const seen = await collect(shared().imapUnordered(square, range(200), chunksize));
      expect(seen.toSorted((a, b) => a - b)).toEqual(expected);
    }
  });

  test('imapUnordered gives a result as soon as it is there, imap holds it for its turn', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(2);
    const fn = (x: number): number => {
      if (x === 0) blockUntilOpen(arrived, gate);
      return x;
    };
    const unordered = pool.imapUnordered(fn, [0, 1, 2]);
    await gates.reached('arrived');
    expect(new Set([(await unordered.next()).value, (await unordered.next()).value])).toEqual(new Set([1, 2]));
    await expect(unordered.next({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
    gates.open('gate');
    expect(await unordered.next()).toEqual({ done: false, value: 0 });
    expect(await unordered.next()).toEqual({ done: true, value: undefined });
  });

  test('takes strings, sets, generators and async iterables', async () => {
    const echo = (x: unknown): unknown => x;
    expect(await collect(shared().imap(echo, 'abc'))).toEqual(['a', 'b', 'c']);
    expect(await collect(shared().imap(echo, new Set([1, 2])))).toEqual([1, 2]);
    async function* later(): AsyncGenerator<number> {
      yield 1;
      await new Promise(setImmediate);
      yield 2;
    }
    expect(await collect(shared().imap(echo, later()))).toEqual([1, 2]);
    expect(await collect(shared().imap(echo, later(), 5))).toEqual([1, 2]);
  });

  test('an empty source ends at once', async () => {
    async function* nothing(): AsyncGenerator<number> {}
    for (const source of [[], nothing()]) {
      expect(await shared().imap(square, source).next()).toEqual({ done: true, value: undefined });
      expect(await shared().imapUnordered(square, source, 3).next()).toEqual({ done: true, value: undefined });
    }
  });

  test('next after the end says done again and again', async () => {
    const iterator = shared().imap(square, [2]);
    expect(await iterator.next()).toEqual({ done: false, value: 4 });
    for (let i = 0; i < 3; i++) expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.next({ timeout: 0 })).toEqual({ done: true, value: undefined });
  });

  test('several requests at once are answered in order, those beyond the end with done', async () => {
    const iterator = shared().imap(square, [1, 2]);
    const answers = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    expect(answers.map(({ value }) => value)).toEqual([1, 4, undefined, undefined]);
    expect(answers.map(({ done }) => done)).toEqual([false, false, true, true]);
  });

  test.each([1, 2, 3, 10])(
    'a failed item rejects its own next and the iteration goes on, chunksize %s',
    async (chunksize) => {
      const expected = [0, 'odd 1', 2, 'odd 3', 4, 'odd 5', 6];
      expect(await outcomes(shared().imap(oddFails, range(7), chunksize))).toEqual(expected);
      const unordered = await outcomes(shared().imapUnordered(oddFails, range(7), chunksize));
      expect(new Set(unordered)).toEqual(new Set(expected));
    },
  );

  test('falsy things thrown reject their next as what they are', async () => {
    const thrown = [undefined, null, 0, '', false, NaN];
    const fn = (x: unknown): never => {
      throw x;
    };
    for (const chunksize of [1, 4]) {
      const iterator = shared().imap(fn, thrown, chunksize);
      for (const value of thrown) {
        const outcome = await iterator.next().then(
          () => 'fulfilled',
          (error: unknown) => ({ error }),
        );
        expect(outcome).toEqual({ error: value });
      }
      expect((await iterator.next()).done).toBe(true);
    }
  });

  test.each([1, 4])('an item or result that cannot be copied fails alone, chunksize %s', async (chunksize) => {
    const items = [1, { handler: () => 1 }, 3, 'unsendable result'];
    const iterator = shared().imap((x: unknown) => (typeof x === 'string' ? () => x : x), items, chunksize);
    expect((await iterator.next()).value).toBe(1);
    const refused = await iterator.next().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DataCloneError);
    expect((refused as DataCloneError).path).toMatch(/^items\[\d+\]\.handler$/);
    expect((await iterator.next()).value).toBe(3);
    const unsendable = await iterator.next().catch((error: unknown) => error);
    expect(unsendable).toBeInstanceOf(ResultEncodingError);
    expect((unsendable as Error).cause).toBeInstanceOf(DataCloneError);
    expect((await iterator.next()).done).toBe(true);
  });

  test.each([1, 3, 8])(
    'when the source throws half-way every item before is delivered, then its error, unwrapped; chunksize %s',
    async (chunksize) => {
      const error = new Error('from the source');
      function* broken(good: number): Generator<number> {
        yield* range(good);
        throw error;
      }
      async function* brokenLater(good: number): AsyncGenerator<number> {
        yield* range(good);
        throw error;
      }
      for (const good of [0, 1, 4, 8]) {
        for (const source of [broken(good), brokenLater(good)]) {
          const iterator = shared().imap(square, source, chunksize);
          for (let i = 0; i < good; i++) expect(await iterator.next()).toEqual({ done: false, value: i * i });
          expect(await iterator.next().catch((reason: unknown) => reason)).toBe(error);
          expect(await iterator.next()).toEqual({ done: true, value: undefined });
        }
        const unordered = shared().imapUnordered(square, broken(good), chunksize);
        const seen: unknown[] = [];
        for (let i = 0; i < good; i++) seen.push((await unordered.next()).value);
        expect(new Set(seen)).toEqual(new Set(range(good).map(square)));
        expect(await unordered.next().catch((reason: unknown) => reason)).toBe(error);
      }
      expect('remoteStack' in error).toBe(false);
    },
  );

  test('a source that throws undefined, or when it is asked for its iterator, rejects with that', async () => {
    // oxlint-disable-next-line require-yield -- the subject of the test
    function* broken(): Generator<number> {
      throw undefined; // oxlint-disable-line no-throw-literal
    }
    const outcome = await shared()
      .imap(square, broken())
      .next()
      .then(
        () => 'fulfilled',
        (error: unknown) => ({ error }),
      );
    expect(outcome).toEqual({ error: undefined });
    const error = new Error('no iterator');
    const refusing: Iterable<number> = {
      [Symbol.iterator]: () => {
        throw error;
      },
    };
    expect(
      await shared()
        .imap(square, refusing)
        .next()
        .catch((reason: unknown) => reason),
    ).toBe(error);
  });

  test('next with a time limit rejects with TimeoutError and leaves the item for a later next', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const iterator = open(1).imap(
      (x: number) => (x === 0 ? blockUntilOpen(arrived, gate).length && 'slow' : 'fast'),
      [0, 1],
    );
    await gates.reached('arrived');
    for (const timeout of [0, -5, 1, 20]) {
      const error = await iterator.next({ timeout }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'TimeoutError', code: 'ERR_TIMEOUT' });
    }
    gates.open('gate');
    expect(await iterator.next({ timeout: 60_000 })).toEqual({ done: false, value: 'slow' });
    expect(await iterator.next()).toEqual({ done: false, value: 'fast' });
    expect((await iterator.next()).done).toBe(true);
  });

  test('a request that timed out does not swallow the answer of the one behind it', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const iterator = open(1).imap((x: number) => (x === 0 ? blockUntilOpen(arrived, gate) && x : x), [0, 1]);
    const first = iterator.next({ timeout: 5 }).catch((error: unknown) => error);
    const second = iterator.next();
    expect(await first).toBeInstanceOf(TimeoutError);
    gates.open('gate');
    expect(await second).toEqual({ done: false, value: 0 });
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
  });

  test.each(['soon', NaN, null])('a time limit of %s is a caller mistake', async (timeout) => {
    const iterator = shared().imap(square, [1]);
    const error = await iterator.next({ timeout: timeout as number }).catch((reason: unknown) => reason);
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    expect((await iterator.next()).value).toBe(1);
  });

  test.each([0, -1, 1.5, NaN])('a buffersize of %s is a RangeError', (buffersize) => {
    expect(() => shared().imap(square, [1], { buffersize })).toThrow(RangeError);
    expect(() => shared().imapUnordered(square, [1], { buffersize: '1' as unknown as number })).toThrow(TypeError);
  });

  test('is an async iterable iterator that `await using` ends', async () => {
    const iterator = shared().imap(square, range(5));
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
    {
      await using same = iterator;
      expect((await same.next()).value).toBe(0);
    }
    expect((await iterator.next()).done).toBe(true);
  });

  test.each([1, 2, 5])('an item that cannot be copied is named by its place, in chunks of %s', async (chunksize) => {
    const items = [0, 1, 2, { handler: () => 1 }, 4];
    const iterator = shared().imap((x: unknown) => x, items, { chunksize });
    for (const expected of [0, 1, 2]) expect((await iterator.next()).value).toBe(expected);
    await expect(iterator.next()).rejects.toMatchObject({
      name: 'DataCloneError',
      path: 'items[3].handler',
      message: expect.stringMatching(/^items\[3\]\.handler cannot be copied/),
    });
    expect((await iterator.next()).value).toBe(4);
    expect((await iterator.next()).done).toBe(true);
  });

  test('a function that cannot be captured rejects the first next, and the iterator can be ended', async () => {
    const socketLike = new WeakMap();
    for (const end of [true, false]) {
      const iterator = shared().imap((x: number) => socketLike.has({ x }), [1, 2]);
      if (end) expect(await iterator.return()).toEqual({ done: true, value: undefined });
      else await expect(iterator.next()).rejects.toMatchObject({ code: 'ERR_CAPTURE', variable: 'socketLike' });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    }
  });
});
