// maxQueue and onProgress: submissions beyond the bound wait, sources are not pulled, and progress tells what is done.
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates, until } from './gates.js';

const square = (x: number): number => x * x;

onBothBackEnds(({ open, shared }) => {
  test('submissions beyond maxQueue wait, then run in order', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open({ processes: 1, maxQueue: 5 });
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const calls = Array.from({ length: 50 }, (_, i) => pool.apply(square, [i]));
    const { queued, waiting, running } = pool.stats();
    expect(queued).toBeLessThanOrEqual(5);
    expect(queued + waiting + running).toBe(51);
    expect(waiting).toBeGreaterThan(0);
    gates.open('gate');
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, (_, i) => i * i));
    await blocking;
    expect(pool.stats()).toMatchObject({ queued: 0, waiting: 0, running: 0 });
  });

  test('a map with more chunks than maxQueue is complete', async () => {
    const pool = open({ maxQueue: 2 });
    const items = Array.from({ length: 100 }, (_, i) => i);
    expect(await pool.map(square, items, 1)).toEqual(items.map(square));
  });

  test('waiting submissions can be cancelled, aborted and terminated', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open({ processes: 1, maxQueue: 1 });
    const blocking = pool.applyAsync(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const waiting = Array.from({ length: 10 }, (_, i) => pool.applyAsync(square, [i]));
    const controller = new AbortController();
    const aborted = pool.apply(square, [1], { signal: controller.signal }).catch((error: unknown) => error);
    expect(waiting[9]?.cancel()).toBe(true);
    controller.abort('gone');
    expect(await aborted).toBe('gone');
    await expect(waiting[9]!.get()).rejects.toMatchObject({ name: 'CancelledError' });
    gates.open('gate');
    await blocking;
    expect(await waiting[8]).toBe(64);
    const stuck = pool.applyAsync(() => new Promise(() => undefined));
    const behind = Array.from({ length: 5 }, () => pool.applyAsync(square, [1]));
    await pool.terminate();
    for (const result of [stuck, ...behind])
      await expect(result.get()).rejects.toMatchObject({ name: 'PoolTerminatedError' });
  });

  test.each(['sync', 'async'])('the %s source of an imap is not pulled while the queue is full', async (kind) => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open({ processes: 1, maxQueue: 3 });
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    let taken = 0;
    function* source(): Generator<number> {
      while (taken < 100) yield taken++;
    }
    async function* sourceLater(): AsyncGenerator<number> {
      while (taken < 100) yield taken++;
    }
    const iterator = pool.imap(square, kind === 'sync' ? source() : sourceLater(), { buffersize: 50 });
    await until(() => taken >= 3);
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    expect(taken).toBeLessThanOrEqual(6);
    gates.open('gate');
    let count = 0;
    for await (const value of iterator) expect(value).toBe((count++) ** 2);
    expect(count).toBe(100);
    await blocking;
  });

  test.each([0, -1, 1.5])('a maxQueue of %s is a RangeError', (maxQueue) => {
    expect(() => open({ maxQueue })).toThrow(RangeError);
  });

  test('onProgress counts the items that are done, after each chunk, up to the total', async () => {
    const seen: { done: number; total?: number }[] = [];
    await shared().map(
      square,
      Array.from({ length: 10 }, (_, i) => i),
      {
        chunksize: 3,
        onProgress: (progress) => seen.push(progress),
      },
    );
    expect(seen.map(({ total }) => total)).toEqual([10, 10, 10, 10]);
    expect(seen.at(-1)).toEqual({ done: 10, total: 10 });
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).toSorted((a, b) => a - b));
    const typed: number[] = [];
    await shared().map((x: number) => x, new Float64Array(8), {
      engine: 'workers',
      chunksize: 4,
      onProgress: ({ done }) => typed.push(done),
    });
    expect(typed).toEqual([4, 8]);
  });

  test('onProgress does not count failed chunks', async () => {
    const seen: number[] = [];
    const fails = (x: number): number => {
      if (x === 1) throw new Error('one');
      return x;
    };
    await expect(
      shared().map(fails, [0, 1, 2, 3], { chunksize: 1, onProgress: ({ done }) => seen.push(done) }),
    ).rejects.toThrow('one');
    expect(seen).toEqual([1, 2, 3]);
  });

  test('progress is no trouble where stderr is no terminal', async () => {
    expect(await shared().map(square, [1, 2], { progress: true })).toEqual([1, 4]);
    expect(await shared().map(square, [1, 2], { progress: 'Title' })).toEqual([1, 4]);
    for (const items of [[1], Float64Array.of(1)])
      await expect(shared().map(square, items, { progress: 5 as never })).rejects.toThrow(TypeError);
  });
});
