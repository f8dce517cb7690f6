// What is acquired by an object that is forgotten: it stays its owner's, and goes to the next one when that ends.
import { BoundedSemaphore, getContext, Lock, RLock, Semaphore } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, methods } from '../queue/arena.js';

expectNothingLeft();

const classes = { Lock, RLock, Semaphore, BoundedSemaphore };

describe.each(methods)('shared by %s', (method) => {
  test.each(Object.entries(classes))(
    'a %s that its owner has forgotten stays its own, until it dies',
    async (_, Class) => {
      const pool = new (getContext(method).Pool)(1);
      const lock = new Class() as Lock;
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
});
