// Condition: wait, notify, waitFor, with both locks; deaths of who was notified; the rows of CPython's _TestCondition.
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Condition, getContext, Lock, Queue, RLock, StateError } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, methods, until } from '../queue/arena.js';
import { native } from '../../dist/internal/native.js';

expectNothingLeft();

describe.each([
  ['Lock', Lock],
  ['RLock', RLock],
])('with a %s', (_, Class) => {
  test('wait gives up the lock, and has it again when it is notified', async () => {
    const condition = new Condition(new Class());
    await condition.acquire();
    const waiting = condition.wait();
    expect(condition.locked()).toBe(false);
    expect(condition.tryAcquire()).toBe(true);
    condition.notify();
    expect(condition.locked()).toBe(true);
    condition.release();
    expect(await waiting).toBe(true);
    expect(condition.locked()).toBe(true);
    condition.release();
  });

  test('wait that is not notified in time gives false and has the lock again', async () => {
    const condition = new Condition(new Class());
    await condition.acquire();
    const start = performance.now();
    expect(await condition.wait({ timeout: 100 })).toBe(false);
    expect(condition.waitSync({ timeout: 100 })).toBe(false);
    expect(performance.now() - start).toBeGreaterThanOrEqual(199);
    expect([condition.locked(), await condition.wait({ timeout: 0 })]).toEqual([true, false]);
    condition.release();
  });

  test('notify wakes as many as it says, notifyAll everybody, and nobody that comes later', async () => {
    const condition = new Condition(new Class());
    const woken: number[] = [];
    const sleep = (i: number): Promise<unknown> =>
      condition.run(async () => {
        await condition.wait();
        woken.push(i);
      });
    const waits = [0, 1, 2, 3, 4].map(sleep);
    for (const count of [0, 1, 2]) {
      const before = woken.length;
      await condition.run(() => condition.notify(count));
      await until(() => woken.length === before + count);
    }
    await condition.run(() => condition.notifyAll());
    await Promise.all(waits);
    expect(woken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    await condition.run(() => condition.notifyAll());
    expect(await condition.run(() => condition.wait({ timeout: 20 }))).toBe(false);
  });

  test('waitFor gives what the predicate gives, within one time limit for all', async () => {
    const condition = new Condition(new Class());
    let state = 0;
    const waiting = condition.run(() => condition.waitFor(() => state > 2 && `state ${state}`));
    for (let i = 0; i < 3; i++) {
      await condition.run(() => {
        state++;
        condition.notify();
      });
    }
    expect(await waiting).toBe('state 3');
    const start = performance.now();
    const noise = setInterval(() => void condition.run(() => condition.notifyAll()), 10);
    expect(await condition.run(() => condition.waitFor(() => false, { timeout: 150 }))).toBe(false);
    clearInterval(noise);
    expect(performance.now() - start).toBeGreaterThanOrEqual(149);
    expect(await condition.run(() => condition.waitForSync(() => state, { timeout: 0 }))).toBe(3);
  });

  test('waitFor waits for what an asynchronous predicate resolves to, waitForSync refuses it', async () => {
    const condition = new Condition(new Class());
    let state = 0;
    const waiting = condition.run(() => condition.waitFor(async () => state > 1 && `state ${state}`));
    for (let i = 0; i < 2; i++) {
      await condition.run(() => {
        state++;
        condition.notify();
      });
    }
    expect(await waiting).toBe('state 2');
    expect(await condition.run(() => condition.waitFor(async () => 0, { timeout: 0 }))).toBe(0);
    await condition.run(() => {
      expect(() => condition.waitForSync(async () => true)).toThrow(
        'Expected `predicate` to be synchronous in waitForSync()',
      );
    });
  });

  test('waitFor with a signal that was aborted before rejects, whatever the predicate would give', async () => {
    const condition = new Condition(new Class());
    const signal = AbortSignal.abort('enough');
    await expect(condition.run(() => condition.waitFor(() => true, { signal }))).rejects.toBe('enough');
  });

  test('an aborted wait rejects with the lock acquired, and passes its notification on', async () => {
    const condition = new Condition(new Class());
    const controller = new AbortController();
    const reason = new Error('enough');
    let rejection: unknown;
    const aborted = condition.run(async () => {
      await condition.wait({ signal: controller.signal }).catch((error: unknown) => (rejection = error));
      expect(condition.locked()).toBe(true);
    });
    const other = condition.run(() => condition.wait());
    await condition.run(() => {
      condition.notify();
      controller.abort(reason);
    });
    expect(await other).toBe(true);
    await aborted;
    expect([rejection, condition.locked()]).toEqual([reason, false]);
  });

  test('without the lock, wait and notify are StateErrors', async () => {
    const condition = new Condition(new Class());
    await expect(condition.wait()).rejects.toThrow(StateError);
    expect(() => condition.waitSync()).toThrow(StateError);
    expect(() => condition.notify()).toThrow(StateError);
    expect(() => condition.notifyAll()).toThrow(StateError);
    expect(() => condition.release()).toThrow(StateError);
    await condition.run(() => expect(() => condition.notify(-1)).toThrow(RangeError));
  });
});

test('an RLock acquired several times is given up and acquired again as often', async () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  expect(inspect(condition)).toBe('Condition { RLock { free } }');
  for (let i = 0; i < 3; i++) await condition.acquire();
  const waiting = condition.wait();
  expect(lock.locked()).toBe(false);
  await condition.run(() => condition.notify());
  await waiting;
  for (let i = 0; i < 3; i++) {
    expect(lock.locked()).toBe(true);
    condition.release();
  }
  expect(lock.locked()).toBe(false);
  expect(() => new Condition({} as Lock)).toThrow(TypeError);
});

describe.each(methods)('shared by %s', (method) => {
  const { Process } = getContext(method);

  test.each([undefined, Lock, RLock])('notifies across, and its lock goes with it (%#)', async (Class) => {
    const condition = Class === undefined ? new Condition() : new Condition(new Class());
    using state = new Queue<number>();
    const child = new Process({
      target: async () => {
        await condition.acquire();
        await state.put(1);
        const notified = await condition.wait();
        const again = condition.waitSync();
        await state.put(notified && again ? 2 : 3);
        condition.release();
      },
    });
    await child.start();
    await state.get();
    // The child waits as soon as its lock can be had.
    await condition.run(() => condition.notify());
    let woken = false;
    void state.get().then((value) => (woken = value === 2));
    while (!woken) {
      await condition.run(() => condition.notifyAll());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await child.join()).toBe(0);
  });

  test.each(['wait', 'waitSync'] as const)('a %s that fails has the lock again when it throws', async (waits) => {
    const condition = new Condition(new Lock());
    const internals = join(import.meta.dirname, '../../dist/internal/native.js');
    using up = new Queue<unknown>();
    const child = new Process({
      target: async () => {
        const load = process.getBuiltinModule('node:module').createRequire(internals);
        const addon = (load(internals) as { native: () => Record<string, unknown> }).native();
        await condition.acquire();
        // As when the memory is damaged.
        const { conditionNotified } = addon;
        addon['conditionNotified'] = () => {
          addon['conditionNotified'] = conditionNotified;
          throw new Error('damaged');
        };
        const failed = await (async () => condition[waits]())().then(String, String);
        await up.put(failed);
        await up.put(condition.locked());
        condition.release();
        // Nothing of the wait is left: a notification now is nobody's.
        await condition.run(() => condition.notify());
        await up.put(await condition.run(() => condition[waits]({ timeout: 0 })));
      },
    });
    await child.start();
    expect(await child.join()).toBe(0);
    expect([up.getNowait(), up.getNowait(), up.getNowait()]).toEqual(['Error: damaged', true, false]);
    expect(condition.tryAcquire()).toBe(true);
    condition.release();
  });

  test('one notify wakes one of several', async () => {
    const condition = new Condition(new Lock());
    using up = new Queue<string>();
    const children = [1, 2, 3].map(
      () =>
        new Process({
          target: () =>
            condition.run(async () => {
              await up.put('waits');
              await condition.wait();
              await up.put('woken');
            }),
        }),
    );
    for (const child of children) await child.start();
    for (let i = 0; i < 3; i++) expect(await up.get()).toBe('waits');
    for (let i = 0; i < 3; i++) {
      await condition.run(() => condition.notify());
      expect(await up.get()).toBe('woken');
      expect(up.empty()).toBe(true);
    }
    for (const child of children) expect(await child.join()).toBe(0);
  });
});

test('who is notified and dies passes the notification on', async () => {
  const { Process } = getContext('spawn');
  const condition = new Condition(new Lock());
  using up = new Queue<string>();
  const started = async (): Promise<InstanceType<typeof Process>> => {
    const child = new Process({
      target: () =>
        condition.run(async () => {
          await up.put('waits');
          await condition.wait();
          await up.put('woken');
        }),
    });
    await child.start();
    expect(await up.get()).toBe('waits');
    // It gives up the lock when it waits.
    await condition.run(() => undefined);
    return child;
  };
  const children = [await started(), await started(), await started()];
  // Stopped, so that whoever of them is notified does not get as far as the lock.
  for (const child of children) process.kill(child.pid ?? 0, 'SIGSTOP');
  await condition.acquire();
  condition.notify();
  condition.notify();
  for (const child of children.slice(0, 2)) {
    child.kill();
    await child.join();
  }
  native().reap();
  condition.release();
  process.kill(children[2]?.pid ?? 0, 'SIGCONT');
  // At least one of the two notifications went to the dead; the last one has it.
  expect(await up.get()).toBe('woken');
  expect(await children[2]?.join()).toBe(0);
  await condition.run(() => condition.notifyAll());
});
