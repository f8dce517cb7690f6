// What CPython's own tests ask of conditions and barriers that several processes share, and who waits here beside them.
import { Barrier, BrokenBarrierError, Condition, getContext, Lock, Queue, Value, wait } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, methods, until } from '../queue/arena.js';

expectNothingLeft();

/** Long enough for somebody who was woken by mistake to tell of it. */
const MOMENT = { timeout: 30 };

describe.each(methods)('conditions shared by %s', (method) => {
  const { Process } = getContext(method);

  /** Waits for a notification, tells of each step, and says whether it was notified. */
  const sleeper = async (condition: Condition, told: Queue<string>, timeout: number | null): Promise<void> => {
    await condition.acquire();
    await told.put('waits');
    const woken = timeout === null ? await condition.wait() : await condition.wait({ timeout });
    await told.put(woken && condition.locked() ? 'woken' : condition.locked() ? 'in vain' : 'without the lock');
    condition.release();
  };

  test('notify wakes one, whether it waits here or there (test_notify, test_notify_n)', async () => {
    const condition = new Condition(new Lock());
    using told = new Queue<string>();
    const children = [1, 2].map(() => new Process({ target: sleeper, args: [condition, told, null] }));
    for (const child of children) await child.start();
    const here = [sleeper(condition, told, null), sleeper(condition, told, null)];
    for (let i = 0; i < 4; i++) expect(await told.get()).toBe('waits');
    // Nobody wakes by himself; the lock is free once the last of them waits.
    await condition.run(() => undefined);
    expect(await wait([told], MOMENT)).toEqual([]);
    for (const count of [1, 2, 1]) {
      await condition.run(() => condition.notify(count));
      for (let i = 0; i < count; i++) expect(await told.get()).toBe('woken');
      expect(await wait([told], MOMENT)).toEqual([]);
    }
    await Promise.all(here);
    for (const child of children) expect(await child.join()).toBe(0);
  });

  test('who timed out leaves nothing behind, and notifyAll wakes all that wait then (test_notify_all)', async () => {
    const condition = new Condition(new Lock());
    using told = new Queue<string>();
    for (const [timeout, outcome] of [
      [20, 'in vain'],
      [null, 'woken'],
    ] as const) {
      const children = [1, 2, 3].map(() => new Process({ target: sleeper, args: [condition, told, timeout] }));
      for (const child of children) await child.start();
      const here = [1, 2, 3].map(() => sleeper(condition, told, timeout));
      if (timeout === null) {
        for (let i = 0; i < 6; i++) expect(await told.get()).toBe('waits');
        await condition.run(() => condition.notifyAll());
        for (let i = 0; i < 6; i++) expect(await told.get()).toBe(outcome);
      }
      await Promise.all(here);
      for (const child of children) expect(await child.join()).toBe(0);
      const rest: string[] = [];
      while (!told.empty()) rest.push(told.getNowait());
      expect(rest.filter((word) => word !== 'waits')).toEqual(
        timeout === null ? [] : Array.from({ length: 6 }, () => outcome),
      );
      expect(condition.locked()).toBe(false);
    }
  });

  test.each(['waitFor', 'waitForSync'] as const)('%s follows a value that both change (test_waitfor)', async (how) => {
    const [condition, state] = [new Condition(), new Value('i', -1)];
    const child = new Process({
      args: [condition, state, how],
      target: async (there: typeof condition, value: typeof state, waits: typeof how) => {
        await there.acquire();
        value.value = 0;
        there.notify();
        const got = await there[waits](() => value.value === 4 && 'four');
        there.release();
        process.exit(got === 'four' ? 0 : 1);
      },
    });
    await child.start();
    expect(await condition.run(() => condition.waitFor(() => state.value === 0))).toBe(true);
    for (let i = 0; i < 4; i++) {
      await condition.run(() => {
        state.add(1);
        condition.notify();
      });
    }
    expect(await child.join()).toBe(0);
  });

  test.each(['waitFor', 'waitForSync'] as const)(
    'notifications do not begin the time limit of %s anew (test_waitfor_timeout)',
    async (how) => {
      const [condition, state] = [new Condition(), new Value('i', 0)];
      using told = new Queue<[unknown, number]>();
      const child = new Process({
        args: [condition, state, told, how],
        target: async (there: typeof condition, value: typeof state, out: typeof told, waits: typeof how) => {
          await there.acquire();
          const start = performance.now();
          const got = await there[waits](() => value.value === 99 && 'never', { timeout: 200 });
          await out.put([got, performance.now() - start]);
          there.release();
        },
      });
      await child.start();
      // It must come to its end though the notifications never do.
      let notifications = 0;
      while (told.empty()) {
        await condition.run(() => {
          state.value = notifications++ % 50;
          condition.notify();
        });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const [got, elapsed] = await told.get();
      expect(got).toBe(false);
      expect(elapsed).toBeGreaterThanOrEqual(199);
      expect(await child.join()).toBe(0);
    },
  );
});

describe.each(methods)('barriers shared by %s', (method) => {
  const { Process } = getContext(method);
  const broken = expect.objectContaining({ code: 'ERR_BROKEN_BARRIER' });

  /** Waits once and tells the place, or the name of what was thrown. */
  const party = async (barrier: Barrier, told: Queue<unknown>, sync: boolean, timeout?: number): Promise<void> => {
    const limit = timeout === undefined ? {} : { timeout };
    await told.put(
      await (async () => (sync ? barrier.waitSync(limit) : barrier.wait(limit)))().catch((error: Error) => error.name),
    );
  };
  const started = async (
    count: number,
    barrier: Barrier,
    told: Queue<unknown>,
    timeout?: number,
  ): Promise<InstanceType<typeof Process>[]> => {
    const children = Array.from(
      { length: count },
      (_, i) => new Process({ target: party, args: [barrier, told, i % 2 === 1, timeout] }),
    );
    for (const child of children) await child.start();
    return children;
  };
  const answers = async (told: Queue<unknown>, count: number): Promise<unknown[]> => {
    const all: unknown[] = [];
    while (all.length < count) all.push(await told.get());
    return all;
  };

  test('each of five parties has a place of its own (test_wait_return)', async () => {
    const barrier = new Barrier(5);
    using told = new Queue<unknown>();
    const children = await started(4, barrier, told);
    await party(barrier, told, false);
    expect(new Set(await answers(told, 5))).toEqual(new Set([0, 1, 2, 3, 4]));
    for (const child of children) expect(await child.join()).toBe(0);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  });

  test('five parties pass a thousand times in lockstep (test_thousand)', async () => {
    const barrier = new Barrier(5);
    using told = new Queue<number>();
    const rounds = async (gate: Barrier, out: Queue<number>, sync: boolean): Promise<void> => {
      for (let round = 0; round < 1000; round++) {
        if (sync) gate.waitSync();
        else await gate.wait();
        out.putSync(round);
      }
    };
    const children = [true, false, true, false].map(
      (sync) => new Process({ target: rounds, args: [barrier, told, sync] }),
    );
    for (const child of children) await child.start();
    await rounds(barrier, told, false);
    for (const child of children) expect(await child.join()).toBe(0);
    for (let round = 0; round < 1000; round++) {
      for (let i = 0; i < 5; i++) expect(told.getNowait()).toBe(round);
    }
    expect([told.empty(), barrier.nWaiting, barrier.broken]).toEqual([true, 0, false]);
  });

  test('abort breaks it for those who wait, reset mends it (test_abort, test_abort_and_reset)', async () => {
    const barrier = new Barrier(4);
    using told = new Queue<unknown>();
    const children = await started(2, barrier, told);
    const here = party(barrier, told, false);
    await until(() => barrier.nWaiting === 3);
    const aborter = new Process({ target: () => barrier.abort() });
    await aborter.start();
    expect(await answers(told, 3)).toEqual(['BrokenBarrierError', 'BrokenBarrierError', 'BrokenBarrierError']);
    await here;
    expect(barrier.broken).toBe(true);
    await expect(barrier.wait()).rejects.toThrow(BrokenBarrierError);
    const resetter = new Process({ target: () => barrier.reset() });
    for (const child of [...children, aborter]) expect(await child.join()).toBe(0);
    await resetter.start();
    expect([await resetter.join(), barrier.broken]).toEqual([0, false]);
    const again = await started(3, barrier, told);
    await party(barrier, told, false);
    expect(new Set(await answers(told, 4))).toEqual(new Set([0, 1, 2, 3]));
    for (const child of again) expect(await child.join()).toBe(0);
  });

  test('reset while some wait ends their round, not the next one (test_reset)', async () => {
    const barrier = new Barrier(3);
    using told = new Queue<unknown>();
    const children = await started(2, barrier, told);
    await until(() => barrier.nWaiting === 2);
    barrier.reset();
    expect(await answers(told, 2)).toEqual(['BrokenBarrierError', 'BrokenBarrierError']);
    for (const child of children) expect(await child.join()).toBe(0);
    const again = await started(2, barrier, told);
    await party(barrier, told, false);
    expect(new Set(await answers(told, 3))).toEqual(new Set([0, 1, 2]));
    for (const child of again) expect(await child.join()).toBe(0);
  });

  test.each([
    ['of the wait', undefined, 50],
    ['of the constructor', 50, undefined],
  ])(
    'a time limit %s that is over there breaks it for all (test_timeout, test_default_timeout)',
    async (_, own, limit) => {
      const barrier = new Barrier(4, undefined, own);
      using told = new Queue<unknown>();
      const children = await started(2, barrier, told, limit);
      expect(await answers(told, 2)).toEqual(['BrokenBarrierError', 'BrokenBarrierError']);
      // The late one, too.
      await expect(barrier.wait()).rejects.toThrow(broken);
      expect([barrier.broken, barrier.nWaiting]).toEqual([true, 0]);
      for (const child of children) expect(await child.join()).toBe(0);
    },
  );
});
