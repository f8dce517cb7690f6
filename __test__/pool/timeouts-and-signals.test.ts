// Time limits and AbortSignals of calls: they stop even a busy loop, replace its worker, and touch no other call.
import { getEventListeners } from 'node:events';
import { CancelledError, TimeoutError } from 'manyhands';
import { expect, test } from 'vitest';
import { childProcesses, onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates, until } from './gates.js';

const square = (x: number): number => x * x;
const spin = (): never => {
  for (;;);
};
/** For tasks: says that it runs, then never ends. */
const spinAt = (arrived: string): never => {
  process.getBuiltinModule('node:fs').writeFileSync(arrived, '');
  for (;;);
};
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

onBothBackEnds(({ method, open, shared }) => {
  test.each(['timeout', 'taskTimeout'])(
    '%s stops a busy loop, the worker is replaced and the next call works',
    async (option) => {
      const pool = open(option === 'taskTimeout' ? { processes: 1, taskTimeout: 400 } : 1);
      const [before] = pool.workers;
      const started = performance.now();
      const error = await caught(pool.apply(spin, [], option === 'timeout' ? { timeout: 30 } : {}));
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ code: 'ERR_TIMEOUT', message: expect.stringMatching(/(30|400) ms/) });
      expect(performance.now() - started).toBeGreaterThanOrEqual(29);
      expect(await pool.apply(square, [3])).toBe(9);
      await until(() => pool.workers.length === 1);
      expect(pool.workers[0]?.id).not.toBe(before?.id);
      if (method === 'spawn') await until(() => !childProcesses().includes(before?.pid ?? 0));
    },
  );

  test('stops a task that awaits for ever', async () => {
    const pool = open(1);
    expect(await caught(pool.apply(() => new Promise(() => undefined), [], { timeout: 20 }))).toBeInstanceOf(
      TimeoutError,
    );
    expect(await pool.apply(square, [2])).toBe(4);
  });

  test('the clock starts with the task, not with the call', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(1);
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const waiting = [1, 2, 3].map((x) => pool.apply(square, [x], { timeout: 100 }));
    // Longer than their limit in the queue.
    await new Promise((resolve) => setTimeout(resolve, 150));
    gates.open('gate');
    expect(await Promise.all(waiting)).toEqual([1, 4, 9]);
    await blocking;
  });

  test('the shorter of the limits of call and pool holds', async () => {
    const pool = open({ processes: 1, taskTimeout: 25 });
    expect(await caught(pool.apply(spin, [], { timeout: 60_000 }))).toMatchObject({
      message: expect.stringContaining('25'),
    });
    expect(await caught(pool.apply(spin, [], { timeout: 15 }))).toMatchObject({
      message: expect.stringContaining('15'),
    });
  });

  test('a limit of 0 or less ends the task as soon as it runs; undefined and Infinity never', async () => {
    for (const timeout of [0, -10])
      expect(await caught(shared().apply(spin, [], { timeout }))).toBeInstanceOf(TimeoutError);
    expect(await shared().apply(square, [2], { timeout: Infinity })).toBe(4);
    expect(await shared().apply(square, [2], {})).toBe(4);
  });

  test.each([0, -1, NaN])('a taskTimeout of %s is a RangeError', (taskTimeout) => {
    expect(() => open({ taskTimeout })).toThrow(RangeError);
    expect(() => open({ taskTimeout: 'soon' as never })).toThrow(TypeError);
  });

  test('applies to each chunk of a map and each item of an imap', async () => {
    const pool = open(2);
    const maybe = (x: number): number => {
      while (x === 2);
      return x;
    };
    expect(await caught(pool.map(maybe, [1, 2, 3], { chunksize: 1, timeout: 500 }))).toBeInstanceOf(TimeoutError);
    const iterator = pool.imap(maybe, [1, 2, 3], { timeout: 500 });
    expect((await iterator.next()).value).toBe(1);
    expect(await caught(iterator.next())).toBeInstanceOf(TimeoutError);
    expect((await iterator.next()).value).toBe(3);
  });

  test('what waited behind the stopped task runs elsewhere, exactly once', async () => {
    using gates = new Gates();
    const log = gates.path('log');
    const pool = open(1);
    const stopped = caught(pool.apply(spin, [], { timeout: 50 }));
    const others = Array.from({ length: 20 }, (_, i) =>
      pool.apply(
        (file: string, x: number) => {
          process.getBuiltinModule('node:fs').appendFileSync(file, `${x}\n`);
          return x;
        },
        [log, i],
      ),
    );
    expect(await Promise.all(others)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await stopped).toBeInstanceOf(TimeoutError);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(20);
  });

  test('a task that a time limit stopped is not tried again', async () => {
    using gates = new Gates();
    const log = gates.path('log');
    const pool = open({ processes: 1, retries: 5 });
    const runs = (file: string): never => {
      process.getBuiltinModule('node:fs').appendFileSync(file, 'x');
      for (;;);
    };
    // The worker is up, and a busy machine has time enough to begin.
    expect(await pool.apply(square, [1])).toBe(1);
    expect(await caught(pool.apply(runs, [log], { timeout: 1000 }))).toBeInstanceOf(TimeoutError);
    expect(await pool.apply(square, [1])).toBe(1);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(log, 'utf8')).toBe('x');
    expect(pool.stats().retried).toBe(0);
  });

  test('a TimeoutError that the task throws is the task’s, and its worker lives', async () => {
    const pool = open(1);
    const error = await caught(
      pool.apply(
        () => {
          throw new TimeoutError('from inside');
        },
        [],
        { timeout: 60_000 },
      ),
    );
    expect(error).toMatchObject({ message: 'from inside' });
    expect(pool.stats().restarts).toBe(0);
  });

  test('aborting a running busy loop rejects with the reason, and the worker is replaced', async () => {
    using gates = new Gates();
    for (const reason of [new Error('stop'), 'text', 0, undefined]) {
      const controller = new AbortController();
      const pool = open(1);
      const arrived = `arrived ${String(reason)}`;
      const call = pool.apply(spinAt, [gates.path(arrived)], { signal: controller.signal });
      await gates.reached(arrived);
      controller.abort(reason);
      expect(await caught(call)).toBe(controller.signal.reason);
      expect(await pool.apply(square, [4])).toBe(16);
    }
  });

  test('aborting before the task has started takes it out of the queue and leaves the worker alone', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(1);
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const controller = new AbortController();
    const queued = [1, 2, 3].map((i) =>
      caught(pool.apply(spinAt, [gates.path(`never ${i}`)], { signal: controller.signal })),
    );
    await new Promise(setImmediate);
    controller.abort('not needed');
    expect(await Promise.all(queued)).toEqual(['not needed', 'not needed', 'not needed']);
    gates.open('gate');
    expect(await blocking).toBe(arrived);
    expect(await pool.apply(square, [2])).toBe(4);
    expect(pool.stats().restarts).toBe(0);
    for (const i of [1, 2, 3]) expect(gates.isOpen(`never ${i}`)).toBe(false);
  });

  test('a signal that is aborted already rejects with its reason and nothing is sent', async () => {
    const pool = open(1);
    const reason = new Error('before');
    const signal = AbortSignal.abort(reason);
    const outcomes = await Promise.allSettled([
      pool.apply(square, [1], { signal }),
      pool.map(square, [1], { signal }),
      pool.map(square, Float64Array.of(1), { signal }),
      pool.starmap(square, [[1]], { signal }),
      pool.applyAsync(square, [1], { signal }).get(),
      pool.mapAsync(square, [1], { signal }).get(),
    ]);
    for (const outcome of outcomes) expect(outcome).toEqual({ status: 'rejected', reason });
    expect(pool.stats().submitted).toBe(0);
    expect(() => pool.applySync(square, [1], { signal })).toThrow(reason);
  });

  test('aborting after the end changes nothing, and keeps no listener', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    expect(await shared().apply(square, [3], { signal })).toBe(9);
    expect(await shared().map(square, [1, 2], { signal, chunksize: 1 })).toEqual([1, 4]);
    for await (const value of shared().imap(square, [3], { signal })) expect(value).toBe(9);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    controller.abort();
    expect(await shared().apply(square, [3])).toBe(9);
  });

  test('one signal for a thousand calls gives no warning about listeners', async () => {
    const warnings: Error[] = [];
    const listener = (warning: Error): number => warnings.push(warning);
    process.on('warning', listener);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 1000 }, (_, i) => shared().apply(square, [i], { signal })));
    await new Promise(setImmediate);
    process.off('warning', listener);
    expect(warnings).toEqual([]);
  });

  test('aborting many tasks whose replies were not read yet gives no warning about listeners', async () => {
    using gates = new Gates();
    const warnings: Error[] = [];
    const listener = (warning: Error): number => warnings.push(warning);
    process.on('warning', listener);
    const pool = open(1);
    const touch = (path: string): void => {
      if (path !== '') process.getBuiltinModule('node:fs').writeFileSync(path, '');
    };
    // Known to be tiny, so that many go to the worker at a time.
    await pool.map(touch, Array.from({ length: 100 }).fill('') as string[], 1);
    const controller = new AbortController();
    const { signal } = controller;
    const paths = Array.from({ length: 50 }, (_, i) => (i === 15 ? gates.path('ran') : ''));
    const calls = paths.map((path) => caught(pool.apply(touch, [path], { signal })));
    await Promise.resolve();
    // Without the event loop, so that nothing is read.
    while (!gates.isOpen('ran'));
    controller.abort(new Error('enough'));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([new Error('enough')]));
    await new Promise(setImmediate);
    process.off('warning', listener);
    expect(warnings).toEqual([]);
  });

  test('aborting a map rejects it with the reason at once, whatever had failed before, and stops its chunks', async () => {
    using gates = new Gates();
    const controller = new AbortController();
    const pool = open(2);
    const fn = (folder: string, x: number): never => {
      if (x === 0) throw new Error('early failure');
      process.getBuiltinModule('node:fs').writeFileSync(`${folder}/at${x}`, '');
      for (;;);
    };
    const items: [string, number][] = [0, 1, 2, 3].map((x) => [gates.folder, x]);
    const call = caught(pool.starmap(fn, items, { chunksize: 1, signal: controller.signal }));
    await until(() => pool.stats().failed === 1);
    controller.abort('over');
    expect(await call).toBe('over');
    expect(await pool.map(square, [1, 2, 3], 1)).toEqual([1, 4, 9]);
  });

  test('aborting a map that still lists its asynchronous source rejects at once and gives the source back', async () => {
    let returned = 0;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (;;) {
          await new Promise(setImmediate);
          yield 1;
        }
      } finally {
        returned++;
      }
    }
    const controller = new AbortController();
    const call = caught(shared().map(square, endless(), { signal: controller.signal }));
    controller.abort('enough');
    expect(await call).toBe('enough');
    await until(() => returned === 1);
    const silent: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const other = new AbortController();
    const waiting = caught(shared().map(square, silent, { signal: other.signal }));
    other.abort('silent');
    expect(await waiting).toBe('silent');
  });

  test('AbortSignal.timeout works as a limit from the call on', async () => {
    const error = await caught(open(1).apply(spin, [], { signal: AbortSignal.timeout(30) }));
    expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(error).toBeInstanceOf(DOMException);
  });

  test('an abort of one call leaves the others of the worker alone', async () => {
    using gates = new Gates();
    const arrived = gates.path('arrived');
    const pool = open(1);
    const controller = new AbortController();
    const spinning = caught(pool.apply(spinAt, [arrived], { signal: controller.signal }));
    const others = Array.from({ length: 10 }, (_, i) => pool.apply(square, [i]));
    await gates.reached('arrived');
    controller.abort(new CancelledError('mine'));
    expect(await spinning).toBeInstanceOf(CancelledError);
    expect(await Promise.all(others)).toEqual(Array.from({ length: 10 }, (_, i) => i * i));
  });
});
