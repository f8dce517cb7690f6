// Deaths: whoever is killed while it puts, gets or waits, nobody else waits for it, and nothing that was put is lost.
import { getContext, Queue } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { openDescriptors } from '../descriptors.js';
import { expectNothingLeft, inArena, until } from './arena.js';

expectNothingLeft();

describe('a killed process', () => {
  const { Process } = getContext('spawn');
  const started = async (target: (up: Queue<number>) => unknown): Promise<InstanceType<typeof Process>> => {
    using up = new Queue<number>();
    const child = new Process({ target, args: [up] });
    await child.start();
    await up.get();
    return child;
  };

  test.each(['get', 'getSync'] as const)('that waited in %s keeps nobody else from getting', async (get) => {
    using queue = new Queue<number>();
    const child = await started(async (up) => {
      await up.put(1);
      await queue[get]();
    });
    child.kill();
    await child.join();
    await queue.put(1);
    expect(await queue.get()).toBe(1);
  });

  test.each(['put', 'putSync'] as const)('that waited in %s leaves its item out, and room for others', async (put) => {
    using queue = new Queue<string>(1);
    await queue.put('first');
    const before = inArena().blocks;
    const child = await started(async (up) => {
      await up.put(1);
      await queue[put]('second');
    });
    child.kill();
    await child.join();
    expect(await queue.get()).toBe('first');
    await queue.put('third');
    expect([await queue.get(), queue.qsize()]).toEqual(['third', 0]);
    await until(() => inArena().blocks <= before);
  });

  test('leaves what it had put, however much, in order', async () => {
    using queue = new Queue<number>();
    const child = await started(async (up) => {
      for (let i = 0; i < 1000; i++) queue.putSync(i);
      await up.put(1);
      for (let i = 1000; ; i++) queue.putSync(i);
    });
    child.kill();
    await child.join();
    const items: number[] = [];
    while (!queue.empty()) items.push(queue.getNowait());
    expect(items.length).toBeGreaterThanOrEqual(1000);
    expect(items).toEqual(items.map((_, i) => i));
  });

  test('gives back an item that it had taken but not yet got', async () => {
    using queue = new Queue<{ text: string }>();
    const { native } = await import('../../dist/internal/native.js');
    const child = await started(async (up) => {
      await up.put(1);
      for (;;) {
        const item = queue.getSync();
        queue.putSync(item);
      }
    });
    await queue.put({ text: 'the only one' });
    // Whenever it dies, the item is in the queue, in its hands (and comes back), or got and not put back.
    child.kill();
    await child.join();
    native().reap();
    expect(queue.qsize()).toBeLessThanOrEqual(1);
    if (queue.qsize() === 1) expect(await queue.get()).toEqual({ text: 'the only one' });
  });

  test('is found by those who wait for what a sibling took: nobody but they need look', async () => {
    using queue = new Queue<number>(1);
    using up = new Queue<number>();
    await queue.put(1);
    // The grandchild dies unseen by its parent, which is stopped; its bits in the queue must not stay.
    const child = new Process({
      target: async () => {
        const { Process: Inner } = getContext('spawn');
        const grandchild = new Inner({
          target: async () => {
            await up.put(process.pid);
            await queue.put(2);
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
    expect(await queue.get()).toBe(1);
    const waiting = queue.get();
    await until(() => inArena().participants === 2);
    await queue.put(3);
    expect(await waiting).toBe(3);
    process.kill(child.pid ?? 0, 'SIGCONT');
    await child.join();
  });
});

test('a process whose death a sibling sees first leaves open here no descriptor of its own', async () => {
  const { Process } = getContext('spawn');
  using down = new Queue<number>();
  using up = new Queue<number>();
  using stop = new Queue<number>();
  const sibling = new Process({
    target: async () => {
      await up.put(0);
      stop.getSync();
    },
  });
  await sibling.start();
  await up.get();
  const before = openDescriptors();
  const sleeper = new Process({
    target: async () => {
      await up.put(0);
      for await (const item of down) await up.put(item);
    },
  });
  await sleeper.start();
  await up.get();
  const opened = (): string[] => openDescriptors().filter((one) => one.includes('pipe:') && !before.includes(one));
  // The pipe to its event loop is opened when that is asleep and has to be rung.
  while (opened().length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await down.put(1);
    await up.get();
  }
  process.kill(sleeper.pid ?? 0, 'SIGKILL');
  // No turn of the event loop, by which this process would hear of it.
  while (inArena().participants > 2);
  await sleeper.join();
  expect(opened()).toEqual([]);
  await stop.put(1);
  await sibling.join();
});

test('a terminated thread that waited in getSync keeps nobody from getting', async () => {
  const { Process } = getContext('thread');
  using queue = new Queue<number>();
  using up = new Queue<number>();
  const child = new Process({
    target: () => {
      up.putSync(1);
      queue.getSync();
    },
  });
  await child.start();
  await up.get();
  child.kill();
  await child.join();
  await queue.put(1);
  expect(await queue.get()).toBe(1);
});
