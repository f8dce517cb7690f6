// The life of a pool: create, close, terminate, join, dispose, and what each does to calls that are pending or come later.
import {
  getContext,
  InitializerError,
  Pool,
  PoolTerminatedError,
  StateError,
  ThreadPool,
  TimeoutError,
} from 'manyhands';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates } from './gates.js';

const square = (x: number): number => x * x;

onBothBackEnds(({ method, open }) => {
  test('has the number of workers asked for, and says so', async () => {
    const pool = open(3);
    expect(pool.processes).toBe(3);
    expect(pool.workers).toHaveLength(3);
    expect(new Set(pool.workers.map(({ id }) => id)).size).toBe(3);
    expect(pool.state).toBe('running');
  });

  test('what is printed of a pool and of its results says how they are', async () => {
    const pool = open(2);
    const name = pool.constructor.name;
    expect(inspect(pool)).toBe(`${name} { running, processes: 2 }`);
    const result = pool.applyAsync(square, [2]);
    expect(inspect(result)).toBe('AsyncResult { pending }');
    await result;
    expect(inspect(result)).toBe('AsyncResult { fulfilled }');
    const results = pool.imap(square, [2]);
    expect(inspect(results)).toBe('ResultIterator { open }');
    await results.return();
    expect(inspect(results)).toBe('ResultIterator { ended }');
    pool.close();
    expect(inspect(pool)).toBe(`${name} { closed, processes: 2 }`);
    await pool.terminate();
    expect(inspect(pool)).toBe(`${name} { terminated, processes: 2 }`);
    expect(inspect(getContext(method))).toBe(`Context { '${method}' }`);
  });

  test.each([0, -1, 1.5, NaN, Infinity])('%s processes are a RangeError', (processes) => {
    const Class = method === 'thread' ? ThreadPool : Pool;
    expect(() => new Class(processes)).toThrow(RangeError);
    expect(() => new Class({ processes })).toThrow(/^Expected `processes` to be a positive integer, got `/);
  });

  test('create resolves when all workers are up', async () => {
    const Class = method === 'thread' ? ThreadPool : Pool;
    await using pool = await Class.create(2);
    expect(pool).toBeInstanceOf(Class);
    expect(pool.workers).toHaveLength(2);
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    await using named = await Class.create({ processes: 1, name: 'small' });
    expect(named.processes).toBe(1);
  });

  test('create rejects when the initializer fails, and leaves no worker', async () => {
    const Class = method === 'thread' ? ThreadPool : Pool;
    const initializer = (): never => {
      throw new RangeError('cannot begin');
    };
    const error = await Class.create({ processes: 2, initializer }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InitializerError);
    expect((error as Error).cause).toMatchObject({ name: 'RangeError', message: 'cannot begin' });
    await expect(Class.create(0)).rejects.toBeInstanceOf(RangeError);
  });

  test('close lets everything that was submitted finish', async () => {
    const pool = open(2);
    const calls = Array.from({ length: 200 }, (_, i) => pool.apply(square, [i]));
    const mapped = pool.map(
      square,
      Array.from({ length: 50 }, (_, i) => i),
    );
    pool.close();
    expect(pool.state).toBe('closed');
    await pool.join();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 200 }, (_, i) => i * i));
    expect(await mapped).toHaveLength(50);
    expect(pool.workers).toEqual([]);
  });

  test('close waits for calls that are still being prepared or listed', async () => {
    const pool = open(1);
    // The first use of a module's export is looked up asynchronously.
    const prepared = pool.apply({ module: 'node:path', name: 'basename' } as never, ['/a/b'] as never);
    let go: () => void = () => undefined;
    async function* source(): AsyncGenerator<number> {
      yield 1;
      await new Promise<void>((resolve) => (go = resolve));
      yield 2;
    }
    const listed = pool.map(square, source());
    pool.close();
    setImmediate(() => go());
    expect(await prepared).toBe('b');
    expect(await listed).toEqual([1, 4]);
    await pool.join();
  });

  test('after close every call is refused with StateError', async () => {
    const pool = open(1);
    pool.close();
    pool.close();
    const refused = [
      pool.apply(square, [1]),
      pool.applyAsync(square, [1]).get(),
      pool.map(square, [1]),
      pool.map(square, []),
      pool.map(square, Float64Array.of(1)),
      pool.mapAsync(square, [1]).get(),
      pool.starmap(square, [[1]]),
      pool.starmapAsync(square, [[1]]).get(),
    ];
    for (const outcome of await Promise.allSettled(refused)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'StateError', code: 'ERR_STATE' } });
    }
    expect(() => pool.imap(square, [1])).toThrow(StateError);
    expect(() => pool.imapUnordered(square, [1])).toThrow(StateError);
    expect(() => pool.applySync(square, [1])).toThrow(StateError);
    expect(() => pool.mapSync(square, [1])).toThrow(StateError);
    expect(() => pool.starmapSync(square, [[1]])).toThrow(StateError);
    await pool.join();
    await expect(pool.apply(square, [1])).rejects.toBeInstanceOf(StateError);
  });

  test('after terminate every call is refused with StateError', async () => {
    const pool = open(1);
    await pool.terminate();
    expect(pool.state).toBe('terminated');
    await expect(pool.apply(square, [1])).rejects.toBeInstanceOf(StateError);
    await expect(pool.mapAsync(square, [1])).rejects.toBeInstanceOf(StateError);
    expect(() => pool.imap(square, [1])).toThrow(StateError);
    expect(() => pool.applySync(square, [1])).toThrow(StateError);
    await pool.terminate();
    await pool.join();
    pool.close();
    expect(pool.state).toBe('terminated');
  });

  test('terminate rejects everything pending with PoolTerminatedError: running, at hand, queued, listed', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(1);
    async function* endless(): AsyncGenerator<number> {
      for (;;) {
        await new Promise(setImmediate);
        yield 1;
      }
    }
    const silent: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const pending = [
      pool.apply(blockUntilOpen, [arrived, gate]),
      pool.applyAsync(square, [1]).get(),
      pool.map(square, [1, 2, 3], 1),
      pool.map(square, Float64Array.of(1, 2), { engine: 'workers' }),
      pool.mapAsync(square, [1]).get(),
      pool.imap(square, [1]).next(),
      pool.map(square, endless()),
      pool.map(square, silent),
      pool.imapUnordered(square, silent).next(),
    ];
    const settled = Promise.allSettled(pending);
    await gates.reached('arrived');
    await pool.terminate();
    for (const outcome of await settled) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'PoolTerminatedError' } });
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(PoolTerminatedError);
    }
    expect(pool.workers).toEqual([]);
  });

  test('terminate stops workers in a busy loop, before they have started, and twice at once', async () => {
    using gates = new Gates();
    const arrived = gates.path('arrived');
    const pool = open(2);
    const spinning = pool.apply(() => {
      process.getBuiltinModule('node:fs').writeFileSync(arrived, '');
      for (;;);
    });
    const settled = Promise.allSettled([spinning]);
    await gates.reached('arrived');
    await Promise.all([pool.terminate(), pool.terminate()]);
    expect((await settled)[0]?.status).toBe('rejected');
    await open(2).terminate();
  });

  test('join before close or terminate is a StateError', async () => {
    await expect(open(1).join()).rejects.toMatchObject({ name: 'StateError', message: /close\(\) or terminate\(\)/ });
  });

  test('join resolves only when the workers have ended, and can be repeated', async () => {
    const pool = open(2);
    const pids = await pool.map(() => process.pid, [1, 2, 3]);
    pool.close();
    await Promise.all([pool.join(), pool.join()]);
    await pool.join();
    expect(pool.workers).toEqual([]);
    if (method === 'spawn') for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
  });

  test('join with a time limit rejects with TimeoutError while the pool goes on; a signal with its reason', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(1);
    const call = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    pool.close();
    for (const timeout of [0, -1, 5]) await expect(pool.join({ timeout })).rejects.toBeInstanceOf(TimeoutError);
    expect(await pool.join({ signal: AbortSignal.abort('impatient') }).catch((error: unknown) => error)).toBe(
      'impatient',
    );
    const controller = new AbortController();
    const joining = pool.join({ signal: controller.signal }).catch((error: unknown) => error);
    controller.abort('enough');
    expect(await joining).toBe('enough');
    await expect(pool.join({ timeout: NaN })).rejects.toBeInstanceOf(RangeError);
    await expect(pool.join({ timeout: 'x' as never })).rejects.toBeInstanceOf(TypeError);
    gates.open('gate');
    await pool.join({ timeout: 60_000 });
    expect(await call).toBe(arrived);
    await pool.join({ timeout: 0 });
  });

  test('`await using` closes and joins: what was submitted is finished', async () => {
    let calls: Promise<number>[] = [];
    let kept: Pool | undefined;
    {
      await using pool = open(2);
      kept = pool;
      calls = Array.from({ length: 50 }, (_, i) => pool.apply(square, [i]));
    }
    expect(kept.state).toBe('closed');
    expect(kept.workers).toEqual([]);
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, (_, i) => i * i));
  });

  test('a disposed or terminated pool cannot be used again', async () => {
    const pool = open(1);
    await pool[Symbol.asyncDispose]();
    await expect(pool.apply(square, [1])).rejects.toBeInstanceOf(StateError);
    await pool[Symbol.asyncDispose]();
    const terminated = open(1);
    await terminated.terminate();
    await terminated[Symbol.asyncDispose]();
  });

  test('close right after the start, with nothing submitted, ends', async () => {
    const pool = open(3);
    pool.close();
    await pool.join();
    expect(pool.workers).toEqual([]);
  });

  test('many pools one after the other leave nothing behind', async () => {
    for (let i = 0; i < 8; i++) {
      await using pool = open(1);
      expect(await pool.apply(square, [i])).toBe(i * i);
    }
  });

  test('methods of one pool do not touch another', async () => {
    const [one, two] = [open(1), open(1)];
    const call = two.apply(square, [6]);
    await one.terminate();
    expect(await call).toBe(36);
    expect(two.state).toBe('running');
  });
});
