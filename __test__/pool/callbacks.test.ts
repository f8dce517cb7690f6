// Callbacks of async calls: called once, before anybody who waits, in the caller's context, and harmless when they throw.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';

const square = (x: number): number => x * x;
const fail = (text: string): never => {
  throw new TypeError(text);
};
const nextError = (pool: Pool): Promise<unknown> => new Promise((resolve) => pool.on('error', resolve));

onBothBackEnds(({ open, shared }) => {
  test('callback gets the value, errorCallback the error, each once and before wait returns', async () => {
    const calls: [string, unknown][] = [];
    const options = {
      callback: (value: unknown) => calls.push(['value', value]),
      errorCallback: (error: unknown) => calls.push(['error', (error as Error).message]),
    };
    await shared().applyAsync(square, [4], options).wait();
    expect(calls).toEqual([['value', 16]]);
    await shared().applyAsync(fail, ['bad'], options).wait();
    expect(calls).toEqual([
      ['value', 16],
      ['error', 'bad'],
    ]);
  });

  test('of a map: once, with the whole list or with the error that get gives', async () => {
    const calls: unknown[] = [];
    await shared()
      .mapAsync(square, [1, 2, 3], { chunksize: 1, callback: (list) => calls.push(list) })
      .wait();
    await shared()
      .starmapAsync((a: number, b: number) => a + b, [[1, 2]], { callback: (list) => calls.push(list) })
      .wait();
    expect(calls).toEqual([[1, 4, 9], [3]]);
    const result = shared().mapAsync(fail, ['a', 'b'], {
      chunksize: 1,
      callback: () => calls.push('never'),
      errorCallback: (error) => calls.push(error),
    });
    const error = await result.get().catch((reason: unknown) => reason);
    expect(calls).toHaveLength(3);
    expect(calls[2]).toBe(error);
  });

  test('is called for an empty iterable too', async () => {
    const calls: unknown[] = [];
    const result = shared().mapAsync(square, [], { callback: (list) => calls.push(list) });
    await result.wait();
    await shared().starmapAsync(square, [], 1).wait();
    expect(calls).toEqual([[]]);
    expect(await result).toEqual([]);
  });

  test('errorCallback hears of caller mistakes, cancel and falsy errors', async () => {
    const errors: unknown[] = [];
    const errorCallback = (error: unknown): number => errors.push(error);
    await shared()
      .applyAsync(square, 'no array' as never, { errorCallback })
      .wait();
    const cancelled = open(1).applyAsync(square, [1], { errorCallback });
    cancelled.cancel();
    await shared()
      .applyAsync(
        () => {
          throw undefined; // oxlint-disable-line no-throw-literal -- the subject of the test
        },
        [],
        { errorCallback },
      )
      .wait();
    expect(errors.map((error) => (error as Error | undefined)?.name)).toEqual([
      'TypeError',
      'CancelledError',
      undefined,
    ]);
  });

  test('one that throws goes to the error event and stops nothing', async () => {
    const pool = open(2);
    const boom = new Error('callback');
    const heard = nextError(pool);
    const result = pool.applyAsync(square, [3], {
      callback: () => {
        throw boom;
      },
    });
    expect(await result.get()).toBe(9);
    expect(await heard).toBe(boom);
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    pool.close();
    await pool.join();
  });

  test('a throwing errorCallback and a rejecting async one go there too', async () => {
    for (const rejecting of [false, true]) {
      const pool = open(1);
      const boom = new Error('errorCallback');
      const heard = nextError(pool);
      const errorCallback = rejecting
        ? async (): Promise<never> => Promise.reject(boom)
        : (): never => {
            throw boom;
          };
      await pool.applyAsync(fail, ['x'], { errorCallback }).wait();
      expect(await heard).toBe(boom);
      expect(await pool.apply(square, [2])).toBe(4);
    }
  });

  test('a throwing onProgress goes there too, and the map still gives all results', async () => {
    const pool = open(2);
    const boom = new Error('progress');
    const heard = nextError(pool);
    const onProgress = (): never => {
      throw boom;
    };
    expect(await pool.map(square, [1, 2, 3, 4], { chunksize: 1, onProgress })).toEqual([1, 4, 9, 16]);
    expect(await heard).toBe(boom);
  });

  test('without a listener it becomes a process warning', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    await open(1)
      .applyAsync(square, [1], {
        callback: () => {
          throw new Error('nobody listens');
        },
      })
      .wait();
    expect((await warned).message).toBe('nobody listens');
  });

  test('the warning shows the cause, and what is no error', async () => {
    const warnings: (Error & { detail?: string })[] = [];
    const both = new Promise<void>((resolve) => {
      const listen = (warning: Error): void => {
        if (warnings.push(warning) < 2) return;
        process.off('warning', listen);
        resolve();
      };
      process.on('warning', listen);
    });
    for (const thrown of [new Error('outer', { cause: new RangeError('inner') }), Object.create(null) as unknown]) {
      await open(1)
        .applyAsync(square, [1], {
          callback: () => {
            throw thrown;
          },
        })
        .wait();
    }
    await both;
    expect(warnings[0]?.detail).toMatch(/^\[cause\]: RangeError: inner/);
    expect(warnings[1]?.message).toBe('[Object: null prototype] {}');
  });

  test('may call the pool again, blocking too', async () => {
    const pool = open(2);
    const inner: unknown[] = [];
    const results = Array.from({ length: 20 }, (_, i) =>
      pool.applyAsync(square, [i], { callback: (value) => inner.push(pool.applySync(square, [value])) }),
    );
    const outer = await Promise.all(results);
    expect(inner.toSorted((a, b) => (a as number) - (b as number))).toEqual(outer.map(square));
  });

  test.each([1, 'text', {}])('one that is no function (%s) is a TypeError', async (callback) => {
    for (const options of [{ callback }, { errorCallback: callback }]) {
      const wrong = shared().applyAsync(square, [1], options as never);
      await expect(wrong.get()).rejects.toMatchObject({
        name: 'TypeError',
        message: expect.stringContaining('allback`'),
      });
    }
    await expect(shared().map(square, [1], { onProgress: callback } as never)).rejects.toThrow(TypeError);
  });

  test('runs in the async context of its caller, and so does everything after an await', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const note = (): number => seen.push(storage.getStore());
    const pool = open(2);
    await Promise.all(
      ['one', 'two'].map((name) =>
        storage.run(name, async () => {
          seen.length = 0;
          await pool.applyAsync(square, [1], { callback: note }).wait();
          await pool.applyAsync(fail, ['x'], { errorCallback: note }).wait();
          await pool.map(square, [1, 2], { chunksize: 2, onProgress: note });
          return storage.getStore();
        }),
      ),
    ).then((names) => expect(names).toEqual(['one', 'two']));
    expect(seen).toHaveLength(6);
    expect(seen.filter((name) => name === 'one')).toHaveLength(3);
  });

  test('pulls the source of imap in the async context of its caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = new Set<string | undefined>();
    function* source(): Generator<number> {
      for (let i = 0; i < 30; i++) {
        seen.add(storage.getStore());
        yield i;
      }
    }
    const iterator = storage.run('caller', () => shared().imap(square, source(), { buffersize: 2 }));
    await storage.run('consumer', async () => {
      for await (const value of iterator) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(storage.getStore()).toBe('consumer');
      }
    });
    expect([...seen]).toEqual(['caller']);
  });
});
