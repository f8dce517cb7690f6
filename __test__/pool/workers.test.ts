// Workers: replaced when they die, grow or have done their share; initialised once; retried when asked.
import { InitializerError, WorkerDiedError } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates, until } from './gates.js';

const square = (x: number): number => x * x;
const caught = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => 'fulfilled',
    (error: unknown) => error,
  );
/** For tasks: which worker this is. */
const whoAmI = async (): Promise<string> => {
  const { threadId } = await import('node:worker_threads');
  return `${process.pid}:${threadId}`;
};

onBothBackEnds(({ method, open }) => {
  test('a worker that exits in a task rejects that task with its exit code and is replaced', async () => {
    const pool = open(1);
    const error = await caught(pool.apply(() => process.exit(3)));
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 3, signal: null });
    expect((error as WorkerDiedError).pid).toBeGreaterThan(0);
    expect(await pool.apply(square, [3])).toBe(9);
    expect(pool.stats().restarts).toBe(1);
  });

  test.runIf(method === 'spawn')('a worker killed by a signal rejects its task with the signal', async () => {
    const pool = open(1);
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const error = await caught(pool.apply((name: NodeJS.Signals) => process.kill(process.pid, name), [signal]));
      if (signal === 'SIGTERM' && error === 'fulfilled') continue; // the result was faster than the signal
      expect(error).toMatchObject({ name: 'WorkerDiedError', exitCode: null, signal });
      expect(await pool.apply(square, [3])).toBe(9);
    }
  });

  test.runIf(method === 'spawn')('an idle worker that is killed is replaced and starves nobody', async () => {
    const pool = open(2);
    await pool.map(square, [1, 2, 3, 4], 1);
    for (let round = 0; round < 3; round++) {
      const [victim] = pool.workers;
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      expect(await pool.map(square, [1, 2, 3, 4, 5, 6], 1)).toEqual([1, 4, 9, 16, 25, 36]);
      await until(() => pool.workers.every(({ id }) => id !== victim?.id) && pool.workers.length === 2);
    }
  });

  test('an uncaught exception in a task’s timer ends the worker; the error is its cause', async () => {
    const pool = open(1);
    const heard = new Promise<unknown>((resolve) => pool.on('error', resolve));
    const error = await caught(
      pool.apply(function spoils() {
        setTimeout(() => {
          throw new RangeError('later');
        }, 0);
        return new Promise(() => undefined);
      }),
    );
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect((error as Error).cause).toMatchObject({ name: 'RangeError', message: 'later' });
    expect(await heard).toMatchObject({ name: 'RangeError', message: 'later' });
    expect(await pool.apply(square, [2])).toBe(4);
  });

  test('an uncaught exception that is no error, or cannot be copied, is told as what it is', async () => {
    const pool = open(1);
    const heard: unknown[] = [];
    pool.on('error', (error) => heard.push(error));
    const spoil = (thrown: () => unknown): Promise<unknown> =>
      caught(
        pool.apply(() => {
          setTimeout(() => {
            throw thrown();
          }, 0);
          return new Promise(() => undefined);
        }),
      );
    expect(await spoil(() => 'text')).toMatchObject({ code: 'ERR_WORKER_DIED', cause: 'text' });
    const withFunction = await spoil(() => Object.assign(new RangeError('out of paper'), { retry: () => undefined }));
    expect(withFunction).toMatchObject({
      code: 'ERR_WORKER_DIED',
      cause: { code: 'ERR_DATA_CLONE', path: 'error.retry', cause: { name: 'RangeError', message: 'out of paper' } },
    });
    expect(heard).toMatchObject([{ message: 'Uncaught exception in task (anonymous)' }, { path: 'error.retry' }]);
  });

  test('a death rejects only what ran there; what had not started goes elsewhere and is no retry', async () => {
    using gates = new Gates();
    const log = gates.path('log');
    const pool = open(1);
    const run = (file: string, x: number): number => {
      process.getBuiltinModule('node:fs').appendFileSync(file, `${x}\n`);
      if (x === 0) process.exit(1);
      return x;
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => pool.apply(run, [log, i])));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(outcomes[0]).toMatchObject({ reason: { name: 'WorkerDiedError' } });
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(30);
    expect(pool.stats().retried).toBe(0);
  });

  test('a map whose worker dies rejects after its other chunks, a chunk at most is lost of an imap', async () => {
    const pool = open(2);
    const dies = (x: number): number => (x === 5 ? process.exit(4) : x);
    expect(await caught(pool.map(dies, [1, 2, 3, 4, 5, 6, 7, 8], 1))).toBeInstanceOf(WorkerDiedError);
    const iterator = pool.imap(dies, [4, 5, 6, 7], 2);
    const results: unknown[] = [];
    for (let i = 0; i < 4; i++)
      results.push(
        await iterator.next().then(
          ({ value }) => value as unknown,
          (error: unknown) => error,
        ),
      );
    expect(results[0]).toBeInstanceOf(WorkerDiedError);
    expect(results[1]).toBeInstanceOf(WorkerDiedError);
    expect(results.slice(2)).toEqual([6, 7]);
  });

  test('retries run a task again whose worker died, at most so often', async () => {
    using gates = new Gates();
    const diesTwice = (file: string): number => {
      const fs = process.getBuiltinModule('node:fs');
      fs.appendFileSync(file, 'x');
      const runs = fs.readFileSync(file, 'utf8').length;
      if (runs <= 2) process.exit(1);
      return runs;
    };
    const pool = open(1);
    expect(await pool.apply(diesTwice, [gates.path('two')], { retries: 2 })).toBe(3);
    expect(pool.stats().retried).toBe(2);
    const error = await caught(pool.apply(diesTwice, [gates.path('one')], { retries: 1 }));
    expect(error).toBeInstanceOf(WorkerDiedError);
    const byPool = open({ processes: 1, retries: 2 });
    expect(await byPool.apply(diesTwice, [gates.path('pool')])).toBe(3);
    expect(await byPool.apply(diesTwice, [gates.path('pool again')])).toBe(3);
    expect(await caught(byPool.apply(diesTwice, [gates.path('none')], { retries: 0 }))).toBeInstanceOf(WorkerDiedError);
  });

  test('options that calls share are left as they are: each call has its own count of retries', async () => {
    using gates = new Gates();
    const dieOnce = (file: string): string => {
      const fs = process.getBuiltinModule('node:fs');
      if (!fs.existsSync(file)) {
        fs.writeFileSync(file, '');
        process.exit(1);
      }
      return 'again';
    };
    const files = (name: string): string[] => [1, 2, 3].map((i) => gates.path(`${name}${i}`));
    const options = Object.freeze({ retries: 1, priority: 2, with: Object.freeze({}) });
    const pool = open(1);
    for (const file of files('frozen')) expect(await pool.apply(dieOnce, [file], options)).toBe('again');
    expect(await pool.map(dieOnce, files('map'), Object.freeze({ ...options, chunksize: 1 }))).toHaveLength(3);
    // Calls without options share those of their pool.
    const settings = Object.freeze({ processes: 1, retries: 1 });
    const retrying = open(settings);
    for (const file of files('default')) expect(await retrying.apply(dieOnce, [file])).toBe('again');
    expect(settings).toEqual({ processes: 1, retries: 1 });
  });

  test('a retry gets the same arguments, large ones too, and the captured values', async () => {
    using gates = new Gates();
    const file = gates.path('once');
    const offset = 0.5;
    const dieOnce = (big: Float64Array): number => {
      const fs = process.getBuiltinModule('node:fs');
      if (!fs.existsSync(file)) {
        fs.writeFileSync(file, '');
        big.fill(-1);
        process.exit(1);
      }
      return (big[big.length - 1] ?? NaN) + offset;
    };
    const big = new Float64Array(200_000).fill(7);
    expect(await open(1).apply(dieOnce, [big], { retries: 1 })).toBe(7.5);
  });

  test('retries apply to each chunk of a map, and an error that a task throws is no reason for one', async () => {
    using gates = new Gates();
    const pool = open(2);
    const dieOnce = (file: string, x: number): number => {
      const fs = process.getBuiltinModule('node:fs');
      if (x % 2 === 0 && !fs.existsSync(`${file}${x}`)) {
        fs.writeFileSync(`${file}${x}`, '');
        process.exit(1);
      }
      return x;
    };
    const items: [string, number][] = [1, 2, 3, 4].map((x) => [gates.path('chunk'), x]);
    expect(await pool.starmap(dieOnce, items, { chunksize: 1, retries: 1 })).toEqual([1, 2, 3, 4]);
    const log = gates.path('log');
    const throws = (file: string): never => {
      process.getBuiltinModule('node:fs').appendFileSync(file, 'x');
      throw new Error('no death');
    };
    expect(await caught(pool.apply(throws, [log], { retries: 3 }))).toMatchObject({ message: 'no death' });
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(log, 'utf8')).toBe('x');
  });

  test('maxTasksPerChild replaces a worker after so many calls; a map counts its chunks', async () => {
    const pool = open({ processes: 1, maxTasksPerChild: 3 });
    const seen: string[] = [];
    for (let i = 0; i < 7; i++) seen.push(await pool.apply(whoAmI));
    expect(new Set(seen.slice(0, 3)).size).toBe(1);
    expect(new Set(seen.slice(3, 6)).size).toBe(1);
    expect(new Set(seen).size).toBe(3);
    const chunks = open({ processes: 1, maxTasksPerChild: 2 });
    const workers = await chunks.map(
      whoAmI,
      Array.from({ length: 40 }, (_, i) => i),
      10,
    );
    expect(new Set(workers.slice(0, 20)).size).toBe(1);
    expect(new Set(workers.slice(20)).size).toBe(1);
    expect(new Set(workers).size).toBe(2);
  });

  test('a hundred calls with few tasks per worker are all right, by many workers, never more at a time', async () => {
    const pool = open({ processes: 2, maxTasksPerChild: 10 });
    const exits: { id: number; exitCode: number | null }[] = [];
    pool.on('workerExit', ({ id, exitCode }) => exits.push({ id, exitCode }));
    const results = await Promise.all(Array.from({ length: 100 }, (_, i) => pool.apply(square, [i])));
    expect(results).toEqual(Array.from({ length: 100 }, (_, i) => i * i));
    await until(() => exits.length >= 8);
    expect(exits.slice(0, 8).map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 8 }, () => 0));
    expect(new Set(exits.map(({ id }) => id)).size).toBe(exits.length);
    await until(() => pool.workers.length === 2);
  });

  test.each([0, -1, 0.5, NaN])('maxTasksPerChild %s is a RangeError, a text a TypeError', (maxTasksPerChild) => {
    expect(() => open({ maxTasksPerChild })).toThrow(RangeError);
    expect(() => open({ maxTasksPerChild: '12' as never })).toThrow(TypeError);
    expect(() => open({ maxMemoryPerChild: maxTasksPerChild })).toThrow(RangeError);
  });

  test('maxMemoryPerChild replaces a worker between tasks once it has grown beyond it', async () => {
    const limit = method === 'thread' ? 60e6 : 150e6;
    const pool = open({ processes: 1, maxMemoryPerChild: limit });
    const first = await pool.apply(whoAmI);
    expect(await pool.apply(whoAmI)).toBe(first);
    const grow = (): number => {
      const kept = ((globalThis as { kept?: unknown[] }).kept ??= []);
      for (let i = 0; i < 40; i++) kept.push(Array.from({ length: 65_536 }, (_, k) => k + 0.5));
      return kept.length;
    };
    // Its result still arrives; the next task runs elsewhere.
    expect(await pool.apply(grow)).toBe(40);
    while ((await pool.apply(whoAmI)) === first) expect(await pool.apply(grow)).toBeGreaterThan(0);
    expect(await pool.apply(square, [2])).toBe(4);
  });

  test('the initializer runs once in every worker, before its tasks, with its arguments', async () => {
    using gates = new Gates();
    const log = gates.path('log');
    const initializer = (file: string, value: number): void => {
      process.getBuiltinModule('node:fs').appendFileSync(file, 'i');
      (globalThis as { prepared?: number }).prepared = value;
    };
    const pool = open({ processes: 2, initializer, initargs: [log, 42], maxTasksPerChild: 5 });
    const read = (): number | undefined => (globalThis as { prepared?: number }).prepared;
    const values = await Promise.all(Array.from({ length: 30 }, () => pool.apply(read)));
    expect(new Set(values)).toEqual(new Set([42]));
    await until(() => pool.workers.length === 2);
    const { readFileSync } = await import('node:fs');
    await until(() => readFileSync(log, 'utf8').length === 2 + pool.stats().restarts);
  });

  test('an asynchronous initializer is awaited; a closure may be one', async () => {
    const value = { from: 'closure' };
    const initializer = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      (globalThis as { prepared?: unknown }).prepared = value;
    };
    const pool = open({ processes: 2, initializer });
    const read = (): unknown => (globalThis as { prepared?: unknown }).prepared;
    expect(await pool.map(read, [1, 2, 3, 4], 1)).toEqual([value, value, value, value]);
  });

  test('a failing initializer rejects everything with InitializerError and starts no further workers', async () => {
    using gates = new Gates();
    const log = gates.path('log');
    const initializer = (file: string): never => {
      process.getBuiltinModule('node:fs').appendFileSync(file, 'i');
      throw new RangeError('broken');
    };
    const pool = open({ processes: 2, initializer, initargs: [log] });
    const outcomes = await Promise.allSettled([
      pool.apply(square, [1]),
      pool.map(square, [1, 2]),
      pool.imap(square, [1]).next(),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'InitializerError', cause: { message: 'broken' } },
      });
    }
    expect(await caught(pool.apply(square, [1]))).toBeInstanceOf(InitializerError);
    expect(() => pool.applySync(square, [1])).toThrow(InitializerError);
    pool.close();
    await pool.join();
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(log, 'utf8').length).toBeLessThanOrEqual(2);
  });

  test('an initializer that kills its worker fails the pool, too', async () => {
    const pool = open({ processes: 1, initializer: () => process.exit(5) });
    const error = await caught(pool.apply(square, [1]));
    expect(error).toBeInstanceOf(InitializerError);
    expect((error as Error).cause).toMatchObject({ name: 'WorkerDiedError', exitCode: 5 });
  });

  test.each([1, 'text', null, {}])('an initializer that is no function (%s) is a TypeError', (initializer) => {
    expect(() => open({ initializer: initializer as never })).toThrow(TypeError);
    expect(() => open({ initializer: () => 1, initargs: 'text' as never })).toThrow(TypeError);
  });

  test('env, execArgv and resourceLimits reach the workers', async () => {
    const pool = open({ processes: 1, env: { POOL_TEST: 'yes' }, execArgv: ['--no-deprecation'] });
    const seen = await pool.apply(() => ({
      env: process.env['POOL_TEST'],
      inherited: process.env['PATH'] !== undefined,
      flags: process.execArgv,
    }));
    expect(seen.env).toBe('yes');
    expect(seen.inherited).toBe(true);
    expect(seen.flags).toContain('--no-deprecation');
    expect(process.env['POOL_TEST']).toBeUndefined();
  });

  test('a blocked worker that is at its last task is replaced only after it', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open({ processes: 1, maxTasksPerChild: 1 });
    const blocked = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const next = pool.apply(square, [4]);
    gates.open('gate');
    expect(await blocked).toBe(arrived);
    expect(await next).toBe(16);
  });
});
