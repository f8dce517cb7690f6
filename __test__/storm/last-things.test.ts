// Other ends than kills: no memory left, the parent of the owner first, no descriptor left. What was held goes to the next one.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  EOFError,
  Event,
  getContext,
  Lock,
  Pipe,
  Queue,
  RLock,
  ThreadPool,
} from 'manyhands';
import { before, expectNothingLeft } from './leftovers.ts';
import { scale } from './scale.ts';

const POOR = join(import.meta.dirname, 'fixtures/poor.mjs');
const ROUNDS = Math.ceil(3 * scale);
const FEW_MEGABYTES = 24;
const SIGABRT = 6;

const { Process } = getContext('spawn');

let start: Awaited<ReturnType<typeof before>>;
beforeEach(async () => {
  start = await before(async () => {
    await using pool = new ThreadPool(1);
    const child = new Process({ target: () => undefined });
    await Promise.all([pool.apply(() => 1), child.start()]);
    await child.join();
  });
});
afterEach(() => expectNothingLeft(start));

/** For whoever shall have no memory left. */
function eat(): never {
  const eaten: unknown[] = [];
  for (;;) eaten.push(Array.from({ length: 1000 }, (_, i) => `${i}`));
}

interface Held {
  readonly lock: Lock;
  readonly rlock: RLock;
  readonly semaphore: BoundedSemaphore;
  readonly barrier: Barrier;
  readonly up: Queue<string>;
}

const held = (): Held => ({
  lock: new Lock(),
  rlock: new RLock(),
  semaphore: new BoundedSemaphore(2),
  barrier: new Barrier(2),
  up: new Queue<string>(),
});

/** For whoever dies with it. */
async function hold({ lock, rlock, semaphore, barrier, up }: Held): Promise<void> {
  lock.acquireSync();
  await rlock.acquire();
  await rlock.acquire();
  await semaphore.acquire();
  barrier.wait().catch(() => undefined);
  await up.put('holds all');
}

async function expectInherited({ lock, rlock, semaphore, barrier }: Held): Promise<void> {
  expect(await lock.acquire()).toBe(true);
  expect(await rlock.acquire()).toBe(true);
  expect([lock.ownerDied, rlock.ownerDied]).toEqual([true, true]);
  for (let i = 0; i < 2; i++) expect(await semaphore.acquire()).toBe(true);
  expect([semaphore.ownerDied, semaphore.tryAcquire()]).toEqual([true, false]);
  for (const one of [lock, rlock, semaphore, semaphore]) one.release();
  expect([lock.ownerDied, rlock.ownerDied, semaphore.ownerDied]).toEqual([false, false, false]);
  // An expectation of a rejection would keep the barrier for longer than the test.
  expect(await barrier.wait().catch((error: unknown) => error)).toBeInstanceOf(BrokenBarrierError);
  barrier.reset();
}

test('a thread that has no memory left leaves what it held', async () => {
  for (let i = 0; i < ROUNDS; i++) {
    const all = held();
    const [here, there] = Pipe();
    await using pool = new ThreadPool({
      processes: 1,
      resourceLimits: { maxOldGenerationSizeMb: FEW_MEGABYTES, maxYoungGenerationSizeMb: 4 },
    });
    const task = pool.apply(async () => {
      void there.closed;
      await hold(all);
      eat();
    });
    there.close();
    await expect(task).rejects.toMatchObject({ code: 'ERR_WORKER_DIED' });
    await expect(here.recv()).rejects.toThrow(EOFError);
    await expectInherited(all);
    here.close();
    all.up.close();
  }
});

test('a process that has no memory left leaves what it held', async () => {
  for (let i = 0; i < ROUNDS; i++) {
    const all = held();
    const [here, there] = Pipe();
    const child = new Process({
      target: async () => {
        void there.closed;
        await hold(all);
        eat();
      },
      execArgv: [`--max-old-space-size=${FEW_MEGABYTES}`],
      // Node says at length what has happened.
      stdio: 'ignore',
    });
    await child.start();
    there.close();
    expect(await child.join()).toBe(-SIGABRT);
    await expect(here.recv()).rejects.toThrow(EOFError);
    await expectInherited(all);
    here.close();
    all.up.close();
  }
});

test.each(['spawn', 'thread'] as const)(
  'a daemonic child by %s dies with its parent, and leaves what it held',
  async (method) => {
    for (let i = 0; i < ROUNDS; i++) {
      const [all, ofParent] = [held(), held()];
      const parent = new Process({
        target: async () => {
          const { Process: Inner } = getContext(method);
          const child = new Inner({
            daemon: true,
            target: async () => {
              await hold(all);
              for (;;);
            },
          });
          await child.start();
          await hold(ofParent);
          await child.join();
        },
      });
      await parent.start();
      await Promise.all([all.up.get(), ofParent.up.get()]);
      expect([all.lock.tryAcquire(), ofParent.lock.tryAcquire()]).toEqual([false, false]);
      const waiting = [all, ofParent].map(expectInherited);
      parent.kill();
      await Promise.all(waiting);
      await parent.join();
      for (const { up } of [all, ofParent]) up.close();
    }
  },
);

test('a child that outlives its parent keeps what it holds until it gives it back', async () => {
  const all = held();
  const done = new Event();
  const parent = new Process({
    target: async () => {
      const child = new Process({
        daemon: false,
        target: async () => {
          await hold(all);
          await done.wait();
          for (const one of [all.rlock, all.rlock, all.lock, all.semaphore]) one.release();
          await all.up.put('gave all back');
        },
      });
      await child.start();
      await child.join();
    },
  });
  await parent.start();
  await all.up.get();
  parent.kill();
  await parent.join();
  expect([all.lock.tryAcquire(), all.rlock.tryAcquire(), all.semaphore.getValue()]).toEqual([false, false, 1]);
  const waiting = all.lock.acquire();
  done.set();
  expect(await all.up.get()).toBe('gave all back');
  expect([await waiting, all.lock.ownerDied]).toEqual([true, false]);
  all.lock.release();
  expect([all.rlock.tryAcquire(), all.semaphore.getValue()]).toEqual([true, 2]);
  all.rlock.release();
  all.up.close();
  // What this process has open to ring an orphan, which it does not bury, is closed when it next buries anybody.
  const last = new Process({ target: () => undefined });
  await last.start();
  await last.join();
});

test('a process without a descriptor to open shares everything with a child as before', async () => {
  const limited = ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, POOR];
  const { stdout } = await promisify(execFile)('sh', limited, { timeout: 60_000 });
  expect(stdout).toBe('up\nEMFILE\ndies with the lock\ntrue true\nEOFError\n');
});
