// What is acquired or taken by an object that is forgotten: it stays its owner's, and others get it when that ends.
import { BoundedSemaphore, getContext, JoinableQueue, Lock, RLock, Semaphore } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, methods } from '../queue/arena.js';

expectNothingLeft();

const classes = { Lock, RLock, Semaphore, BoundedSemaphore };

/** Runs in a worker. */
const forget = async (): Promise<void> => {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What can be collected is, and what hears of it is told.
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => void setImmediate(resolve));
    collect();
  }
};

describe.each(methods)('shared by %s', (method) => {
  test.each(Object.entries(classes))(
    'a %s that its owner has forgotten stays its own, until it dies',
    async (_, Class) => {
      const pool = new (getContext(method).Pool)(1);
      const lock = new Class() as Lock;
      await pool.apply((given: Lock) => given.acquire(), [lock]);
      await pool.apply(forget);
      expect(lock.locked()).toBe(true);
      const again = (given: Lock): Promise<boolean> => {
        given.release();
        return given.acquire();
      };
      expect(await pool.apply(again, [lock])).toBe(true);
      await pool.apply(forget);
      await expect(pool.apply(() => process.exit(1))).rejects.toThrow('exit');
      expect([await lock.acquire(), lock.ownerDied]).toEqual([true, true]);
      lock.release();
      await pool.terminate();
    },
  );

  test('a task that its consumer has in hand when it forgets the queue counts as done when that dies', async () => {
    const pool = new (getContext(method).Pool)(1);
    const queue = new JoinableQueue<number>();
    for (const task of [1, 2]) await queue.put(task);
    const take = (given: JoinableQueue<number>): Promise<number> => given.get();
    expect(await pool.apply(take, [queue])).toBe(1);
    await pool.apply(forget);
    await pool.apply((given: JoinableQueue) => given.taskDone(), [queue]);
    expect(await pool.apply(take, [queue])).toBe(2);
    await pool.apply(forget);
    const joined = queue.join();
    await expect(pool.apply(() => process.exit(1))).rejects.toThrow('exit');
    await joined;
    expect(() => queue.taskDone()).toThrow('more often');
    queue.close();
    await pool.terminate();
  });
});
