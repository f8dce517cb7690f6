// Workers end exactly where it hurts: while a result is encoded, in the initializer, while a module loads, while the pool ends.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pool, ThreadPool } from 'manyhands';
import { Sniper } from './killers.ts';
import { beforePools, expectNothingLeft } from './leftovers.ts';
import { randomFrom, seed } from './random.ts';
import { scale } from './scale.ts';

const ROUNDS = 5 * scale;
const DIES = pathToFileURL(join(import.meta.dirname, 'fixtures/dies.mjs')).href;
const DIED = { code: 'ERR_WORKER_DIED' };

const random = randomFrom(seed);

let start: Awaited<ReturnType<typeof beforePools>>;
beforeEach(async () => {
  start = await beforePools();
});
afterEach(() => expectNothingLeft(start));

const BACK_ENDS = [
  ['a process', Pool, (): unknown => process.kill(process.pid, 'SIGKILL')],
  ['a thread', ThreadPool, (): unknown => process.exit(9)],
] as const;

describe.each(BACK_ENDS)(`%s that ends itself, SEED=${seed}`, (_, Workers, die) => {
  const TASKS: Readonly<Record<string, () => unknown>> = {
    'in a task': () => die(),
    'in a getter of the result': () => ({
      first: new Uint8Array(1000),
      get second() {
        return die();
      },
    }),
    'in a getter behind a large binary of the result': () => [
      new Uint8Array(500_000),
      {
        get second() {
          return die();
        },
      },
    ],
    'after an await': async () => {
      await new Promise((resolve) => setImmediate(resolve));
      die();
    },
    'in a property of what it throws': () => {
      throw Object.assign(new Error('x'), {
        get code() {
          return die();
        },
      });
    },
  };

  test.each(Object.entries(TASKS))('%s fails that task alone', async (_name, task) => {
    await using pool = new Workers(2);
    for (let i = 0; i < ROUNDS; i++) {
      const others = Array.from({ length: 5 }, (__, k) => pool.apply((x) => x + 1, [k]));
      await expect(pool.apply(task)).rejects.toMatchObject(DIED);
      // Those that waited behind it in the same worker ran elsewhere.
      expect(await Promise.all(others)).toEqual([1, 2, 3, 4, 5]);
    }
  });

  test('while it evaluates a module fails that call alone', async () => {
    await using pool = new Workers(1);
    for (let i = 0; i < ROUNDS; i++) {
      await expect(pool.apply({ module: DIES, name: 'never' })).rejects.toMatchObject(DIED);
      expect(await pool.apply(() => i, [], { with: { i } })).toBe(i);
    }
  });

  test('when it has nothing to do loses no call', async () => {
    await using pool = new Workers(2);
    for (let i = 0; i < ROUNDS; i++) {
      await pool.apply(() => void setTimeout(die, 0));
      // Dead, dying or about to: a call may die with it, and the next ones must not.
      for (let k = 0; k < 3; k++) {
        await pool.apply((x) => x, [k], { retries: 5 }).then((value) => expect(value).toBe(k));
      }
    }
  });

  test('in the initializer fails every call once and for all', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      const pool = new Workers({ processes: 2, initializer: () => void die() });
      const calls = [1, 2, 3].map((x) => pool.apply((y) => y, [x]));
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'ERR_INITIALIZER' });
      await pool.terminate();
    }
  });

  test('with the pool closing settles every call', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      const pool = new Workers(2);
      const calls = Array.from({ length: 20 }, (__, k) => pool.apply((x) => (x % 7 === 3 ? die() : x), [k]));
      pool.close();
      const ends = await Promise.allSettled(calls);
      await pool.join();
      ends.forEach((end, k) => {
        if (k % 7 === 3) expect(end).toMatchObject({ status: 'rejected', reason: DIED });
        else expect(end).toEqual({ status: 'fulfilled', value: k });
      });
    }
  });
});

describe(`processes killed from outside, SEED=${seed}`, () => {
  test('while the pool is being terminated leave nothing', async () => {
    await using sniper = new Sniper();
    for (let i = 0; i < ROUNDS; i++) {
      await using pool = new Pool(2);
      await Promise.all([pool.apply(() => 1), pool.apply(() => 2)]);
      const calls = Array.from({ length: 10 }, () => pool.apply(() => new Uint8Array(100_000)));
      const ends = Promise.allSettled(calls);
      for (const { pid } of pool.workers) sniper.shoot(pid, random.below(400));
      if (random.below(2) === 0) await new Promise((resolve) => setImmediate(resolve));
      await pool.terminate();
      for (const end of await ends) {
        if (end.status === 'rejected') expect(end.reason.code).toMatch(/^ERR_(POOL_TERMINATED|WORKER_DIED)$/);
      }
    }
  });

  test('while they start programs leave nothing, though the programs live on', async () => {
    await using sniper = new Sniper();
    await using pool = new Pool(2);
    for (let i = 0; i < ROUNDS; i++) {
      const call = pool.apply(() => {
        const { spawn } = process.getBuiltinModule('node:child_process');
        for (let k = 0; k < 20; k++) spawn('sleep', ['0.3'], { stdio: 'ignore' }).unref();
        return true;
      });
      for (const { pid } of pool.workers) sniper.shoot(pid, random.below(30_000));
      const [end] = await Promise.allSettled([call]);
      if (end.status === 'rejected') expect(end.reason).toMatchObject(DIED);
    }
  });
});
