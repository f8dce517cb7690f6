// JoinableQueue: taskDone and join, and counts that stay right whoever dies; the rows of CPython's _TestQueue on task_done.
import { describe, expect, test } from 'vitest';
import { getContext, JoinableQueue, Queue, QueueShutDownError, StateError, TimeoutError } from 'manyhands';
import { expectNothingLeft, methods } from './arena.js';

expectNothingLeft();

test('join resolves at once while nothing was put, and again when all is done', async () => {
  using queue = new JoinableQueue<number>();
  await queue.join();
  queue.joinSync();
  await queue.put(1);
  queue.putNowait(2);
  const joined: string[] = [];
  const join = queue.join().then(() => joined.push('joined'));
  expect([await queue.get(), queue.getSync()]).toEqual([1, 2]);
  queue.taskDone();
  await expect(queue.join({ timeout: 0 })).rejects.toThrow(TimeoutError);
  expect(() => queue.joinSync({ timeout: 5 })).toThrow(TimeoutError);
  expect(joined).toEqual([]);
  queue.taskDone();
  await join;
  queue.joinSync({ timeout: 0 });
});

test('taskDone counts what was put, taken or not, and refuses more', async () => {
  using queue = new JoinableQueue<number>();
  expect(() => queue.taskDone()).toThrow(StateError);
  queue.putNowait(1);
  queue.putNowait(2);
  queue.taskDone();
  queue.taskDone();
  expect(() => queue.taskDone()).toThrow('taskDone() was called more often than items were put');
  await queue.join();
  expect(queue.qsize()).toBe(2);
  // What is put from now on is a task of its own, and what was done before it was taken stays so.
  queue.putNowait(3);
  expect([queue.getNowait(), queue.getNowait(), queue.getNowait()]).toEqual([1, 2, 3]);
  await expect(queue.join({ timeout: 0 })).rejects.toThrow(TimeoutError);
  queue.taskDone();
  await queue.join();
});

test('a join that hears late that all was done resolves though there are tasks again', async () => {
  using queue = new JoinableQueue<number>();
  queue.putNowait(1);
  const join = queue.join();
  queue.taskDone();
  queue.putNowait(2);
  await join;
});

test('an item that could not be put is no task', async () => {
  using queue = new JoinableQueue<unknown>(1);
  await expect(queue.put(() => 1)).rejects.toMatchObject({ code: 'ERR_DATA_CLONE' });
  await queue.join();
  queue.putNowait(1);
  expect(() => queue.putNowait(2)).toThrow('full');
  queue.getNowait();
  queue.taskDone();
  await queue.join();
  expect(() => queue.taskDone()).toThrow(StateError);
});

test('a join ends by its signal and by close', async () => {
  const queue = new JoinableQueue<number>();
  queue.putNowait(1);
  const abort = new AbortController();
  const aborted = queue.join({ signal: abort.signal });
  const closed = queue.join();
  abort.abort(new Error('no more'));
  await expect(aborted).rejects.toThrow('no more');
  queue.close();
  await expect(closed).rejects.toThrow(StateError);
  await expect(queue.join()).rejects.toThrow(StateError);
  expect(() => queue.joinSync()).toThrow(StateError);
  expect(() => queue.taskDone()).toThrow(StateError);
});

test('what an immediate shutdown discards is done, what was taken is not', async () => {
  using queue = new JoinableQueue<number>();
  for (const item of [1, 2, 3]) queue.putNowait(item);
  queue.getNowait();
  queue.shutdown({ immediate: true });
  await expect(queue.get()).rejects.toThrow(QueueShutDownError);
  await expect(queue.join({ timeout: 0 })).rejects.toThrow(TimeoutError);
  queue.taskDone();
  await queue.join();
});

test('has all of Queue, and shows itself', async () => {
  using queue = new JoinableQueue<number>(2);
  expect(queue).toBeInstanceOf(Queue);
  queue.putNowait(1);
  expect([queue.qsize(), queue.full(), queue.empty()]).toEqual([1, false, false]);
  const { inspect } = await import('node:util');
  expect(inspect(queue)).toBe('JoinableQueue { qsize: 1 }');
  expect(() => new JoinableQueue('2' as unknown as number)).toThrow('Expected `maxsize` to be');
  queue.shutdown();
  const items = [];
  for await (const item of queue) items.push(item);
  expect(items).toEqual([1]);
});

describe.each(methods)('with children by %s', (method) => {
  const { JoinableQueue: Joinable, Pool, Process } = getContext(method);

  test('join waits until four workers have done all ten tasks', async () => {
    using queue = new Joinable<number | null>();
    using done = new Queue<number>();
    const workers = Array.from(
      { length: 4 },
      () =>
        new Process({
          args: [queue, done],
          target: async (tasks: typeof queue, results: typeof done) => {
            for (;;) {
              const task = await tasks.get();
              if (task !== null) await results.put(task * 2);
              tasks.taskDone();
              if (task === null) return;
            }
          },
        }),
    );
    await Promise.all(workers.map((worker) => worker.start()));
    for (let i = 0; i < 10; i++) await queue.put(i);
    await queue.join();
    const results = Array.from({ length: 10 }, () => done.getNowait());
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => i * 2));
    for (const _ of workers) await queue.put(null);
    queue.joinSync();
    await Promise.all(workers.map((worker) => worker.join()));
  });

  test('comes home as itself, and what was taken here can be done there', async () => {
    using queue = new Joinable<number>();
    queue.putNowait(1);
    queue.getNowait();
    await using pool = new Pool(1);
    const same = await pool.apply(
      (tasks: typeof queue) => {
        tasks.taskDone();
        return { tasks };
      },
      [queue],
    );
    expect(same.tasks).toBe(queue);
    await queue.join();
    expect(() => queue.taskDone()).toThrow(StateError);
  });

  test('what a worker took for us is ours to call done, though it forgets the queue', async () => {
    using queue = new Joinable<number>();
    await using pool = new Pool(1);
    const take = (tasks: typeof queue): Promise<number> => tasks.get();
    for (let round = 0; round < 3; round++) {
      queue.putNowait(round);
      expect(await pool.apply(take, [queue])).toBe(round);
      await pool.apply(async () => {
        const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
        setFlagsFromString('--expose-gc');
        for (let turn = 0; turn < 5; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
          (runInNewContext('gc') as () => void)();
        }
      });
      await expect(queue.join({ timeout: 0 })).rejects.toThrow(TimeoutError);
      queue.taskDone();
      await queue.join();
      expect(() => queue.taskDone()).toThrow(StateError);
    }
  });

  test.each(['join', 'joinSync'] as const)('a child waits in %s for what is done here', async (join) => {
    using queue = new Joinable<number>();
    using said = new Queue<string>();
    queue.putNowait(1);
    const child = new Process({
      args: [queue, said, join],
      target: async (tasks: typeof queue, out: typeof said, how: typeof join) => {
        await out.put('waits');
        await tasks[how]();
        await out.put('joined');
      },
    });
    await child.start();
    expect(await said.get()).toBe('waits');
    expect(said.empty()).toBe(true);
    queue.getNowait();
    queue.taskDone();
    expect(await said.get()).toBe('joined');
    await child.join();
  });

  test('what a child had in hand when it was killed, ended or closed the queue is gone with it', async () => {
    for (const how of ['kill', 'end', 'close']) {
      using queue = new Joinable<number>();
      using said = new Queue<number>();
      for (const item of [1, 2, 3]) queue.putNowait(item);
      const child = new Process({
        args: [queue, said, how],
        target: async (tasks: typeof queue, out: typeof said, end: string) => {
          await tasks.get();
          await tasks.get();
          tasks.taskDone();
          if (end === 'close') tasks.close();
          await out.put(1);
          if (end === 'kill') for (;;);
        },
      });
      await child.start();
      await said.get();
      if (how === 'kill') child.kill();
      await child.join();
      await expect(queue.join({ timeout: 0 })).rejects.toThrow(TimeoutError);
      expect(await queue.get()).toBe(3);
      queue.taskDone();
      await queue.join();
      expect(() => queue.taskDone()).toThrow(StateError);
    }
  });

  test('a join is told when the last item is gone with a sibling that was killed', async () => {
    using queue = new Joinable<number>();
    using said = new Queue<string>();
    queue.putNowait(1);
    const taker = new Process({
      args: [queue, said],
      target: async (tasks: typeof queue, out: typeof said) => {
        await tasks.get();
        await out.put('taken');
        for (;;);
      },
    });
    await taker.start();
    expect(await said.get()).toBe('taken');
    const joiner = new Process({
      args: [queue, said],
      target: async (tasks: typeof queue, out: typeof said) => {
        await out.put('waits');
        await tasks.join();
        await out.put('joined');
      },
    });
    await joiner.start();
    expect(await said.get()).toBe('waits');
    taker.kill();
    expect(await said.get()).toBe('joined');
    await Promise.all([taker.join(), joiner.join()]);
  });

  test('counts are right after forty kills of those who put, take and finish', async () => {
    using queue = new Joinable<number>(8);
    const work = async (tasks: typeof queue): Promise<void> => {
      // Somebody else may have been faster.
      const raced = (error: unknown): void => {
        if (!/^Queue(Full|Empty)Error$/.test((error as Error).name)) throw error;
      };
      for (let i = 0; ; i++) {
        try {
          if (i % 3 !== 2) tasks.putNowait(i);
          else {
            tasks.getNowait();
            tasks.taskDone();
          }
        } catch (error) {
          raced(error);
        }
      }
    };
    for (let round = 0; round < 10; round++) {
      const workers = Array.from({ length: 4 }, () => new Process({ target: work, args: [queue] }));
      await Promise.all(workers.map((worker) => worker.start()));
      // They work while this waits for its turn.
      for (let item = 0; item < 20; item++) {
        await queue.get();
        queue.taskDone();
      }
      for (const worker of workers) worker.kill();
      await Promise.all(workers.map((worker) => worker.join()));
      // What is left is in the queue, and nothing else is unfinished.
      for (let left = queue.qsize(); left > 0; left--) {
        await expect(queue.join({ timeout: 0 })).rejects.toThrow(TimeoutError);
        queue.getNowait();
        queue.taskDone();
      }
      await queue.join();
      expect(() => queue.taskDone()).toThrow(StateError);
    }
  });
});
