// Handles travel: a queue goes anywhere at any time, comes home as the same object, and ends when nobody has it any more.
import { getContext, Pipe, Pool, Process, Queue } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, inArena, methods, settled, until } from './arena.js';

expectNothingLeft();

describe.each(methods)('with children by %s', (method) => {
  const { Process, Pool } = getContext(method);

  test('a queue comes home as the same object, at any depth', async () => {
    using there = new Queue<unknown>();
    using back = new Queue<Map<string, unknown[]>>();
    const child = new Process({
      target: async (nested: { queues: [Queue<unknown>, Queue<unknown>] }) => {
        const [first, second] = nested.queues;
        await back.put(new Map([['here', [first === second, first, { back }]]]));
      },
      args: [{ queues: [there, there] }],
    });
    await child.start();
    const [same, first, { back: mine }] = (await back.get()).get('here') as [boolean, unknown, { back: unknown }];
    expect([same, first === there, mine === back]).toEqual([true, true, true]);
    expect(await child.join()).toBe(0);
  });

  test('a queue made by a child outlives it, also while nothing but a message knows it', async () => {
    using back = new Queue<Queue<string>>();
    const child = new Process({
      target: async () => {
        const inner = new (back.constructor as typeof Queue)<string>(3);
        await inner.put('made by the dead');
        await back.put(inner);
        process.kill(process.pid, process.env['HANDLES_TEST_THREAD'] === undefined ? 'SIGKILL' : 0);
      },
      ...(method === 'thread' ? { env: { HANDLES_TEST_THREAD: '1' } } : {}),
    });
    await child.start();
    await child.join();
    using inner = await back.get();
    expect([await inner.get(), inner.empty()]).toEqual(['made by the dead', true]);
  });

  test('siblings meet in a queue that one of them made', async () => {
    using first = new Queue<Queue<number>>();
    using answer = new Queue<number>();
    const one = new Process({
      target: async () => {
        const meeting = new (first.constructor as typeof Queue)<number>();
        await first.put(meeting);
        await answer.put((await meeting.get()) + 1);
      },
    });
    const two = new Process({
      target: async () => {
        const meeting = await first.get();
        await meeting.put(41);
      },
    });
    await Promise.all([one.start(), two.start()]);
    expect(await answer.get()).toBe(42);
    expect([await one.join(), await two.join()]).toEqual([0, 0]);
  });

  test('a pool takes queues as arguments, items and captured variables, and gives them as results', async () => {
    await using pool = new Pool(2);
    using queue = new Queue<number>();
    expect(await pool.apply((given) => given, [queue])).toBe(queue);
    const given = await pool.map((item: Queue<number>) => [item, item === queue], [queue, queue, queue]);
    for (const [item, same] of given) expect([item === queue, same]).toEqual([true, true]);
    await pool.map((i) => queue.put(i), [1, 2, 3, 4]);
    const got = [1, 2, 3, 4].map(() => queue.getNowait());
    expect(got.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
    const made = await pool.apply(async () => {
      const fresh = new (queue.constructor as typeof Queue)<string>();
      await fresh.put('hello');
      return { fresh };
    });
    expect(made.fresh.getNowait()).toBe('hello');
    made.fresh.close();
    const doubled = await pool.map(
      (x: number) => {
        queue.putSync(x);
        return x * 2;
      },
      Float64Array.of(1, 2, 3),
    );
    expect([...doubled]).toEqual([2, 4, 6]);
    expect([1, 2, 3].map(() => queue.getNowait()).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });

  test('an argument that is closed right after the call still arrives', async () => {
    await using pool = new Pool(1);
    using back = new Queue<string>();
    const queue = new Queue<string>();
    await queue.put('kept');
    const call = pool.apply(async (q: Queue<string>) => back.put(await q.get()), [queue]);
    queue.close();
    await call;
    expect(await back.get()).toBe('kept');
  });
});

test('a closed queue does not travel', async () => {
  using road = new Queue<unknown>();
  const queue = new Queue();
  queue.close();
  await expect(road.put({ queue })).rejects.toMatchObject({ name: 'DataCloneError', path: 'item.queue' });
});

test.each([
  [
    'a closed queue',
    'it is a queue that is closed',
    () => {
      const queue = new Queue();
      queue.close();
      return queue;
    },
  ],
  [
    'a closed connection',
    'it is a connection that is closed',
    () => {
      const ends = Pipe();
      for (const end of ends) end.close();
      return ends[0];
    },
  ],
  [
    'detached memory',
    'it is a detached ArrayBuffer',
    () => {
      const view = new Uint8Array(4);
      structuredClone(view, { transfer: [view.buffer] });
      return view;
    },
  ],
  ['a SharedArrayBuffer', 'it is a SharedArrayBuffer', () => new Uint8Array(new SharedArrayBuffer(4))],
] as const)('%s is refused by the name of the variable that captures it', async (_, reason, make) => {
  const value: unknown = make();
  const deep = { list: [value] };
  const other = 'given by hand';
  await using pool = new Pool(1);
  for (const [variable, call] of [
    ['value', () => pool.apply(() => typeof value)],
    ['deep', () => pool.apply(() => typeof deep)],
    ['other', () => pool.apply(() => typeof other, [], { with: { other: value } })],
    ['value', () => new Process({ target: () => void value }).start()],
  ] as const) {
    await expect(call()).rejects.toMatchObject({ code: 'ERR_CAPTURE', variable });
    await expect(call()).rejects.toThrow(reason);
  }
});

test('queues in messages that nobody reads end with the queue that holds them', async () => {
  const before = await settled();
  const road = new Queue<unknown>();
  let outer: Queue<unknown> = road;
  for (let depth = 0; depth < 20; depth++) {
    const inner = new Queue<unknown>();
    await outer.put([inner, new Uint8Array(300_000)]);
    if (outer !== road) outer.close();
    outer = inner;
  }
  outer.close();
  expect(inArena().objects).toBeGreaterThan(before.objects + 20);
  road.close();
  await until(() => inArena().blocks === before.blocks);
  expect(inArena()).toEqual(before);
});

test('one queue in more messages than it can list lives until the last of them is read', async () => {
  const before = await settled();
  const road = new Queue<Queue<number>>();
  const queue = new Queue<number>();
  await queue.put(7);
  for (let i = 0; i < 50; i++) await road.put(queue);
  queue.close();
  for (let i = 0; i < 49; i++) (await road.get()).close();
  const last = await road.get();
  expect(last.getNowait()).toBe(7);
  last.close();
  road.close();
  expect(inArena()).toEqual(before);
});

test('a queue that nobody closes ends when it is collected', async () => {
  const before = await settled();
  (() => {
    for (let i = 0; i < 100; i++) new Queue(i).putNowait(i);
  })();
  expect(inArena().objects).toBeGreaterThan(before.objects);
  await until(() => inArena().objects === before.objects && inArena().blocks === before.blocks);
});

test('a hundred thousand queues live at a time', async () => {
  const before = await settled();
  const queues: Queue<number>[] = [];
  for (let i = 0; i < 100_000; i++) queues.push(new Queue<number>(2));
  queues.forEach((queue, i) => queue.putNowait(i));
  queues.forEach((queue, i) => {
    if (queue.getNowait() !== i) throw new Error(`queue ${i} gave another item`);
  });
  for (const queue of queues) queue.close();
  expect(inArena().objects).toBe(before.objects);
});
