// Barrier: rounds, action, time limits, abort, reset, deaths of parties; the rows of CPython's _TestBarrier.
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { Barrier, BrokenBarrierError, Event, getContext, Queue } from 'manyhands';
import { describe, expect, test, vi } from 'vitest';
import { expectNothingLeft, methods, until } from '../queue/arena.js';

expectNothingLeft();

const settled = (waits: Promise<number>[]): Promise<PromiseSettledResult<number>[]> => Promise.allSettled(waits);
const isBroken = (result: PromiseSettledResult<number> | undefined): boolean =>
  result?.status === 'rejected' && result.reason instanceof BrokenBarrierError;

describe('in one thread', () => {
  test('lets all pass when all are there, each with a place of its own, round after round', async () => {
    const barrier = new Barrier(3);
    expect([barrier.parties, barrier.nWaiting, barrier.broken]).toEqual([3, 0, false]);
    for (let round = 0; round < 10; round++) {
      const first = barrier.wait();
      const second = barrier.wait();
      await until(() => barrier.nWaiting === 2);
      expect(await Promise.all([first, second, barrier.wait()])).toEqual([0, 1, 2]);
      expect(barrier.nWaiting).toBe(0);
    }
    expect(inspect(barrier)).toBe('Barrier { 0 of 3 }');
  });

  test('a barrier for one never blocks', async () => {
    const barrier = new Barrier(1);
    expect([await barrier.wait(), barrier.waitSync(), await barrier.wait({ timeout: 0 })]).toEqual([0, 0, 0]);
  });

  test('the action runs once a round, before anybody goes on', async () => {
    const log: string[] = [];
    const barrier = new Barrier(2, () => void log.push('action'));
    const party = async (): Promise<void> => {
      await barrier.wait();
      log.push('on');
    };
    await Promise.all([party(), party()]);
    await Promise.all([party(), party()]);
    expect(log).toEqual(['action', 'on', 'on', 'action', 'on', 'on']);
  });

  test('an action that cannot be captured runs here, and keeps the barrier here', async () => {
    let told: (() => void) | undefined;
    const acted = new Promise<void>((resolve) => (told = resolve));
    const barrier = new Barrier(1, told);
    expect(await barrier.wait()).toBe(0);
    await acted;
    using queue = new Queue<unknown>();
    await expect(queue.put({ barrier })).rejects.toThrow(
      'item.barrier cannot be copied: it is a barrier with an action that stays here (Cannot capture (anonymous): it is a native function that no global or built-in module gives)',
    );
  });

  test('an action that throws breaks the barrier and is thrown where it ran', async () => {
    let fails = true;
    const barrier = new Barrier(2, () => {
      if (fails) throw new Error('action');
    });
    const [first, last] = await settled([barrier.wait(), barrier.wait()]);
    expect(isBroken(first)).toBe(true);
    expect(last).toMatchObject({ status: 'rejected', reason: { message: 'action' } });
    expect(barrier.broken).toBe(true);
    fails = false;
    barrier.reset();
    expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1]);
  });

  test('a party whose time is over breaks it for all, until reset', async () => {
    const barrier = new Barrier(3);
    const results = await settled([barrier.wait(), barrier.wait({ timeout: 20 })]);
    expect(results.map(isBroken)).toEqual([true, true]);
    expect([barrier.broken, barrier.nWaiting, inspect(barrier)]).toEqual([true, 0, 'Barrier { broken }']);
    await expect(barrier.wait()).rejects.toThrow(BrokenBarrierError);
    expect(() => barrier.waitSync()).toThrow(BrokenBarrierError);
    barrier.reset();
    expect(barrier.broken).toBe(false);
    expect(await Promise.all([1, 2, 3].map(() => barrier.wait()))).toEqual([0, 1, 2]);
  });

  test('a time limit that is over after the round was breaks nothing, also when it is noticed first', async () => {
    const barrier = new Barrier(2);
    // The doorbell sleeps by then, and its next turn comes after the timers.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => void setImmediate(resolve));
    const first = barrier.wait({ timeout: 5 });
    // It waits for the others by then.
    for (let step = 0; step < 10; step++) await Promise.resolve();
    expect(barrier.waitSync()).toBe(1);
    // The timer is due before the event loop hears of the last party.
    const end = performance.now() + 10;
    while (performance.now() < end);
    expect(await first).toBe(0);
    expect(barrier.broken).toBe(false);
  });

  test('a signal that aborts after the round was over breaks nothing', async () => {
    const barrier = new Barrier(2);
    const controller = new AbortController();
    const first = barrier.wait({ signal: controller.signal });
    expect(barrier.waitSync()).toBe(1);
    controller.abort('too late');
    await expect(first).rejects.toBe('too late');
    expect(barrier.broken).toBe(false);
    expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1]);
  });

  test('the time limit of the constructor is that of every wait without one', async () => {
    const barrier = new Barrier(2, undefined, 20);
    await expect(barrier.wait()).rejects.toThrow(BrokenBarrierError);
    barrier.reset();
    expect(() => barrier.waitSync()).toThrow(BrokenBarrierError);
    expect(barrier.broken).toBe(true);
  });

  test('the time until the round before is through counts for the time limit', async () => {
    const gate = new Event();
    const barrier = new Barrier(2, async () => void (await gate.wait()));
    const round = [barrier.wait(), barrier.wait()];
    const late = barrier.wait({ timeout: 60_000 });
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_001);
    gate.set();
    expect(await Promise.all(round)).toEqual([0, 1]);
    await expect(late).rejects.toThrow(BrokenBarrierError);
    clock.mockRestore();
  });

  test('a wait without end goes beyond the time limit of the constructor', async () => {
    const barrier = new Barrier(2, undefined, 0);
    const waiting = barrier.wait({ timeout: Infinity });
    expect([await barrier.wait({ timeout: 60_000 }), await waiting]).toEqual([1, 0]);
  });

  test('an asynchronous action does not go with waitSync, and what becomes of it ends no program', async () => {
    const rejections: unknown[] = [];
    const listener = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', listener);
    const foreign = new Barrier(1, () => runInNewContext('Promise.reject(new Error())') as Promise<void>);
    const promise = new Barrier(1, () => Promise.reject(new Error('late')));
    for (const barrier of [promise, foreign]) {
      expect(() => barrier.waitSync()).toThrow('Expected `action` to be synchronous in waitSync()');
      expect(barrier.broken).toBe(true);
    }
    await new Promise(setImmediate);
    process.off('unhandledRejection', listener);
    expect(rejections).toEqual([]);
  });

  test('abort and reset end the waits', async () => {
    const barrier = new Barrier(3);
    const aborted = settled([barrier.wait(), barrier.wait()]);
    barrier.abort();
    expect((await aborted).map(isBroken)).toEqual([true, true]);
    barrier.reset();
    const reset = settled([barrier.wait()]);
    barrier.reset();
    // Broken for who waited, as new for who comes.
    expect(await Promise.all([1, 2, 3].map(() => barrier.wait()))).toEqual([0, 1, 2]);
    expect((await reset).map(isBroken)).toEqual([true]);
    barrier.reset();
    expect(barrier.broken).toBe(false);
  });

  test('an aborted signal rejects with its reason and breaks it', async () => {
    const barrier = new Barrier(2);
    const controller = new AbortController();
    const waiting = barrier.wait({ signal: controller.signal });
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(barrier.broken).toBe(true);
  });

  test('checks its arguments', () => {
    for (const parties of [0, -1, 1.5, 2 ** 20]) expect(() => new Barrier(parties)).toThrow(RangeError);
    expect(() => new Barrier('2' as unknown as number)).toThrow(TypeError);
    expect(() => new Barrier(2, 5 as unknown as () => void)).toThrow(TypeError);
    expect(() => new Barrier(2, undefined, 'x' as unknown as number)).toThrow(TypeError);
  });
});

describe.each(methods)('shared by %s', (method) => {
  const { Process } = getContext(method);

  test('several processes pass in lockstep', async () => {
    const barrier = new Barrier(3);
    using log = new Queue<number>();
    const party = (sync: boolean): InstanceType<typeof Process> =>
      new Process({
        target: async () => {
          for (let round = 0; round < 5; round++) {
            await log.put(round);
            if (sync) barrier.waitSync();
            else await barrier.wait();
          }
        },
      });
    const children = [party(false), party(true), party(false)];
    for (const child of children) await child.start();
    for (const child of children) expect(await child.join()).toBe(0);
    const rounds: number[] = [];
    while (!log.empty()) rounds.push(log.getNowait());
    expect(rounds).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  });

  test('action and time limit go with it', async () => {
    using log = new Queue<string>();
    const barrier = new Barrier(2, () => log.putSync('action'), 30_000);
    const child = new Process({
      target: async () => {
        // The last one to come is here, so the action runs here.
        while (barrier.nWaiting === 0) await new Promise((resolve) => setImmediate(resolve));
        await log.put(`place ${await barrier.wait()}`);
      },
    });
    await child.start();
    expect(await barrier.wait()).toBe(0);
    expect([await log.get(), await log.get()]).toEqual(['action', 'place 1']);
    expect(await child.join()).toBe(0);
  });
});

describe('a killed process', () => {
  const { Process } = getContext('spawn');

  test.each(['wait', 'waitSync', 'sleep'] as const)('in %s breaks the barrier', async (how) => {
    const barrier = new Barrier(3);
    using up = new Queue<number>();
    const child = new Process({
      target: async () => {
        void barrier.parties;
        await up.put(1);
        if (how === 'sleep') await new Promise(() => setInterval(() => undefined, 1000));
        else await barrier[how]();
      },
    });
    await child.start();
    await up.get();
    if (how !== 'sleep') await until(() => barrier.nWaiting === 1);
    const waiting = settled([barrier.wait()]);
    child.kill();
    expect((await waiting).map(isBroken)).toEqual([true]);
    await child.join();
    expect(barrier.broken).toBe(true);
    barrier.reset();
  });

  test('a child that ends in good order after its rounds breaks nothing', async () => {
    const barrier = new Barrier(2);
    const child = new Process({
      target: async () => {
        await barrier.wait();
        process.exit(0);
      },
    });
    await child.start();
    await barrier.wait();
    expect(await child.join()).toBe(0);
    expect(barrier.broken).toBe(false);
    expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1]);
  });

  test('a child that ends while it waits breaks it', async () => {
    const barrier = new Barrier(3);
    const child = new Process({
      target: () => {
        void barrier.wait();
        process.exit(0);
      },
    });
    const waiting = settled([barrier.wait()]);
    await child.start();
    await child.join();
    expect((await waiting).map(isBroken)).toEqual([true]);
  });
});
