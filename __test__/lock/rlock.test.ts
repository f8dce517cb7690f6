// RLock: who its owner is, in the asynchronous contexts of one thread.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { RLock, StateError, TimeoutError } from 'manyhands';
import { expect, test } from 'vitest';
import { collectGarbage } from '../pool/back-ends.js';
import { expectNothingLeft } from '../queue/arena.js';

expectNothingLeft();

test('an RLock is acquired again by its context, and by no other', async () => {
  const lock = new RLock();
  await lock.acquire();
  expect(lock.acquireSync()).toBe(true);
  expect(lock.tryAcquire()).toBe(true);
  for (let i = 0; i < 3; i++) lock.release();
  expect(lock.locked()).toBe(false);
  let inside = 0;
  let most = 0;
  const visit = async (): Promise<void> => {
    await lock.run(async () => {
      most = Math.max(most, ++inside);
      await lock.run(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        expect(lock.acquireSync({ timeout: 0 })).toBe(true);
        lock.release();
      });
      inside--;
    });
  };
  await Promise.all([visit(), visit(), visit()]);
  expect([most, lock.locked()]).toEqual([1, false]);
  await lock.run(async () => {
    expect(await Promise.resolve().then(() => lock.tryAcquire())).toBe(true);
    lock.release();
  });
});

test('each guard of an RLock starts a context, whoever calls them in one go', async () => {
  const lock = new RLock();
  let inside = 0;
  let most = 0;
  const visit = async (): Promise<void> => {
    using _held = await lock.guard();
    most = Math.max(most, ++inside);
    {
      using _again = await lock.guard();
      await new Promise((resolve) => setImmediate(resolve));
      expect(await lock.acquire()).toBe(true);
      lock.release();
    }
    inside--;
  };
  await Promise.all([visit(), visit(), visit()]);
  expect([most, lock.locked()]).toEqual([1, false]);
  await expect(Promise.all([lock.guard({ timeout: 0 }), lock.guard({ timeout: 0 })])).rejects.toThrow(TimeoutError);
});

test('what the context around a run or a guard owns is its own, too', async () => {
  const [lock, other] = [new RLock(), new RLock()];
  await lock.run(() => other.run(() => lock.run(() => other.acquireSync())));
  expect(other.locked()).toBe(true);
  const third = new RLock();
  await third.acquire();
  using _held = await lock.guard();
  expect([third.tryAcquire(), await lock.acquire()]).toEqual([true, true]);
  third.release();
  third.release();
  lock.release();
});

test('what a guard gave can be disposed of elsewhere', async () => {
  const lock = new RLock();
  const guarded = async (): Promise<Disposable> => {
    await new Promise((resolve) => setImmediate(resolve));
    return lock.guard();
  };
  const held = await guarded();
  expect(lock.locked()).toBe(true);
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  expect(lock.locked()).toBe(false);
  expect(() => lock.release()).toThrow(StateError);
});

test('the AsyncLocalStorage of a program starts contexts of an RLock, and keeps its own store', async () => {
  const lock = new RLock();
  const storage = new AsyncLocalStorage<number>();
  await lock.acquire();
  const seen = await storage.run(7, async () => {
    expect(() => lock.release()).toThrow(StateError);
    return [storage.getStore(), lock.tryAcquire(), await lock.acquire({ timeout: 0 })];
  });
  expect(seen).toEqual([7, false, false]);
  lock.release();
  await storage.run(1, async () => {
    using _held = await lock.guard();
    expect([lock.tryAcquire(), storage.run(2, () => lock.tryAcquire())]).toEqual([true, false]);
    lock.release();
  });
  expect(storage.run(3, (a: number, b: number) => [storage.getStore(), a, b], 4, 5)).toEqual([3, 4, 5]);
});

test('a flow that guards again and again remembers no context', async () => {
  const lock = new RLock();
  for (let i = 0; i < 50; i++) await lock.run(() => undefined);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 60_000; i++) {
    using _held = await lock.guard();
  }
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
});

test('a context that has not acquired an RLock cannot release it', async () => {
  const lock = new RLock();
  const storage = new AsyncLocalStorage<number>();
  await lock.acquire();
  expect(() => storage.run(1, () => lock.release())).toThrow(StateError);
  lock.release();
  await lock.run(async () => {
    const elsewhere = storage.run(2, async () => lock.release());
    await expect(elsewhere).rejects.toThrow(StateError);
  });
});

test('loads of the package in one thread stand in front of AsyncLocalStorage together, not one before another', async () => {
  const load = createRequire(import.meta.url);
  const entry = load.resolve('../../dist/index.js');
  const first = new RLock();
  const { run } = AsyncLocalStorage.prototype;
  for (const file of Object.keys(load.cache)) if (file.includes('/dist/')) delete load.cache[file];
  const again = load(entry) as { RLock: typeof RLock };
  expect(again.RLock).not.toBe(RLock);
  const second = new again.RLock();
  expect(AsyncLocalStorage.prototype.run).toBe(run);
  for (const lock of [first, second]) {
    await lock.acquire();
    expect(new AsyncLocalStorage<number>().run(1, () => lock.tryAcquire())).toBe(false);
    lock.release();
  }
});
