// Tasks that misbehave in every way: each settles with the right error, and the next task works.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Gates, until } from '../pool/gates.js';
import { Pool, registerError, ResultEncodingError, ThreadPool, WorkerDiedError } from 'manyhands';

const folder = mkdtempSync(join(tmpdir(), 'manyhands-modules-'));
const module = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
afterAll(() => rmSync(folder, { recursive: true }));

class QuotaError extends Error {
  readonly code = 'E_QUOTA';
  left = 0;
}
registerError(QuotaError);

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`resolved to ${String(value)}`);
    },
    (error: unknown) => error,
  );

describe.each([
  ['Pool', Pool],
  ['ThreadPool', ThreadPool],
] as const)('%s', (name, Class) => {
  let pool: Pool;
  beforeAll(() => {
    // A small heap, so that exhausting it takes no time.
    pool = new Class({ processes: 2, resourceLimits: { maxOldGenerationSizeMb: 64 }, execArgv: [] });
  });
  afterEach(async () => {
    expect(await pool.map((x: number) => x + 1, [1, 2, 3, 4], 1)).toEqual([2, 3, 4, 5]);
    expect(pool.workers).toHaveLength(2);
  });
  afterAll(async () => {
    pool.close();
    await pool.join();
  });

  test('a custom error arrives as its class, with code, properties, cause and both stacks', async () => {
    const error = await failure(
      pool.apply(function spend() {
        const quota = new QuotaError('used up', { cause: new RangeError('why') });
        quota.left = 3;
        throw quota;
      }),
    );
    expect(error).toBeInstanceOf(QuotaError);
    expect(error).toMatchObject({ message: 'used up', code: 'E_QUOTA', left: 3 });
    expect((error as Error).cause).toBeInstanceOf(RangeError);
    expect((error as { remoteStack?: string }).remoteStack).toContain('spend');
    expect((error as Error).stack).toContain('misbehaving.test.ts');
  });

  test.each([
    ['a string', 'text'],
    ['null', null],
    ['undefined', undefined],
    ['a number', 0],
  ])('%s that is thrown arrives as it is', async (_, thrown) => {
    const outcome = await pool
      .apply(
        (value: unknown) => {
          throw value;
        },
        [thrown],
      )
      .then(
        () => 'resolved',
        (error: unknown) => ({ error }),
      );
    expect(outcome).toEqual({ error: thrown });
  });

  test('a function as the result is a ResultEncodingError that says where it is', async () => {
    const error = await failure(pool.apply(() => ({ list: [1, () => 1] })));
    expect(error).toBeInstanceOf(ResultEncodingError);
    expect((error as Error).cause).toMatchObject({ code: 'ERR_DATA_CLONE', path: 'result.list[1]' });
  });

  test('Map, BigInt, Date and Buffer come back as they are', async () => {
    const value = await pool.apply(() => ({
      map: new Map([['a', new Set([1])]]),
      big: -(10n ** 40n),
      date: new Date(0),
      buffer: Buffer.from('hi'),
    }));
    expect(value).toEqual({
      map: new Map([['a', new Set([1])]]),
      big: -(10n ** 40n),
      date: new Date(0),
      buffer: Buffer.from('hi'),
    });
    expect(Buffer.isBuffer(value.buffer)).toBe(true);
  });

  test('a promise, or any thenable, that a plain function returns is awaited', async () => {
    expect(await pool.apply(() => Promise.resolve(7))).toBe(7);
    // oxlint-disable-next-line unicorn/no-thenable -- that is the misbehaviour
    expect(await pool.apply(() => ({ then: (resolve: (x: number) => void) => resolve(8) }))).toBe(8);
    expect(await failure(pool.apply(() => Promise.reject(new TypeError('late'))))).toBeInstanceOf(TypeError);
  });

  test('process.exit(3) is a WorkerDiedError with exit code 3', async () => {
    const error = await failure(pool.apply(() => process.exit(3)));
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 3, signal: null });
    const { pid, message } = error as WorkerDiedError;
    expect(pid === process.pid).toBe(name === 'ThreadPool');
    expect(message).toContain(String(pid));
  });

  test('process.exit in an async task, or later by a timer, still settles the call', async () => {
    expect(
      await failure(
        pool.apply(async () => {
          setTimeout(() => process.exit(0), 1);
          await new Promise(() => undefined);
        }),
      ),
    ).toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 0 });
  });

  test('a heap that is exhausted kills the worker, not the program', async () => {
    const error = await failure(
      pool.apply(() => {
        const kept: unknown[] = [];
        for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
      }),
    );
    expect(error).toBeInstanceOf(WorkerDiedError);
    if (name === 'Pool') expect(error).toMatchObject({ signal: 'SIGABRT', exitCode: null });
    else expect((error as Error).cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
  });

  test.skipIf(name === 'ThreadPool')('SIGKILL is a WorkerDiedError with the signal and the pid', async () => {
    const pids = pool.workers.map((worker) => worker.pid);
    const error = await failure(
      pool.apply(() => {
        process.kill(process.pid, 'SIGKILL');
        for (;;);
      }),
    );
    expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: null, signal: 'SIGKILL' });
    expect(pids).toContain((error as WorkerDiedError).pid);
  });

  test('an uncaught exception outside of the task is the cause of the death', async () => {
    const told: unknown[] = [];
    const listener = (error: unknown): number => told.push(error);
    pool.on('error', listener);
    const error = await failure(
      pool.apply(async () => {
        setTimeout(() => {
          throw new RangeError('from a timer');
        }, 1);
        await new Promise(() => undefined);
      }),
    );
    expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 1 });
    expect((error as Error).cause).toMatchObject({ message: 'from a timer' });
    expect(told).toHaveLength(1);
  });

  test('an endless loop ends with the reason of its signal, and its worker is replaced', async () => {
    using gates = new Gates();
    const abort = new AbortController();
    const before = pool.workers.map(({ id }) => id);
    const running = failure(
      pool.apply(
        (started: string) => {
          process.getBuiltinModule('node:fs').writeFileSync(started, '');
          for (;;);
        },
        [gates.path('started')],
        { signal: abort.signal },
      ),
    );
    await gates.reached('started');
    const reason = new Error('enough');
    abort.abort(reason);
    expect(await running).toBe(reason);
    await until(() => pool.workers.length === 2 && pool.workers.some(({ id }) => !before.includes(id)));
  });

  test('an endless loop ends at its time-out', async () => {
    const looped = pool.apply(
      () => {
        for (;;);
      },
      [],
      { timeout: 20 },
    );
    expect(await failure(looped)).toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  test('a module with a syntax error is that error and names the module', async () => {
    const file = module('broken.mjs', 'export default function f( { return 1; }\n');
    const error = await failure(pool.apply({ module: file }));
    expect(error).toBeInstanceOf(SyntaxError);
    expect((error as Error).message).toContain('broken.mjs');
  });

  test('a module that throws while it is loaded is what it threw', async () => {
    const file = module('throws.mjs', 'throw new RangeError("at load")');
    expect(await failure(pool.apply({ module: file }))).toMatchObject({ name: 'RangeError', message: 'at load' });
  });

  test('a module that does not exist, and an export that it does not have, are errors that name them', async () => {
    expect(await failure(pool.apply({ module: join(folder, 'nothing.mjs') }))).toMatchObject({
      code: 'ERR_MODULE_NOT_FOUND',
      message: expect.stringContaining('nothing.mjs'),
    });
    expect(await failure(pool.apply({ module: 'no-such-package-anywhere' }))).toMatchObject({
      message: expect.stringContaining('no-such-package-anywhere'),
    });
    expect(await failure(pool.apply({ module: 'node:path', name: 'nope' }))).toMatchObject({
      message: expect.stringContaining('nope'),
    });
    expect(await failure(pool.apply({ module: 'node:path', name: 'sep' }))).toBeInstanceOf(TypeError);
  });

  test('a relative reference is a TypeError that shows the remedy', async () => {
    const error = await failure(pool.apply({ module: './x.mjs' }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain('new URL(text, import.meta.url)');
  });

  test('a TypeScript module runs where this Node can import it and is a clear error where it cannot', async () => {
    const file = module('typed.ts', 'export default (x: number): number => x + 1;\n');
    const strips = Number(process.versions.node.split('.')[0]) >= 24;
    const outcome = await pool
      .apply({ module: file } as { module: string }, [1] as never)
      .catch((error: unknown) => error);
    if (strips) expect(outcome).toBe(2);
    else expect(outcome === 2 || (outcome as Error).message.includes('.ts')).toBe(true);
  });

  test('a source that throws half-way rejects the map with its error; imap delivers what came before', async () => {
    function* source(): Generator<number> {
      yield 1;
      yield 2;
      throw new RangeError('half-way');
    }
    expect(await failure(pool.map((x: number) => x, source()))).toMatchObject({ message: 'half-way' });
    const got: number[] = [];
    const iterate = async (): Promise<void> => {
      for await (const value of pool.imap((x: number) => x * 10, source())) got.push(value);
    };
    expect(await failure(iterate())).toMatchObject({ name: 'RangeError', message: 'half-way' });
    expect(got).toEqual([10, 20]);
  });

  test('an asynchronous source that throws half-way does the same', async () => {
    async function* source(): AsyncGenerator<number> {
      yield 1;
      throw new RangeError('half-way');
    }
    expect(await failure(pool.map((x: number) => x, source()))).toMatchObject({ message: 'half-way' });
    expect(
      await failure(
        pool.starmap(
          (x: number) => x,
          (async function* () {
            yield [1];
            throw new RangeError('half-way');
          })() as AsyncIterable<[number]>,
        ),
      ),
    ).toMatchObject({ message: 'half-way' });
    const got: number[] = [];
    const iterate = async (): Promise<void> => {
      for await (const value of pool.imapUnordered((x: number) => x * 10, source())) got.push(value);
    };
    expect(await failure(iterate())).toMatchObject({ message: 'half-way' });
    expect(got).toEqual([10]);
  });

  test('a worker that closes its descriptors and channels harms only itself', async () => {
    if (name === 'ThreadPool') return;
    const error = await failure(
      pool.apply(async () => {
        const { closeSync } = await import('node:fs');
        for (let fd = 3; fd < 40; fd++) {
          try {
            closeSync(fd);
          } catch {
            continue;
          }
        }
        process.exit(7);
      }),
    );
    expect(error).toMatchObject({ code: 'ERR_WORKER_DIED' });
  });
});
