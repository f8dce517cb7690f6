// Lock, RLock and the semaphores: acquire in all forms, owners, waits; the rows of CPython's _TestLock and _TestSemaphore.
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import {
  BoundedSemaphore,
  getContext,
  Lock,
  Pipe,
  Queue,
  RLock,
  Semaphore,
  StateError,
  TimeoutError,
  Value,
} from 'manyhands';
import { describe, expect, test } from 'vitest';
import { collectGarbage } from '../pool/back-ends.js';
import { expectNothingLeft, methods } from '../queue/arena.js';

expectNothingLeft();

const classes = { Lock, RLock, Semaphore, BoundedSemaphore };

describe.each(Object.entries(classes))('%s', (name, Class) => {
  test('is acquired and released, by every form', async () => {
    const lock = new Class();
    expect(lock.locked()).toBe(false);
    expect(await lock.acquire()).toBe(true);
    expect(lock.locked()).toBe(true);
    lock.release();
    expect(lock.acquireSync({ timeout: 0 })).toBe(true);
    lock.release();
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
    expect([lock.locked(), lock.ownerDied]).toEqual([false, false]);
  });

  test('has no properties for others to see, and leaves their names to subclasses', async () => {
    class Named extends (Class as typeof Lock) {
      handle = 'door';
      acquirer = 'me';
    }
    const lock = new Named();
    expect([JSON.stringify(new Class()), Object.keys(lock)]).toEqual(['{}', ['handle', 'acquirer']]);
    expect(await lock.run(() => lock.locked())).toBe(true);
    expect([lock.tryAcquire(), lock.release(), lock.locked()]).toEqual([true, undefined, false]);
  });

  test('guard and run release it also when the function throws', async () => {
    const lock = new Class();
    {
      using _held = await lock.guard();
      expect(lock.locked()).toBe(true);
    }
    const held = lock.guardSync();
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    expect(lock.locked()).toBe(false);
    expect(await lock.run(() => (lock.locked() ? 42 : 0))).toBe(42);
    expect(await lock.run(async () => 43)).toBe(43);
    await expect(lock.run(() => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
    expect(lock.locked()).toBe(false);
  });

  if (name !== 'Semaphore') {
    test('a release too many is a StateError', () => {
      const lock = new Class();
      expect(() => lock.release()).toThrow(StateError);
      lock.acquireSync();
      lock.release();
      expect(() => lock.release()).toThrow(StateError);
    });
  }

  test('checks its options', async () => {
    const lock = new Class();
    await expect(lock.acquire({ timeout: '1' as unknown as number })).rejects.toThrow(TypeError);
    await expect(lock.acquire({ signal: 1 as unknown as AbortSignal })).rejects.toThrow(TypeError);
    expect(() => lock.acquireSync(7 as unknown as {})).toThrow(TypeError);
    expect(lock.locked()).toBe(false);
  });
});

describe('within one thread', () => {
  test('who waits for a lock gets it when it is released, in turn', async () => {
    const lock = new Lock();
    await lock.acquire();
    const order: number[] = [];
    const waits = [1, 2, 3].map((i) => lock.run(() => order.push(i)));
    expect(lock.tryAcquire()).toBe(false);
    expect(lock.acquireSync({ timeout: 20 })).toBe(false);
    lock.release();
    await Promise.all(waits);
    expect([order, lock.locked()]).toEqual([[1, 2, 3], false]);
  });

  test('a wait that ends by time or signal has acquired nothing', async () => {
    const lock = new Lock();
    await lock.acquire();
    const start = performance.now();
    expect(await lock.acquire({ timeout: 100 })).toBe(false);
    expect(performance.now() - start).toBeGreaterThanOrEqual(99);
    expect(await lock.acquire({ timeout: 0 })).toBe(false);
    expect(await lock.acquire({ timeout: -5 })).toBe(false);
    await expect(lock.guard({ timeout: 5 })).rejects.toThrow(TimeoutError);
    await expect(lock.run(() => 1, { timeout: 5 })).rejects.toThrow(TimeoutError);
    const reason = new Error('enough');
    await expect(lock.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = lock.acquire({ signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    lock.release();
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
  });

  test('a semaphore counts, beyond its first value too', () => {
    const semaphore = new Semaphore(2);
    const values = [semaphore.getValue()];
    for (let i = 0; i < 2; i++) {
      expect(semaphore.tryAcquire()).toBe(true);
      values.push(semaphore.getValue());
    }
    expect(semaphore.tryAcquire()).toBe(false);
    for (let i = 0; i < 4; i++) {
      semaphore.release();
      values.push(semaphore.getValue());
    }
    expect(values).toEqual([2, 1, 0, 1, 2, 3, 4]);
  });

  test.each([Semaphore, BoundedSemaphore])('a semaphore at 0 waits no longer than it may (%o)', async (Class) => {
    const semaphore = new Class(0);
    for (const timeout of [0, -1]) {
      expect(await semaphore.acquire({ timeout })).toBe(false);
      expect(semaphore.acquireSync({ timeout })).toBe(false);
    }
    const start = performance.now();
    expect(await semaphore.acquire({ timeout: 60 })).toBe(false);
    expect(semaphore.acquireSync({ timeout: 60 })).toBe(false);
    expect(performance.now() - start).toBeGreaterThanOrEqual(119);
    expect(semaphore.getValue()).toBe(0);
  });

  test.each([0, 1, 128, 129, 1024, 1025, 5000])('a semaphore of %i permits gives as many', (value) => {
    const semaphore = new BoundedSemaphore(value);
    for (let i = 0; i < value; i++) expect(semaphore.tryAcquire()).toBe(true);
    expect([semaphore.tryAcquire(), semaphore.getValue()]).toEqual([false, 0]);
    for (let i = 0; i < value; i++) semaphore.release();
    expect(semaphore.getValue()).toBe(value);
    expect(() => semaphore.release()).toThrow(StateError);
  });

  test('a semaphore that only one side releases never runs out of numbers', () => {
    const semaphore = new Semaphore(0);
    for (let i = 0; i < 3000; i++) semaphore.release();
    expect(semaphore.getValue()).toBe(3000);
    for (let i = 0; i < 3000; i++) expect(semaphore.tryAcquire()).toBe(true);
    expect(semaphore.tryAcquire()).toBe(false);
  });

  test('semaphores check their value', () => {
    expect(() => new Semaphore(-1)).toThrow(RangeError);
    expect(() => new Semaphore(0.5)).toThrow(RangeError);
    expect(() => new Semaphore('1' as unknown as number)).toThrow(TypeError);
    expect(() => new Semaphore(2 ** 31)).toThrow(RangeError);
  });

  test('they show what they are', async () => {
    const [lock, semaphore] = [new Lock(), new BoundedSemaphore(3)];
    expect([inspect(lock), inspect(semaphore)]).toEqual(['Lock { free }', 'BoundedSemaphore { value: 3 }']);
    await lock.acquire();
    expect(inspect(lock)).toBe('Lock { here }');
    lock.release();
  });
});

describe.each(methods)('shared by %s', (method) => {
  const { Process, Pool } = getContext(method);

  test.each([
    ['Lock', Lock],
    ['RLock', RLock],
  ])('a %s acquired there is locked here, and not ours to release', async (_, Class) => {
    const lock = new Class();
    const [up, down] = [new Queue<boolean>(), new Queue<number>()];
    const child = new Process({
      target: async () => {
        await lock.acquire();
        await up.put(lock.locked());
        await down.get();
        lock.release();
        await up.put(lock.locked());
      },
    });
    await child.start();
    expect(await up.get()).toBe(true);
    expect(lock.locked()).toBe(true);
    expect(inspect(lock)).toBe(`${Class.name} { elsewhere }`);
    expect([lock.tryAcquire(), lock.acquireSync({ timeout: 10 }), await lock.acquire({ timeout: 10 })]).toEqual([
      false,
      false,
      false,
    ]);
    expect(() => lock.release()).toThrow(StateError);
    const waiting = lock.acquire();
    await down.put(1);
    expect(await waiting).toBe(true);
    lock.release();
    await child.join();
    for (const queue of [up, down]) queue.close();
  });

  test.each([
    ['Lock', Lock, 'run'],
    ['Lock', Lock, 'guardSync'],
    ['RLock', RLock, 'run'],
    ['BoundedSemaphore', BoundedSemaphore, 'run'],
  ] as const)('one at a time has a %s (%#)', async (_, Class, how) => {
    const lock = new Class();
    await using pool = new Pool(3);
    const queue = new Queue<number>(1);
    await queue.put(0);
    const add = async (): Promise<void> => {
      for (let i = 0; i < 50; i++) {
        // Taking and putting back would lose counts, were two of them inside at a time.
        if (how === 'run') {
          await lock.run(async () => {
            const value = queue.getNowait();
            await new Promise((resolve) => setImmediate(resolve));
            queue.putNowait(value + 1);
          });
        } else {
          using _held = lock.guardSync();
          queue.putNowait(queue.getNowait() + 1);
        }
      }
    };
    await Promise.all([1, 2, 3].map(() => pool.apply(add)));
    expect(queue.getNowait()).toBe(150);
    queue.close();
  });

  test('a lock travels through a queue and comes home as the same object', async () => {
    using road = new Queue<unknown>();
    const locks = [new Lock(), new RLock(), new Semaphore(2), new BoundedSemaphore(3)];
    await using pool = new Pool(1);
    const names = await pool.apply(
      async (given) => {
        await road.put(new Map([['all', given]]));
        return given.map((lock) => lock.constructor.name);
      },
      [locks],
    );
    expect(names).toEqual(['Lock', 'RLock', 'Semaphore', 'BoundedSemaphore']);
    const back = (await road.get()) as Map<string, unknown[]>;
    expect(back.get('all')?.map((lock, i) => lock === locks[i])).toEqual([true, true, true, true]);
  });
});

describe('a killed owner', () => {
  const { Process } = getContext('spawn');

  test.each([
    ['Lock', Lock],
    ['RLock', RLock],
    ['Semaphore', Semaphore],
    ['BoundedSemaphore', BoundedSemaphore],
  ])('of a %s leaves it to the next one, who can tell', async (_, Class) => {
    const lock = new Class();
    using up = new Queue<number>();
    const child = new Process({
      target: async () => {
        await lock.acquire();
        await up.put(1);
        await new Promise(() => setInterval(() => undefined, 1000));
      },
    });
    await child.start();
    await up.get();
    expect(lock.tryAcquire()).toBe(false);
    const waiting = lock.acquire();
    child.kill();
    expect(await waiting).toBe(true);
    expect(lock.ownerDied).toBe(true);
    lock.release();
    expect(lock.ownerDied).toBe(false);
    expect(lock.acquireSync()).toBe(true);
    expect(lock.ownerDied).toBe(false);
    lock.release();
    await child.join();
  });

  test('whose death nobody is told of is found by who blocks for it', async () => {
    const lock = new Lock();
    using up = new Queue<number>();
    const child = new Process({
      target: async () => {
        const { Process: Inner } = getContext('spawn');
        const grandchild = new Inner({
          target: async () => {
            lock.acquireSync();
            await up.put(process.pid);
            await new Promise(() => setInterval(() => undefined, 1000));
          },
        });
        await grandchild.start();
        await grandchild.join();
      },
    });
    await child.start();
    const pid = await up.get();
    process.kill(child.pid ?? 0, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    expect(lock.acquireSync()).toBe(true);
    expect(lock.ownerDied).toBe(true);
    lock.release();
    process.kill(child.pid ?? 0, 'SIGCONT');
    await child.join();
  });

  test('a killed waiter keeps the lock from nobody', async () => {
    const lock = new Lock();
    using up = new Queue<number>();
    await lock.acquire();
    const children = ['acquire', 'acquireSync'].map(
      (how) =>
        new Process({
          target: async () => {
            await up.put(1);
            await lock[how as 'acquire']();
          },
        }),
    );
    for (const child of children) await child.start();
    await up.get();
    await up.get();
    for (const child of children) {
      child.kill();
      await child.join();
    }
    lock.release();
    expect(await lock.acquire()).toBe(true);
    lock.release();
  });
});

test.each([Lock, RLock])('a thread that has a %o does not block for it, but for a limited time', async (Class) => {
  const lock = new Class();
  const elsewhere = <R>(fn: () => R): R => new AsyncLocalStorage().run(1, fn);
  await lock.run(() => {
    const value = new Value('i', 1, { lock });
    for (const blocks of [() => lock.acquireSync(), () => lock.guardSync(), () => value.update((x) => x + 1)])
      expect(() => elsewhere(blocks)).toThrow(StateError);
    expect(elsewhere(() => lock.acquireSync({ timeout: 5 }))).toBe(false);
    expect([value.value, lock.locked()]).toEqual([1, true]);
  });
  expect([lock.acquireSync(), lock.locked()]).toEqual([true, true]);
  lock.release();
});

test('a terminated thread leaves its lock to the next one', async () => {
  const { Process } = getContext('thread');
  const lock = new Lock();
  using up = new Queue<number>();
  const child = new Process({
    target: () => {
      lock.acquireSync();
      up.putSync(1);
      for (;;);
    },
  });
  await child.start();
  await up.get();
  const waiting = lock.acquire();
  child.kill();
  expect(await waiting).toBe(true);
  expect(lock.ownerDied).toBe(true);
  lock.release();
  await child.join();
});

test.each(Object.entries(classes))(
  'a call that waits for a %s keeps it, though nobody else here does',
  async (_, Class) => {
    const { Process } = getContext('spawn');
    const [here, there] = Pipe();
    const child = new Process({
      args: [there],
      target: async (end: typeof there) => {
        const lock = (await end.recv()) as Lock;
        lock.acquireSync();
        await end.send('acquired');
        await end.recv();
        lock.release();
      },
    });
    await child.start();
    // A function of its own, so that nothing of this one's refers to the lock.
    const waiting = async (): Promise<{ waits: Promise<boolean>; lock: WeakRef<object> }> => {
      const lock = new Class();
      await here.send(lock);
      expect(await here.recv()).toBe('acquired');
      return { waits: lock.acquire(), lock: new WeakRef(lock) };
    };
    const { waits, lock } = await waiting();
    // What can be collected is, and what hears of it is told.
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    expect(lock.deref()).toBeDefined();
    await here.send('go on');
    expect(await waits).toBe(true);
    expect(await child.join()).toBe(0);
    here.close();
    there.close();
  },
);
