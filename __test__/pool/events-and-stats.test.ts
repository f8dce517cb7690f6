// Events and numbers of a pool: workerStart, workerExit, error, drain; stats() and workers.
import { DataCloneError, type PoolStats } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates, until } from './gates.js';

const square = (x: number): number => x * x;

onBothBackEnds(({ method, open, shared }) => {
  test('workerStart and workerExit tell of every worker, with its end', async () => {
    const pool = open(2);
    const started: { id: number; pid: number; threadId: number }[] = [];
    const ended: { id: number; pid: number; exitCode: number | null; signal: string | null }[] = [];
    expect(pool.on('workerStart', (worker) => started.push(worker))).toBe(pool);
    pool.on('workerExit', (worker) => ended.push(worker));
    await pool.map(square, [1, 2, 3, 4], 1);
    await until(() => started.length === 2);
    for (const { pid, threadId } of started) {
      expect(pid === process.pid).toBe(method === 'thread');
      expect(threadId > 0).toBe(method === 'thread');
    }
    await expect(pool.apply(() => process.exit(7))).rejects.toMatchObject({ exitCode: 7 });
    await until(() => ended.length === 1 && started.length === 3);
    expect(ended[0]).toMatchObject({ exitCode: 7, signal: null });
    pool.close();
    await pool.join();
    expect(new Set(ended.map(({ id }) => id))).toEqual(new Set(started.map(({ id }) => id)));
    expect(ended.slice(1).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  test('a listener that throws does not disturb the pool', async () => {
    const pool = open(2);
    const heard = new Promise<unknown>((resolve) => {
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        for (const listener of listeners) process.on('uncaughtException', listener);
        resolve(error);
      });
    });
    let first = true;
    pool.on('drain', () => {
      if (first) {
        first = false;
        throw new Error('listener');
      }
    });
    expect(await pool.map(square, [1, 2, 3], 1)).toEqual([1, 4, 9]);
    expect(await heard).toMatchObject({ message: 'listener' });
    expect(await pool.map(square, [4, 5], 1)).toEqual([16, 25]);
  });

  test('drain comes when no task waits for a worker any more', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(1);
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const calls = Array.from({ length: 50 }, (_, i) => pool.apply(square, [i]));
    let queuedAtDrain = -1;
    const drained = new Promise<void>((resolve) =>
      pool.on('drain', () => {
        queuedAtDrain = pool.stats().queued;
        resolve();
      }),
    );
    gates.open('gate');
    await drained;
    expect(queuedAtDrain).toBe(0);
    await Promise.all([blocking, ...calls]);
  });

  test('an unhandled rejection in a worker reaches the error event, names its task, and disturbs no other', async () => {
    const pool = open(1);
    const errors: unknown[] = [];
    pool.on('error', (error) => errors.push(error));
    const results = await Promise.all([
      pool.apply(function forgetful() {
        void Promise.reject(new RangeError('forgotten'));
        return 'result';
      }),
      pool.apply(square, [3]),
    ]);
    expect(results).toEqual(['result', 9]);
    await until(() => errors.length === 1);
    expect(errors[0]).toBeInstanceOf(RangeError);
    expect(errors[0]).toMatchObject({ message: 'forgotten', task: expect.any(String) });
    expect(pool.stats().restarts).toBe(0);
  });

  test('the error event names the task also for a rejection with what is no error', async () => {
    for (const reason of ['text', undefined, 0]) {
      const pool = open(1);
      const heard = new Promise<unknown>((resolve) => pool.on('error', resolve));
      await pool.apply(
        function careless(value: unknown) {
          void Promise.reject(value);
          return new Promise((resolve) => setTimeout(resolve, 5));
        },
        [reason],
      );
      const error = await heard;
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ task: 'careless', cause: reason });
      expect((error as Error).message).toContain('careless');
    }
  });

  test('the error event tells of a rejection with what cannot be copied why, whose, and what went wrong', async () => {
    const pool = open(1);
    const heard = new Promise<unknown>((resolve) => pool.on('error', resolve));
    await pool.apply(function careless() {
      void Promise.reject(Object.assign(new RangeError('out of paper'), { retry: () => undefined }));
      return new Promise((resolve) => setTimeout(resolve, 5));
    });
    const error = await heard;
    expect(error).toBeInstanceOf(DataCloneError);
    expect(error).toMatchObject({ path: 'error.retry', task: 'careless' });
    expect((error as Error).cause).toMatchObject({ name: 'RangeError', message: 'out of paper' });
  });

  test('the error event names the task that caused a rejection also where others ran in the same batch', async () => {
    const pool = open(1);
    const careless = (fail: boolean): void => {
      if (fail) void Promise.reject(new Error('nobody looks'));
    };
    const innocent = (): number => 1;
    // Known to be short, so that they travel in one batch.
    await Promise.all(Array.from({ length: 200 }, () => pool.apply(careless, [false])));
    await Promise.all(Array.from({ length: 200 }, () => pool.apply(innocent)));
    const heard = new Promise<unknown>((resolve) => pool.on('error', resolve));
    await Promise.all([pool.apply(careless, [true]), ...Array.from({ length: 40 }, () => pool.apply(innocent))]);
    const { task } = (await heard) as { task: string };
    expect(task.split(' or ')).toContain('careless');
  });

  test('stats counts what was submitted, completed, failed and cancelled; each task once', async () => {
    const pool = open(2);
    const read = (): Partial<PoolStats> => {
      const { submitted, completed, failed, cancelled, queued, waiting, running } = pool.stats();
      return { submitted, completed, failed, cancelled, queued, waiting, running };
    };
    const none = { submitted: 0, completed: 0, failed: 0, cancelled: 0, queued: 0, waiting: 0, running: 0 };
    expect(read()).toEqual(none);
    await pool.map(square, [1, 2, 3, 4, 5], 1);
    expect(read()).toEqual({ ...none, submitted: 5, completed: 5 });
    await pool.apply(() => Promise.reject(new Error('x'))).catch(() => undefined);
    expect(read()).toEqual({ ...none, submitted: 6, completed: 5, failed: 1 });
    const spinning = pool.applyAsync(() => new Promise(() => undefined));
    await until(() => pool.stats().running === 1);
    spinning.cancel();
    expect(read()).toEqual({ ...none, submitted: 7, completed: 5, failed: 1, cancelled: 1 });
    await pool.apply(() => process.exit(1)).catch(() => undefined);
    expect(read()).toEqual({ ...none, submitted: 8, completed: 5, failed: 2, cancelled: 1 });
    await pool.apply(() => new Promise(() => undefined), [], { timeout: 10 }).catch(() => undefined);
    expect(read()).toEqual({ ...none, submitted: 9, completed: 5, failed: 3, cancelled: 1 });
  });

  test('stats measures run and wait times in ms and utilisation from 0 to 1', async () => {
    const pool = open(1);
    const work = (ms: number): number => {
      const end = performance.now() + ms;
      while (performance.now() < end);
      return ms;
    };
    await Promise.all([20, 20, 20].map((ms) => pool.apply(work, [ms])));
    const { run, wait, utilisation, workers } = pool.stats();
    expect(run.p50).toBeGreaterThanOrEqual(19.5);
    expect(run.max).toBeGreaterThanOrEqual(run.p99);
    expect(run.p99).toBeGreaterThanOrEqual(run.p90);
    expect(run.p90).toBeGreaterThanOrEqual(run.p50);
    expect(wait.max).toBeGreaterThanOrEqual(15);
    expect(utilisation).toBeGreaterThan(0);
    expect(utilisation).toBeLessThanOrEqual(1);
    expect(workers).toBe(1);
  });

  test('workers says which are busy', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(2);
    await pool.map(square, [1, 2], 1);
    await until(() => pool.workers.every(({ busy }) => !busy));
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    expect(pool.workers.filter(({ busy }) => busy)).toHaveLength(1);
    gates.open('gate');
    await blocking;
  });

  test('the list of workers is a copy', () => {
    const { workers } = shared();
    (workers as unknown[]).length = 0;
    expect(shared().workers).toHaveLength(2);
  });
});
