// imap and its source: pulled only as far as `buffersize` allows, given back when the consumer leaves, ended by abort and terminate.
import { PoolTerminatedError } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates, until } from './gates.js';

const square = (x: number): number => x * x;

/** An endless source that counts what was taken from it and how often it was given back. */
class Endless {
  taken = 0;
  returned = 0;
  *sync(): Generator<number> {
    try {
      for (;;) yield this.taken++;
    } finally {
      this.returned++;
    }
  }
  async *async(): AsyncGenerator<number> {
    try {
      for (;;) {
        await Promise.resolve();
        yield this.taken++;
      }
    } finally {
      this.returned++;
    }
  }
}
const KINDS = ['sync', 'async'] as const;

onBothBackEnds(({ open, shared }) => {
  test.each(KINDS)('takes at most buffersize items ahead of the consumer: endless %s source', async (kind) => {
    for (const [buffersize, chunksize] of [
      [1, 1],
      [5, 1],
      [6, 2],
      [6, 4],
      [3, 10],
    ] as const) {
      const source = new Endless();
      const iterator = shared().imap(square, source[kind](), { buffersize, chunksize });
      for (let delivered = 0; delivered < 20; delivered++) {
        expect(await iterator.next()).toEqual({ done: false, value: delivered * delivered });
        expect(source.taken).toBeLessThanOrEqual(delivered + 1 + buffersize);
      }
      await shared().apply(() => 1);
      expect(source.taken).toBeLessThanOrEqual(20 + buffersize);
      await iterator.return();
    }
  });

  test.each(KINDS)(
    'by default takes a bounded number ahead of a consumer that does not ask: endless %s source',
    async (kind) => {
      const source = new Endless();
      const iterator = shared().imap(square, source[kind]());
      await until(() => source.taken >= 32);
      for (let i = 0; i < 20; i++) await shared().apply(() => 1);
      expect(source.taken).toBeLessThanOrEqual(33);
      await iterator.return();
    },
  );

  test.each(KINDS)('break stops pulling and gives the %s source back once', async (kind) => {
    for (const chunksize of [1, 4]) {
      const source = new Endless();
      for await (const value of shared().imap(square, source[kind](), { chunksize, buffersize: 8 })) {
        if (value >= 25) break;
      }
      await until(() => source.returned === 1);
      const { taken } = source;
      await shared().map(square, [1, 2, 3], 1);
      expect(source.taken).toBe(taken);
      expect(source.returned).toBe(1);
    }
  });

  test('break cancels what was taken and has not started', async () => {
    using gates = new Gates();
    const [arrived, gate, second] = [gates.path('arrived'), gates.path('gate'), gates.path('second')];
    const pool = open(1);
    const iterator = pool.imap((x: number) => blockUntilOpen(x === 0 ? arrived : second, gate), [0, 1, 2, 3]);
    await gates.reached('arrived');
    await iterator.return();
    gates.open('gate');
    // Ends only when nothing is left to do.
    pool.close();
    await pool.join();
    expect(gates.isOpen('second')).toBe(false);
  });

  test('return is repeatable, answers waiting requests with done, and the pool works on', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(1);
    const iterator = pool.imap(() => blockUntilOpen(arrived, gate), [0]);
    await gates.reached('arrived');
    const waiting = iterator.next();
    expect(await iterator.return()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await iterator.return()).toEqual({ done: true, value: undefined });
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test('a source that has ended by itself is not given back', async () => {
    let returned = 0;
    const source: Iterable<number> = {
      [Symbol.iterator]: () => {
        let i = 0;
        return {
          next: () => (i < 2 ? { done: false, value: i++ } : { done: true, value: undefined }),
          return: () => {
            returned++;
            return { done: true, value: undefined };
          },
        };
      },
    };
    const iterator = shared().imap(square, source);
    while ((await iterator.next()).done !== true);
    await iterator.return();
    expect(returned).toBe(0);
  });

  test('an async source that is slow delays only what it has not given', async () => {
    let give: (value: number) => void = () => undefined;
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      yield await new Promise<number>((resolve) => (give = resolve));
    }
    // With a larger chunksize a consumer must not wait for the chunk to fill up.
    const iterator = shared().imap(square, slow(), { chunksize: 10 });
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    give(3);
    expect(await iterator.next()).toEqual({ done: false, value: 9 });
    expect((await iterator.next()).done).toBe(true);
  });

  test('what a slow async source has given while a task ran does not wait for what it gives next', async () => {
    async function* slow(): AsyncGenerator<number> {
      yield* [1, 2, 3];
      await new Promise(() => undefined);
    }
    const iterator = shared().imap(square, slow(), { chunksize: 10 });
    for (const value of [1, 4, 9]) expect(await iterator.next()).toEqual({ done: false, value });
  });

  test('tasks have whole chunks however the consumer takes results, with room for two', async () => {
    const pool = open(2);
    const items = Array.from({ length: 1000 }, (_, i) => i);
    for (const [buffersize, tasks] of [
      [undefined, 10],
      [300, 10],
      [200, 10],
      [100, 19],
      [60, 33],
    ] as const) {
      const before = pool.stats().submitted;
      let next = 0;
      const options = { chunksize: 100, ...(buffersize === undefined ? {} : { buffersize }) };
      for await (const value of pool.imap(square, items, options)) expect(value).toBe((next++) ** 2);
      expect(next).toBe(1000);
      expect(pool.stats().submitted - before).toBe(tasks);
    }
  });

  test.each(KINDS)(
    'an abort ends the iteration with the reason, stops pulling and gives the %s source back',
    async (kind) => {
      const source = new Endless();
      const controller = new AbortController();
      const reason = new Error('enough');
      const iterator = shared().imap(square, source[kind](), { signal: controller.signal, buffersize: 4 });
      expect((await iterator.next()).value).toBe(0);
      controller.abort(reason);
      const errors: unknown[] = [];
      for (;;) {
        const item = await iterator.next().catch((error: unknown) => ({ error }));
        if ('error' in item) errors.push(item.error);
        else if (item.done === true) break;
      }
      expect(errors.length).toBeGreaterThanOrEqual(1);
      expect(errors.every((error) => error === reason)).toBe(true);
      await until(() => source.returned === 1);
      const { taken } = source;
      await shared().apply(square, [1]);
      expect(source.taken).toBe(taken);
    },
  );

  test('an abort reaches a consumer that waits for a silent source', async () => {
    const controller = new AbortController();
    const silent: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const waiting = shared().imap(square, silent, { signal: controller.signal }).next();
    controller.abort('why');
    expect(await waiting.catch((error: unknown) => error)).toBe('why');
  });

  test('a signal that is aborted already rejects the first next and takes nothing', async () => {
    const source = new Endless();
    const iterator = shared().imap(square, source.sync(), { signal: AbortSignal.abort('never') });
    expect(await iterator.next().catch((error: unknown) => error)).toBe('never');
    expect(source.taken).toBe(0);
    expect((await iterator.next()).done).toBe(true);
  });

  test.each(KINDS)(
    'terminate ends the iteration with PoolTerminatedError and gives the %s source back',
    async (kind) => {
      const source = new Endless();
      const pool = open(2);
      const iterator = pool.imap(square, source[kind](), { buffersize: 4 });
      expect((await iterator.next()).value).toBe(0);
      await pool.terminate();
      const errors: unknown[] = [];
      for (;;) {
        const item = await iterator.next().catch((error: unknown) => ({ error }));
        if ('error' in item) errors.push(item.error);
        else if (item.done === true) break;
      }
      expect(errors.length).toBeGreaterThanOrEqual(1);
      expect(errors.every((error) => error instanceof PoolTerminatedError)).toBe(true);
      await until(() => source.returned === 1);
    },
  );

  test('close lets an open iterator take the rest of its source', async () => {
    const pool = open(2);
    const iterator = pool.imap(
      square,
      Array.from({ length: 200 }, (_, i) => i),
      { buffersize: 3 },
    );
    pool.close();
    let sum = 0;
    for await (const value of iterator) sum += value;
    expect(sum).toBe(Array.from({ length: 200 }, (_, i) => i * i).reduce((a, b) => a + b));
    await pool.join();
  });

  test('join takes the rest of the source and keeps the results for the consumer', async () => {
    const pool = open(2);
    const iterator = pool.imap(
      square,
      Array.from({ length: 200 }, (_, i) => i),
      { buffersize: 3 },
    );
    pool.close();
    await pool.join();
    let count = 0;
    for await (const value of iterator) expect(value).toBe((count++) ** 2);
    expect(count).toBe(200);
  });

  test.each(KINDS)('terminate ends a join that would take an endless %s source for ever', async (kind) => {
    const source = new Endless();
    const pool = open(1);
    const iterator = pool.imap(square, source[kind](), { buffersize: 2 });
    pool.close();
    const joined = pool.join();
    await until(() => source.taken > 50);
    await pool.terminate();
    await joined;
    await until(() => source.returned === 1);
    await iterator.return();
  });

  test.each(KINDS)(
    'an iteration that a failed item ended does not keep the pool from ending: endless %s source',
    async (kind) => {
      const source = new Endless();
      {
        await using pool = open(1);
        const fails = (x: number): number => {
          if (x === 3) throw new Error('three');
          return x;
        };
        const consume = async (): Promise<void> => {
          for await (const value of pool.imap(fails, source[kind](), { buffersize: 2 })) expect(value).toBeLessThan(3);
        };
        await expect(consume()).rejects.toThrow('three');
      }
      await until(() => source.returned === 1);
    },
  );

  test.each(['iterator', 'asyncIterator'] as const)(
    'what is no result of a %s is refused as for...of does',
    async (kind) => {
      const source = { [Symbol[kind]]: () => ({ next: () => 5 }) } as unknown as Iterable<number>;
      const refused = 'Iterator result 5 is not an object';
      await expect(shared().imap(square, source).next()).rejects.toThrow(new TypeError(refused));
      await expect(shared().map(square, source)).rejects.toThrow(TypeError);
    },
  );

  test('the error of a failing clean-up of the source has nobody to go to', async () => {
    const source: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => {
          throw new Error('clean-up');
        },
      }),
    };
    for await (const value of shared().imap(square, source)) {
      expect(value).toBe(1);
      break;
    }
  });
});
