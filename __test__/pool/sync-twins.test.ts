// applySync, mapSync and starmapSync: block this thread until the result is there, with the same rules as their twins.
import { basename } from 'node:path';
import { DataCloneError, TimeoutError, WorkerDiedError } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { exportedSquare } from './fixtures/tasks.mjs';

const square = (x: number): number => x * x;
const plus = (a: number, b: number): number => a + b;
const thrown = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return { error };
  }
};

onBothBackEnds(({ open, shared }) => {
  test('give results at once, also as the first call of a new pool', () => {
    expect(open(1).applySync(square, [5])).toBe(25);
    expect(shared().mapSync(square, [1, 2, 3], 1)).toEqual([1, 4, 9]);
    expect(
      shared().starmapSync(plus, [
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([3, 7]);
    expect(shared().mapSync((x: number) => x * 2, Float64Array.of(1, 2))).toEqual(Float64Array.of(2, 4));
    expect(shared().mapSync(square, [])).toEqual([]);
    expect(shared().mapSync(square, new Set([1, 2]))).toEqual([1, 4]);
  });

  test('async functions, closures and references work', () => {
    const k = 3;
    expect(shared().applySync(async (x: number) => x * k, [2])).toBe(6);
    expect(shared().applySync({ module: 'node:path', name: 'basename' }, ['/a/b'] as never)).toBe('b');
  });

  test('functions exported by ES modules work at their first use, directly and captured', () => {
    expect(open(1).applySync(exportedSquare, [4])).toBe(16);
    expect(open(1).applySync((x: number) => exportedSquare(x) + basename('/1').length, [4])).toBe(17);
    expect(open(1).mapSync(exportedSquare, [1, 2])).toEqual([1, 4]);
  });

  test('throw what the task threw, with its class; falsy things too', () => {
    expect(() =>
      shared().applySync(() => {
        throw new RangeError('sync');
      }),
    ).toThrow(new RangeError('sync'));
    for (const value of [undefined, null, 0, '']) {
      const outcome = thrown(() =>
        shared().applySync(
          (x: unknown) => {
            throw x;
          },
          [value],
        ),
      );
      expect(outcome).toEqual({ error: value });
    }
    expect(() => shared().mapSync((x: number) => (x === 2 ? process.exit(1) : x), [1, 2, 3], 1)).toThrow(
      WorkerDiedError,
    );
    expect(() => shared().applySync((x: unknown) => x, [() => 1])).toThrow(DataCloneError);
    expect(() => shared().applySync('text' as never)).toThrow(TypeError);
  });

  test('time limits stop a busy loop while this thread is blocked', () => {
    const spin = (): never => {
      for (;;);
    };
    const pool = open(1);
    expect(() => pool.applySync(spin, [], { timeout: 30 })).toThrow(TimeoutError);
    expect(pool.applySync(square, [3])).toBe(9);
  });

  test('survive the death of workers and retry', () => {
    const pool = open(1);
    expect(() => pool.applySync(() => process.exit(2))).toThrow(WorkerDiedError);
    expect(pool.applySync(square, [3])).toBe(9);
    expect(() => pool.applySync(() => process.exit(2), [], { retries: 2 })).toThrow(WorkerDiedError);
    expect(pool.stats().retried).toBe(2);
  });

  test('tell with which code a worker ended, while nobody hears of its end', () => {
    const pool = open(1);
    for (const exitCode of [0, 3]) {
      const outcome = thrown(() => pool.applySync((code: number) => process.exit(code), [exitCode]));
      expect(outcome).toMatchObject({ error: { code: 'ERR_WORKER_DIED', exitCode, signal: null } });
    }
  });

  test('calls submitted before go on and settle after', async () => {
    const pool = open(2);
    const before = Array.from({ length: 20 }, (_, i) => pool.apply(square, [i]));
    expect(pool.applySync(square, [100])).toBe(10_000);
    expect(await Promise.all(before)).toEqual(Array.from({ length: 20 }, (_, i) => i * i));
  });

  test('an asynchronous source cannot be waited for and is a TypeError', () => {
    async function* later(): AsyncGenerator<number> {
      yield 1;
    }
    expect(() => shared().mapSync(square, later() as never)).toThrow(TypeError);
    expect(() => shared().starmapSync(square, later() as never)).toThrow(TypeError);
  });

  test('a thousand in a row', () => {
    const pool = shared();
    for (let i = 0; i < 1000; i++) expect(pool.applySync(square, [i])).toBe(i * i);
  });
});
