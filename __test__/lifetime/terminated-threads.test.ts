// A thread that is terminated in a wait, or with something in hand, keeps nobody else from it: what kill tests of processes
// say of processes.
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  EOFError,
  Event,
  getContext,
  JoinableQueue,
  Lock,
  Pipe,
  Queue,
  RLock,
  Semaphore,
} from 'manyhands';
import { expect, test } from 'vitest';
import { expectNothingLeft, inArena, until } from '../queue/arena.js';

expectNothingLeft();

const { Process } = getContext('thread');

/** Starts a thread that tells when it is as far as the test wants it. */
async function started<Args extends unknown[]>(
  target: (up: Queue<number>, ...args: Args) => unknown,
  ...args: Args
): Promise<InstanceType<typeof Process>> {
  using up = new Queue<number>();
  const thread = new Process({ target, args: [up, ...args] });
  await thread.start();
  await up.get();
  return thread;
}

async function terminated(thread: InstanceType<typeof Process>): Promise<void> {
  thread.terminate();
  expect(await thread.join()).toBe(-15);
}

test.each([
  ['Lock', Lock],
  ['RLock', RLock],
  ['Semaphore', Semaphore],
  ['BoundedSemaphore', BoundedSemaphore],
])('what it had of a %s goes to the next one, who can tell', async (_, Class) => {
  const lock = new Class();
  const thread = await started((up, given) => {
    given.acquireSync();
    up.putSync(1);
    for (;;);
  }, lock);
  expect(lock.tryAcquire()).toBe(false);
  const waiting = lock.acquire();
  await terminated(thread);
  expect([await waiting, lock.ownerDied]).toEqual([true, true]);
  lock.release();
});

test.each(['acquire', 'acquireSync'] as const)('waiting in %s it takes nothing', async (how) => {
  const lock = new Lock();
  await lock.acquire();
  const thread = await started(
    async (up, given, wait) => {
      await up.put(1);
      await given[wait]();
    },
    lock,
    how,
  );
  await terminated(thread);
  lock.release();
  expect(lock.acquireSync()).toBe(true);
  lock.release();
});

test.each(['wait', 'waitSync'] as const)('in Event.%s it delays no set', async (how) => {
  const event = new Event();
  const thread = await started(
    async (up, given, wait) => {
      await up.put(1);
      await given[wait]();
    },
    event,
    how,
  );
  const waiting = event.wait();
  await terminated(thread);
  event.set();
  expect([await waiting, event.waitSync()]).toEqual([true, true]);
});

test.each(['wait', 'waitSync'] as const)('in Condition.%s it takes no notification with it', async (how) => {
  const condition = new Condition();
  const sleep = async (up: Queue<number>, given: Condition, wait: typeof how): Promise<void> => {
    await given.acquire();
    await up.put(1);
    await given[wait]();
  };
  const thread = await started(sleep, condition, how);
  // It waits, and this is behind it in the line.
  const here = condition.run(() => condition.wait());
  await terminated(thread);
  await condition.run(() => condition.notify());
  expect(await here).toBe(true);
  expect(condition.locked()).toBe(false);
});

test.each(['wait', 'waitSync'] as const)('in Barrier.%s it breaks the barrier', async (how) => {
  const barrier = new Barrier(3);
  const thread = await started(
    async (up, given, wait) => {
      await up.put(1);
      await given[wait]();
    },
    barrier,
    how,
  );
  const waiting = expect(barrier.wait()).rejects.toThrow(BrokenBarrierError);
  await until(() => barrier.nWaiting === 2);
  await terminated(thread);
  await waiting;
  barrier.reset();
  expect(await Promise.all([1, 2, 3].map(() => barrier.wait()))).toEqual([0, 1, 2]);
});

test.each(['get', 'getSync'] as const)('in Queue.%s it keeps nobody from getting', async (how) => {
  using queue = new Queue<number>();
  const thread = await started(
    async (up, given, get) => {
      await up.put(1);
      await given[get]();
    },
    queue,
    how,
  );
  await terminated(thread);
  await queue.put(1);
  expect(await queue.get()).toBe(1);
});

test.each(['put', 'putSync'] as const)('in Queue.%s it leaves its item out, and room for others', async (how) => {
  using queue = new Queue<string>(1);
  await queue.put('first');
  const before = inArena().blocks;
  const thread = await started(
    async (up, given, put) => {
      await up.put(1);
      await given[put]('second');
    },
    queue,
    how,
  );
  await terminated(thread);
  expect(await queue.get()).toBe('first');
  await queue.put('third');
  expect([await queue.get(), queue.qsize()]).toEqual(['third', 0]);
  await until(() => inArena().blocks <= before);
});

test('tasks that it had taken count as done', async () => {
  using queue = new JoinableQueue<number>();
  for (const item of [1, 2]) queue.putNowait(item);
  const thread = await started((up, given) => {
    given.getSync();
    up.putSync(1);
    for (;;);
  }, queue);
  const joined = queue.join();
  await terminated(thread);
  expect(await queue.get()).toBe(2);
  queue.taskDone();
  await joined;
});

test.each(['recv', 'recvSync', 'busy'] as const)(
  'with an end of a pipe, in %s, it leaves that at its end',
  async (how) => {
    const [here, there] = Pipe();
    const thread = await started(
      async (up, end, does) => {
        await up.put(1);
        if (does !== 'busy') await end[does]();
        for (;;);
      },
      there,
      how,
    );
    there.close();
    const receiving = expect(here.recv()).rejects.toThrow(EOFError);
    await terminated(thread);
    await receiving;
    expect(() => here.sendSync(1)).toThrow(expect.objectContaining({ code: 'EPIPE' }));
    here.close();
  },
);
