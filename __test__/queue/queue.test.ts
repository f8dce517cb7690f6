// Queue: put and get in all their forms, limits, order, shutting down, closing; the rows of CPython's _TestQueue.
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import {
  DataCloneError,
  getContext,
  Queue,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  StateError,
  TimeoutError,
} from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, inArena, methods } from './arena.js';

expectNothingLeft();

const never = (): AbortSignal => AbortSignal.timeout(2 ** 31 - 1);

describe('a queue in one place', () => {
  test('gives items back in order, by every form of put and get', async () => {
    using queue = new Queue<number>();
    await queue.put(1);
    queue.putSync(2);
    queue.putNowait(3);
    await queue.put(4, { timeout: 1000, signal: never() });
    expect(queue.qsize()).toBe(4);
    expect(await queue.get()).toBe(1);
    expect(queue.getSync()).toBe(2);
    expect(queue.getNowait()).toBe(3);
    expect(await queue.get({ timeout: 0 })).toBe(4);
  });

  test('a getter of an item may itself put and get, small and large', async () => {
    using queue = new Queue<unknown>();
    using other = new Queue<unknown>();
    const large = 'x'.repeat(10_000);
    for (const size of ['small', large]) {
      const item = {
        before: size,
        get within() {
          for (const value of ['one', large, 'two']) {
            other.putNowait({ value });
            expect(other.getNowait()).toEqual({ value });
          }
          return 'within';
        },
        after: size,
      };
      await queue.put(item);
      queue.putNowait(item);
      expect(await queue.get()).toEqual({ before: size, within: 'within', after: size });
      expect(queue.getNowait()).toEqual({ before: size, within: 'within', after: size });
    }
  });

  test('items of all sizes around that of the page come whole', () => {
    using queue = new Queue<Uint8Array | string>();
    for (const size of [0, 1, 4000, 4088, 4089, 4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097, 5000, 20_000]) {
      const bytes = new Uint8Array(size).map((_, i) => i % 251);
      const text = 'a'.repeat(size);
      queue.putNowait(bytes);
      queue.putNowait(text);
      expect(queue.getNowait()).toEqual(bytes);
      expect(queue.getNowait()).toBe(text);
    }
  });

  test('a wait whose time is up at once takes nothing later, and leaves the others in the line', async () => {
    using queue = new Queue<number>();
    const first = queue.get();
    // Too little for the clock to see.
    await expect(queue.get({ timeout: Number.MIN_VALUE })).rejects.toThrow(QueueEmptyError);
    await queue.put(1);
    expect(await first).toBe(1);
    await queue.put(2);
    expect(await queue.get()).toBe(2);
  });

  test('is exact about its length and its limit', async () => {
    using queue = new Queue<number>(6);
    expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([0, true, false]);
    for (let i = 1; i <= 6; i++) {
      await queue.put(i);
      expect(queue.qsize()).toBe(i);
    }
    expect([queue.empty(), queue.full()]).toEqual([false, true]);
    expect(() => queue.putNowait(7)).toThrow(QueueFullError);
    expect(() => queue.putSync(7, { timeout: -1 })).toThrow(QueueFullError);
    await expect(queue.put(7, { timeout: 0 })).rejects.toThrow(QueueFullError);
    await expect(queue.put(7, { timeout: 20 })).rejects.toThrow(TimeoutError);
    expect(queue.qsize()).toBe(6);
    for (let i = 1; i <= 6; i++) expect(queue.getNowait()).toBe(i);
    expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([0, true, false]);
  });

  test('without a limit takes more than any memory for one queue was made for', async () => {
    using queue = new Queue<number>();
    for (let i = 0; i < 5000; i++) queue.putNowait(i);
    expect([queue.qsize(), queue.full()]).toEqual([5000, false]);
    for (let i = 0; i < 5000; i++) expect(queue.getNowait()).toBe(i);
    expect(queue.empty()).toBe(true);
    // The memory of what was taken is free again; a queue and its last segment are left.
    expect(inArena().objects).toBeLessThanOrEqual(3);
  });

  test('an empty queue rejects or throws QueueEmptyError, not before the time is over', async () => {
    using queue = new Queue();
    expect(() => queue.getNowait()).toThrow(QueueEmptyError);
    await expect(queue.get({ timeout: 0 })).rejects.toThrow(QueueEmptyError);
    for (const get of [() => queue.get({ timeout: 200 }), () => queue.getSync({ timeout: 200 })]) {
      const start = performance.now();
      await expect((async () => get())()).rejects.toThrow(QueueEmptyError);
      expect(performance.now() - start).toBeGreaterThanOrEqual(199);
    }
  });

  test('an aborted get or put rejects with the reason and takes or leaves nothing', async () => {
    using queue = new Queue<string>(1);
    const reason = new Error('enough');
    const controller = new AbortController();
    const got = queue.get({ signal: controller.signal });
    controller.abort(reason);
    await expect(got).rejects.toBe(reason);
    await queue.put('first');
    const second = new AbortController();
    const put = queue.put('second', { signal: second.signal });
    second.abort(reason);
    await expect(put).rejects.toBe(reason);
    await expect(queue.get({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect([await queue.get(), queue.qsize()]).toEqual(['first', 0]);
  });

  test('those who wait are served in the order in which they came', async () => {
    using queue = new Queue<number>(1);
    const gets = [queue.get(), queue.get(), queue.get()];
    const puts = [1, 2, 3].map((i) => queue.put(i));
    await Promise.all(puts);
    expect(await Promise.all(gets)).toEqual([1, 2, 3]);
  });

  test('copies an item when it is put, and refuses what cannot be copied there', async () => {
    using queue = new Queue<unknown>();
    const item = { list: [1], date: new Date(5), map: new Map([[1n, Buffer.from('x')]]) };
    await queue.put(item);
    item.list.push(2);
    expect(await queue.get()).toEqual({ list: [1], date: new Date(5), map: new Map([[1n, Buffer.from('x')]]) });
    const before = inArena().blocks;
    await expect(queue.put({ big: new Uint8Array(1 << 20), handler: () => 1 })).rejects.toMatchObject({
      name: 'DataCloneError',
      path: 'item.handler',
    });
    expect(() => queue.putSync(() => 1)).toThrow(DataCloneError);
    expect([inArena().blocks, queue.qsize()]).toEqual([before, 0]);
  });

  test.each([0, 1, 255, 4096, 32_767, 32_768, 70_000, 262_144, 1 << 20, 20 << 20])(
    'carries %i bytes unharmed',
    async (size) => {
      using queue = new Queue<Uint8Array>(2);
      const bytes = new Uint8Array(size).map((_, i) => (i * 31) & 255);
      await queue.put(bytes);
      await queue.put(bytes);
      const got = [await queue.get(), queue.getSync()];
      for (const copy of got) expect(Buffer.compare(copy, bytes)).toBe(0);
    },
  );

  test('after shutdown refuses items, gives what is left, then says so; iterations end', async () => {
    using queue = new Queue<number>(4);
    for (const i of [1, 2, 3]) await queue.put(i);
    queue.shutdown();
    await expect(queue.put(4)).rejects.toThrow(QueueShutDownError);
    expect(() => queue.putNowait(4)).toThrow(QueueShutDownError);
    expect(queue.qsize()).toBe(3);
    expect(await queue.get()).toBe(1);
    const rest: number[] = [];
    for await (const item of queue) rest.push(item);
    expect(rest).toEqual([2, 3]);
    await expect(queue.get()).rejects.toThrow(QueueShutDownError);
    expect(() => queue.getNowait()).toThrow(QueueShutDownError);
    queue.shutdown();
  });

  test('an iteration that is left takes nothing more, whoever leaves it', async () => {
    using queue = new Queue<number>();
    const iterator = queue[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next()];
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    const thrown = queue[Symbol.asyncIterator]();
    const last = thrown.next();
    await expect(thrown.throw?.(new Error('enough'))).rejects.toThrow('enough');
    expect(await last).toEqual({ done: true, value: undefined });
    const stream = Readable.from(queue);
    stream.read();
    stream.destroy();
    await once(stream, 'close');
    await queue.put(1);
    expect(queue.qsize()).toBe(1);
    await queue.put(2);
    for await (const item of queue) if (item === 1) break;
    expect([queue.getNowait(), await iterator.next(), await thrown.next()]).toEqual([
      2,
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  test('an immediate shutdown discards what is left and ends every wait', async () => {
    using queue = new Queue<number>(1);
    await queue.put(1);
    const put = queue.put(2);
    const waiting = expect(put).rejects.toThrow(QueueShutDownError);
    queue.shutdown({ immediate: true });
    await waiting;
    expect(queue.qsize()).toBe(0);
    await expect(queue.get()).rejects.toThrow(QueueShutDownError);
    using other = new Queue();
    const gets = [other.get(), other.get()].map((get) => expect(get).rejects.toThrow(QueueShutDownError));
    other.shutdown();
    await Promise.all(gets);
  });

  test('a closed queue throws StateError from everything but its end, and waits reject', async () => {
    const queue = new Queue(1);
    await expect(queue.joinThread()).rejects.toThrow(StateError);
    const waiting = expect(queue.get()).rejects.toThrow(StateError);
    queue.close();
    await waiting;
    for (const use of [
      () => queue.put(1),
      () => queue.get(),
      async () => queue.putSync(1),
      async () => queue.getSync(),
      async () => queue.putNowait(1),
      async () => queue.getNowait(),
      async () => queue.qsize(),
      async () => queue.empty(),
      async () => queue.full(),
      async () => queue.shutdown(),
      () => queue[Symbol.asyncIterator]().next(),
    ]) {
      await expect(use()).rejects.toThrow(/The queue is closed/);
      await expect(use()).rejects.toThrow(StateError);
    }
    queue.close();
    await queue.joinThread();
    queue.cancelJoinThread();
  });

  test('checks its arguments', async () => {
    expect(() => new Queue('1' as unknown as number)).toThrow(TypeError);
    expect(() => new Queue(1.5)).toThrow(RangeError);
    expect(() => new Queue(2 ** 24 + 1)).toThrow(RangeError);
    using unlimited = new Queue(-1);
    expect(unlimited.full()).toBe(false);
    await expect(unlimited.get({ timeout: 'soon' as unknown as number })).rejects.toThrow(TypeError);
    await expect(unlimited.get({ signal: {} as AbortSignal })).rejects.toThrow(TypeError);
  });

  test('shows what it is', () => {
    const queue = new Queue(3);
    queue.putNowait(1);
    expect(inspect(queue)).toBe('Queue { qsize: 1 }');
    queue.close();
    expect(inspect(queue)).toBe('Queue { closed }');
  });
});

describe.each(methods)('a queue shared by %s', (method) => {
  const { Process, Queue: ContextQueue } = getContext(method);

  test('what is put there is here, in order, and the other way round', async () => {
    using there = new ContextQueue<number>(6);
    using back = new ContextQueue<number[]>();
    const child = new Process({
      target: async () => {
        const got: number[] = [];
        got.push(await there.get(), there.getSync(), await there.get({ timeout: 60_000 }));
        for await (const item of there) got.push(item);
        await back.put(got);
      },
    });
    await child.start();
    for (let i = 0; i < 50; i++) await there.put(i);
    there.shutdown();
    expect(await back.get()).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(await child.join()).toBe(0);
    expect([there.empty(), there.full(), back.empty()]).toEqual([true, false, true]);
  });

  test('blocking calls wait for the other side', async () => {
    using there = new ContextQueue<number>(1);
    using back = new ContextQueue<number>(1);
    const child = new Process({
      target: () => {
        for (let i = 0; i < 200; i++) back.putSync(there.getSync() + 1);
      },
    });
    await child.start();
    for (let i = 0; i < 200; i++) {
      there.putSync(i);
      expect(back.getSync()).toBe(i + 1);
    }
    expect(await child.join()).toBe(0);
  });

  test('several producers and consumers lose and double nothing, and keep each producer in order', async () => {
    using queue = new ContextQueue<[number, number]>(16);
    using results = new ContextQueue<[number, number][]>();
    const consumers = [0, 1].map(
      () =>
        new Process({
          target: async () => {
            const got: [number, number][] = [];
            for await (const item of queue) got.push(item);
            await results.put(got);
          },
        }),
    );
    const producers = [0, 1].map(
      (id) =>
        new Process({
          target: async () => {
            for (let i = 0; i < 300; i++) await queue.put([id, i]);
          },
        }),
    );
    await Promise.all([...consumers, ...producers].map((child) => child.start()));
    for (const child of producers) expect(await child.join()).toBe(0);
    queue.shutdown();
    const lists = [await results.get(), await results.get()];
    for (const list of lists) {
      for (const id of [0, 1]) {
        const mine = list.filter(([by]) => by === id).map(([, i]) => i);
        expect(mine).toEqual(mine.toSorted((a, b) => a - b));
      }
    }
    const all = lists.flat().map(([id, i]) => id * 300 + i);
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, i) => i));
    for (const child of consumers) expect(await child.join()).toBe(0);
  });

  test('a child that put much which nobody reads ends all the same, and its items stay', async () => {
    using queue = new ContextQueue<Uint8Array>();
    const child = new Process({
      target: () => {
        for (let i = 0; i < 20; i++) queue.putSync(new Uint8Array(1 << 20).fill(i));
      },
    });
    await child.start();
    expect(await child.join()).toBe(0);
    expect(queue.qsize()).toBe(20);
    for (let i = 0; i < 20; i++) expect((await queue.get())[12_345]).toBe(i);
  });

  test('an idle queue does not keep a child alive', async () => {
    using queue = new ContextQueue();
    const child = new Process({
      target: async () => {
        await queue.get();
      },
    });
    await child.start();
    await queue.put(1);
    expect(await child.join()).toBe(0);
  });
});
