// Workers that cannot start and initializers that fail: one clear error, no endless respawning, and nothing left behind.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { InitializerError, WorkerDiedError, type Pool, type PoolOptions } from 'manyhands';
import { onBothBackEnds } from '../pool/back-ends.js';
import { Gates, until } from '../pool/gates.js';

const folder = mkdtempSync(join(tmpdir(), 'manyhands-starting-'));
afterAll(() => rmSync(folder, { recursive: true }));
const preload = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return `--require=${file}`;
};

const rejection = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    (value) => {
      throw new Error(`resolved to ${String(value)}`);
    },
    (error: unknown) => error,
  );

onBothBackEnds((backEnd) => {
  const isProcess = backEnd.method === 'spawn';

  /** Every call, now and later, rejects with the same kind of error, and the workers are gone. */
  async function expectBroken(pool: Pool, Class: typeof WorkerDiedError | typeof InitializerError): Promise<Error> {
    let exits = 0;
    pool.on('workerExit', () => exits++);
    const error = await rejection(pool.map((x: number) => x, [1, 2, 3], 1));
    expect(error).toBeInstanceOf(Class);
    for (const call of [pool.apply(() => 1), pool.applyAsync(() => 1), pool.imap((x: number) => x, [1]).next()])
      expect(await rejection(call)).toBeInstanceOf(Class);
    expect(() => pool.applySync(() => 1)).toThrow(Class);
    pool.close();
    await pool.join();
    expect(pool.workers).toEqual([]);
    expect(exits).toBeLessThanOrEqual(6);
    return error as Error;
  }

  test('a flag that Node does not know', async () => {
    const options: PoolOptions = { execArgv: ['--no-such-flag'] };
    // Node checks the flags of a thread at once, those of a process when it starts.
    if (isProcess) await expectBroken(backEnd.open(options), WorkerDiedError);
    else expect(() => backEnd.open(options)).toThrow('--no-such-flag');
  });

  test('NODE_OPTIONS that Node refuses', async () => {
    const options: PoolOptions = { env: { NODE_OPTIONS: '--no-such-flag' } };
    if (isProcess) await expectBroken(backEnd.open(options), WorkerDiedError);
    else expect(() => backEnd.open(options)).toThrow('--no-such-flag');
  });

  test('a preloaded module that is missing', async () => {
    const error = await expectBroken(backEnd.open({ execArgv: ['--require=/nothing/here.cjs'] }), WorkerDiedError);
    expect(error.message).toContain('Workers cannot start');
  });

  test('a preloaded module that exits, with its code', async () => {
    const error = await expectBroken(
      backEnd.open({ execArgv: [preload('exits.cjs', 'process.exit(9)')] }),
      WorkerDiedError,
    );
    expect(error).toMatchObject({ exitCode: 9, signal: null });
  });

  test('a worker whose start hangs can be terminated, and its calls be aborted', async () => {
    const pool = backEnd.open({ execArgv: [preload('hangs.cjs', 'for (;;);')] });
    const abort = new AbortController();
    const aborted = rejection(pool.apply(() => 1, [], { signal: abort.signal }));
    const pending = rejection(pool.apply(() => 1));
    abort.abort('reason');
    expect(await aborted).toBe('reason');
    await pool.terminate();
    expect(await pending).toMatchObject({ code: 'ERR_POOL_TERMINATED' });
  });

  test('a start that fails once is tried again', async () => {
    const mark = join(folder, `once-${backEnd.method}`);
    const pool = backEnd.open({
      processes: 1,
      execArgv: [
        preload(
          `once-${backEnd.method}.cjs`,
          `const fs = require('node:fs'); if (!fs.existsSync(${JSON.stringify(mark)})) { fs.writeFileSync(${JSON.stringify(mark)}, ''); process.exit(1); }`,
        ),
      ],
    });
    expect(await pool.apply((x: number) => x + 1, [1])).toBe(2);
  });

  test('an initializer that throws: InitializerError with what it threw as the cause', async () => {
    const error = await expectBroken(
      backEnd.open({
        initializer: () => {
          throw new TypeError('bad start');
        },
      }),
      InitializerError,
    );
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ message: 'bad start' });
  });

  test('an initializer that throws an error which cannot be copied: the cause of the cause is what went wrong', async () => {
    const error = await expectBroken(
      backEnd.open({
        initializer: () => {
          throw Object.assign(new TypeError('bad start'), { retry: () => undefined });
        },
      }),
      InitializerError,
    );
    expect(error.cause).toMatchObject({ code: 'ERR_DATA_CLONE', path: 'error.retry' });
    expect((error.cause as Error).cause).toMatchObject({ name: 'TypeError', message: 'bad start' });
  });

  test('an initializer that rejects, even with no error', async () => {
    const error = await expectBroken(
      backEnd.open({ initializer: () => Promise.reject(undefined) }), // oxlint-disable-line prefer-promise-reject-errors
      InitializerError,
    );
    expect(error.cause).toBeUndefined();
  });

  test('an initializer that exits: InitializerError caused by the death', async () => {
    const error = await expectBroken(backEnd.open({ initializer: () => process.exit(4) }), InitializerError);
    expect(error.cause).toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 4 });
  });

  test.skipIf(!isProcess)('an initializer that is killed: InitializerError caused by the signal', async () => {
    const kill = (): boolean => process.kill(process.pid, 'SIGKILL');
    const error = await expectBroken(backEnd.open({ initializer: kill }), InitializerError);
    expect(error.cause).toMatchObject({ code: 'ERR_WORKER_DIED', signal: 'SIGKILL' });
  });

  test('an initializer in a module that does not exist', async () => {
    const error = await expectBroken(backEnd.open({ initializer: { module: '/nothing/here.mjs' } }), InitializerError);
    expect((error.cause as Error).message).toContain('/nothing/here.mjs');
  });

  test('an initializer that hangs: calls wait, can be aborted, and terminate ends all', async () => {
    using gates = new Gates();
    const pool = backEnd.open({
      processes: 1,
      initializer: (started: string) => {
        process.getBuiltinModule('node:fs').writeFileSync(started, '');
        for (;;);
      },
      initargs: [gates.path('started')],
    });
    const abort = new AbortController();
    const aborted = rejection(pool.apply(() => 1, [], { signal: abort.signal }));
    const pending = rejection(pool.apply(() => 1));
    await gates.reached('started');
    abort.abort('reason');
    expect(await aborted).toBe('reason');
    await pool.terminate();
    expect(await pending).toMatchObject({ code: 'ERR_POOL_TERMINATED' });
  });

  test('create rejects when the initializer fails, and leaves no worker', async () => {
    const { Pool } = await import('manyhands');
    const failing = { processes: 2, context: backEnd.method, initializer: () => process.exit(1) } as const;
    expect(await rejection(Pool.create(failing))).toBeInstanceOf(InitializerError);
  });

  test('initargs are taken when the pool is made, and each worker gets them afresh', async () => {
    const settings = { level: 1 };
    const pool = backEnd.open({
      processes: 1,
      initializer: (given: { level: number }) => {
        (globalThis as { level?: number }).level = given.level++;
      },
      initargs: [settings],
    });
    settings.level = 99;
    const level = (): number | undefined => (globalThis as { level?: number }).level;
    expect(await pool.apply(level)).toBe(1);
    await rejection(pool.apply(() => process.exit(1)));
    expect(await pool.apply(level)).toBe(1);
  });

  test('large initargs leave nothing in the shared memory', async () => {
    const pool = backEnd.open({
      processes: 2,
      initializer: (data: Float64Array) => {
        (globalThis as { size?: number }).size = data.length;
      },
      initargs: [new Float64Array(1_000_000)],
    });
    expect(await pool.apply(() => (globalThis as { size?: number }).size)).toBe(1_000_000);
  });

  test('initargs that cannot be copied throw, name their place, and leave no worker', () => {
    const make = (): Pool => backEnd.open({ initializer: () => undefined, initargs: [{ handler: () => 1 }] });
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_DATA_CLONE', path: 'initargs[0].handler' }));
  });

  // In a thread such a limit ends the whole process on Node 22: V8's doing.
  test.skipIf(!isProcess)('a heap limit in which no worker can start', async () => {
    await expectBroken(backEnd.open({ resourceLimits: { maxOldGenerationSizeMb: 1 } }), WorkerDiedError);
  });

  test.skipIf(!isProcess)('a program for Node that does not exist', async () => {
    const { execPath } = process;
    process.execPath = '/nothing/bin/node';
    try {
      const dying = backEnd.open(4);
      // Before Node has told that they do not exist: stopping them must not signal anybody else.
      await dying.terminate();
      const error = await rejection(backEnd.open(4).apply(() => 1));
      expect(error).toBeInstanceOf(WorkerDiedError);
      expect((error as Error).cause).toMatchObject({ code: 'ENOENT' });
    } finally {
      process.execPath = execPath;
    }
  });

  test.skipIf(!isProcess)('workers that are killed while they start are replaced', async () => {
    const pool = backEnd.open({ processes: 2 });
    const first = pool.workers.map(({ pid }) => pid);
    for (const pid of first) process.kill(pid, 'SIGKILL');
    expect(await pool.map((x: number) => x, [1, 2, 3])).toEqual([1, 2, 3]);
    await until(() => pool.workers.every(({ pid }) => !first.includes(pid)));
    expect(first.map((pid) => stateOf(pid))).toEqual(['gone', 'gone']);
  });
});

function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0] ?? 'unknown';
  } catch {
    return 'gone';
  }
}
