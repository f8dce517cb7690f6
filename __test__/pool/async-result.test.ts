// AsyncResult: the handle that applyAsync and mapAsync give: asked, waited for with a limit, awaited, cancelled.
import { readdirSync } from 'node:fs';
import { CancelledError, StateError, TimeoutError } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates, until } from './gates.js';

const square = (x: number): number => x * x;
const failWith = (text: string): never => {
  throw new RangeError(text);
};

onBothBackEnds(({ open, shared }) => {
  test('get gives the value, again and again', async () => {
    const result = shared().applyAsync(square, [7]);
    expect(await result.get()).toBe(49);
    expect(await result.get({ timeout: 0 })).toBe(49);
    expect(await result).toBe(49);
    expect(await shared().mapAsync(square, [1, 2, 3])).toEqual([1, 4, 9]);
  });

  test('get rejects with the very same error each time', async () => {
    const result = shared().applyAsync(failWith, ['once']);
    const first = await result.get().catch((error: unknown) => error);
    const second = await result.get().catch((error: unknown) => error);
    expect(first).toBeInstanceOf(RangeError);
    expect(second).toBe(first);
  });

  test('ready and successful tell how far it is', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const result = open(1).applyAsync(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    expect(result.ready()).toBe(false);
    expect(() => result.successful()).toThrow(StateError);
    gates.open('gate');
    await result.wait();
    expect(result.ready()).toBe(true);
    expect(result.successful()).toBe(true);
    const failed = shared().applyAsync(failWith, ['no']);
    await failed.wait();
    expect(failed.ready()).toBe(true);
    expect(failed.successful()).toBe(false);
  });

  test('get with a time limit rejects with TimeoutError while the call goes on', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const result = open(1).applyAsync(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    for (const timeout of [0, -1, 5]) {
      const started = performance.now();
      await expect(result.get({ timeout })).rejects.toBeInstanceOf(TimeoutError);
      expect(performance.now() - started).toBeGreaterThanOrEqual(Math.max(0, timeout - 1));
      expect(result.ready()).toBe(false);
    }
    gates.open('gate');
    expect(await result.get({ timeout: 60_000 })).toBe(arrived);
  });

  test('wait returns without a value at the time limit and never rejects for what the task threw', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const result = open(1).applyAsync(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    expect(await result.wait({ timeout: 1 })).toBeUndefined();
    expect(await result.wait({ timeout: 0 })).toBeUndefined();
    expect(result.ready()).toBe(false);
    gates.open('gate');
    expect(await result.wait()).toBeUndefined();
    expect(await shared().applyAsync(failWith, ['quiet']).wait()).toBeUndefined();
  });

  test('a signal ends the wait with its reason, not the call', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const result = open(1).applyAsync(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const controller = new AbortController();
    const reason = { why: 'tired' };
    const waits = [result.get({ signal: controller.signal }), result.wait({ signal: controller.signal })];
    controller.abort(reason);
    for (const wait of waits) expect(await wait.catch((error: unknown) => error)).toBe(reason);
    expect(await result.get({ signal: AbortSignal.abort('early') }).catch((error: unknown) => error)).toBe('early');
    gates.open('gate');
    expect(await result).toBe(arrived);
  });

  test('is thenable with the rules of promises', async () => {
    const chained = shared()
      .applyAsync(square, [3])
      .then((value) => value + 1)
      .then(String);
    expect(await chained).toBe('10');
    expect(
      await shared()
        .applyAsync(failWith, ['x'])
        .then(undefined, () => 'handled'),
    ).toBe('handled');
    const all = await Promise.all([shared().applyAsync(square, [1]), shared().applyAsync(square, [2])]);
    expect(all).toEqual([1, 4]);
  });

  test('a failure that nobody looks at is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): number => unhandled.push(error);
    process.on('unhandledRejection', listener);
    try {
      const result = shared().applyAsync(failWith, ['nobody looks']);
      await until(() => result.ready());
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listener);
    }
  });

  test('cancel of a queued call rejects it with CancelledError and it never runs', async () => {
    using gates = new Gates();
    const [arrived, gate, second] = [gates.path('arrived'), gates.path('gate'), gates.path('second')];
    const pool = open(1);
    const first = pool.applyAsync(blockUntilOpen, [arrived, gate]);
    const queued = pool.applyAsync(blockUntilOpen, [second, gate]);
    await gates.reached('arrived');
    expect(queued.cancel()).toBe(true);
    expect(queued.ready()).toBe(true);
    expect(queued.successful()).toBe(false);
    await expect(queued.get()).rejects.toBeInstanceOf(CancelledError);
    await expect(queued.get()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    gates.open('gate');
    expect(await first).toBe(arrived);
    expect(await pool.apply(square, [2])).toBe(4);
    expect(gates.isOpen('second')).toBe(false);
  });

  test('cancel of a running call stops it in its busy loop and replaces the worker', async () => {
    using gates = new Gates();
    const pool = open(1);
    const arrived = gates.path('arrived');
    const spinning = pool.applyAsync(() => {
      process.getBuiltinModule('node:fs').writeFileSync(arrived, '');
      for (;;);
    });
    await gates.reached('arrived');
    expect(spinning.cancel()).toBe(true);
    await expect(spinning.get()).rejects.toBeInstanceOf(CancelledError);
    expect(await pool.apply(square, [5])).toBe(25);
  });

  test('cancel of what has ended says false and changes nothing', async () => {
    const result = shared().applyAsync(square, [3]);
    await result.wait();
    expect(result.cancel()).toBe(false);
    expect(await result).toBe(9);
    const cancelled = open(1).applyAsync(square, [3]);
    expect([cancelled.cancel(), cancelled.cancel()]).toEqual([true, false]);
    await expect(cancelled.get()).rejects.toBeInstanceOf(CancelledError);
  });

  test('cancel of a map rejects it, whatever had failed before, and runs none of its waiting chunks', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(2);
    const fn = (x: number): string => {
      if (x === 0) throw new Error('failed early');
      return blockUntilOpen(`${arrived}${x}`, gate);
    };
    const result = pool.mapAsync(
      fn,
      Array.from({ length: 20 }, (_, i) => i),
      1,
    );
    await until(() => pool.stats().failed === 1);
    await until(() => readdirSync(gates.folder).length === 2);
    expect(result.ready()).toBe(false);
    expect(result.cancel()).toBe(true);
    await expect(result.get()).rejects.toBeInstanceOf(CancelledError);
    gates.open('gate');
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    expect(readdirSync(gates.folder)).toHaveLength(3);
  });

  test('cancel of a map that still lists an asynchronous source gives the source back', async () => {
    let returned = 0;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) {
          await new Promise(setImmediate);
          yield i;
        }
      } finally {
        returned++;
      }
    }
    const pool = open(1);
    const result = pool.mapAsync(square, endless());
    expect(result.cancel()).toBe(true);
    await expect(result.get()).rejects.toBeInstanceOf(CancelledError);
    await until(() => returned === 1);
    expect(pool.stats().submitted).toBe(0);
  });

  test.each([NaN, 'soon', null])('a time limit of %s is a caller mistake', async (timeout) => {
    const result = shared().applyAsync(square, [1]);
    for (const wait of [result.get({ timeout: timeout as number }), result.wait({ timeout: timeout as number })]) {
      const error = await wait.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    }
    await result;
  });

  test('a call that cannot be made gives a handle that has failed', async () => {
    const closed = open(1);
    closed.close();
    const refused = closed.applyAsync(square, [1]);
    expect(refused.ready()).toBe(true);
    expect(refused.successful()).toBe(false);
    await expect(refused.get()).rejects.toBeInstanceOf(StateError);
    await expect(
      shared()
        .applyAsync('no function' as never)
        .get(),
    ).rejects.toBeInstanceOf(TypeError);
  });
});
