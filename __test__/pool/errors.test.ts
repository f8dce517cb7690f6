// Errors of tasks: their own class and properties, both stacks, and whatever else was thrown as it is.
import {
  CaptureError,
  DataCloneError,
  Process,
  ProcessError,
  Queue,
  registerError,
  ResultEncodingError,
  TimeoutError,
} from 'manyhands';
import { expect, test } from 'vitest';
import { caught, onBothBackEnds } from './back-ends.js';

const throwIt = (value: unknown): never => {
  throw value;
};

onBothBackEnds(({ method, open, shared }) => {
  test.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])(
    '$name arrives as exactly that class',
    async (Class) => {
      const { name } = Class;
      const error = await caught(
        shared().apply(
          (className: string) => {
            throw new (globalThis as unknown as Record<string, ErrorConstructor>)[className]!('message');
          },
          [name],
        ),
      );
      expect((error as Error).constructor).toBe(Class);
      expect(error).toMatchObject({ name, message: 'message' });
    },
  );

  test('errors that the engine itself raises arrive as their class', async () => {
    expect(await caught(shared().apply(() => (undefined as unknown as { x: number }).x))).toBeInstanceOf(TypeError);
    expect(await caught(shared().apply(() => 'x'.repeat(-1)))).toBeInstanceOf(RangeError);
    const overflow = await caught(
      shared().apply(() => {
        const recurse = (): number => recurse() + 1;
        return recurse();
      }),
    );
    expect(overflow).toBeInstanceOf(RangeError);
  });

  test('an AggregateError keeps its errors, a cause chain its causes', async () => {
    const error = (await caught(
      shared().apply(() => {
        const inner = new RangeError('inner', { cause: new TypeError('innermost', { cause: 'text' }) });
        throw new AggregateError([new URIError('one'), 'two'], 'all', { cause: inner });
      }),
    )) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors[0]).toBeInstanceOf(URIError);
    expect(error.errors[1]).toBe('two');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect((error.cause as Error).cause).toBeInstanceOf(TypeError);
    expect(((error.cause as Error).cause as Error).cause).toBe('text');
  });

  test('a DOMException arrives as one, with name and code', async () => {
    const error = await caught(
      shared().apply(() => {
        throw new DOMException('gone', 'NotFoundError');
      }),
    );
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: 'NotFoundError', message: 'gone', code: 8 });
    const aborted = await caught(shared().apply(() => AbortSignal.abort().throwIfAborted()));
    expect(aborted).toMatchObject({ name: 'AbortError' });
  });

  test('system errors keep code, errno, syscall and path', async () => {
    const error = await caught(
      shared().apply(async () => {
        const { readFile } = await import('node:fs/promises');
        return readFile('/does/not/exist');
      }),
    );
    expect(error).toMatchObject({ code: 'ENOENT', errno: -2, syscall: 'open', path: '/does/not/exist' });
    expect(error).toBeInstanceOf(Error);
  });

  test('own properties come along', async () => {
    const error = await caught(
      shared().apply(() => {
        throw Object.assign(new Error('x'), { status: 418, details: { list: [1, 2] }, big: 10n });
      }),
    );
    expect(error).toMatchObject({ status: 418, details: { list: [1, 2] }, big: 10n });
  });

  test('a class of the program arrives with its name as an Error, and as itself once it is registered', async () => {
    class QuotaError extends Error {
      override name = 'QuotaError';
      readonly limit: number;
      constructor(limit: number) {
        super(`over ${limit}`);
        this.limit = limit;
        constructed++;
      }
      get doubled(): number {
        return this.limit * 2;
      }
    }
    let constructed = 0;
    const spend = (limit: number): never => {
      throw Object.assign(new Error(`over ${limit}`), { name: 'QuotaError', limit });
    };
    const plain = await caught(shared().apply(spend, [5]));
    expect(plain).toBeInstanceOf(Error);
    expect(plain).toMatchObject({ name: 'QuotaError', message: 'over 5', limit: 5 });
    expect(plain).not.toBeInstanceOf(QuotaError);
    registerError(QuotaError);
    const own = await caught(
      shared().apply(
        (limit: number) => {
          class QuotaError extends Error {
            limit = limit;
          }
          throw new QuotaError(`over ${limit}`);
        },
        [5],
      ),
    );
    expect(own).toBeInstanceOf(QuotaError);
    expect((own as QuotaError).doubled).toBe(10);
    expect(constructed).toBe(0);
  });

  test('an error of a class that only the caller knows comes back as what it was', async () => {
    class OrderError extends RangeError {
      readonly order: number;
      constructor(order: number) {
        super(`order ${order}`);
        this.order = order;
      }
    }
    registerError(OrderError);
    const throws = (error: unknown): never => {
      throw error;
    };
    const passes = (error: unknown): unknown[] => [error, (error as Error).constructor.name];
    expect(await caught(shared().apply(throws, [new OrderError(3)]))).toBeInstanceOf(OrderError);
    const [back, there] = await shared().apply(passes, [new OrderError(4)]);
    expect(back).toBeInstanceOf(OrderError);
    expect(back).toMatchObject({ message: 'order 4', order: 4 });
    expect(there).toBe('RangeError');
  });

  test.each([null, {}, 'Name', class NoError {}, () => 1])('registerError refuses %s', (value) => {
    expect(() => registerError(value as never)).toThrow(TypeError);
  });

  test('errors of this package that a task throws keep class and code', async () => {
    const error = await caught(
      shared().apply(() => {
        throw new TimeoutError('mine');
      }),
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toBeInstanceOf(ProcessError);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', message: 'mine' });
  });

  test.each([
    [undefined],
    [null],
    [0],
    [-0],
    [NaN],
    [''],
    [false],
    [0n],
    ['text'],
    [42],
    [[1, 2]],
    [{ plain: 'object' }],
  ])('throw %s arrives as what was thrown', async (value) => {
    const outcomes = await Promise.allSettled([
      shared().apply(throwIt, [value]),
      shared().map(throwIt, [value]),
      shared().starmap(throwIt, [[value]]),
      shared().applyAsync(throwIt, [value]).get(),
      shared().apply(async (x: unknown) => throwIt(x), [value]),
    ]);
    for (const outcome of outcomes) expect(outcome).toStrictEqual({ status: 'rejected', reason: value });
  });

  test('remoteStack is the stack in the worker; stack goes on to the line of the caller', async () => {
    async function theCaller(): Promise<unknown> {
      return shared().apply(function theTask() {
        throw new Error('where');
      });
    }
    const error = (await caught(theCaller())) as Error & { remoteStack: string };
    expect(error.remoteStack).toMatch(/^Error: where\n\s+at theTask/);
    expect(error.remoteStack).not.toContain('theCaller');
    expect(error.stack).toMatch(/^Error: where\n\s+at theTask/);
    expect(error.stack).toContain('theCaller');
    expect(error.stack).toContain('errors.test.ts');
    expect(Object.keys(error)).toEqual([]);
  });

  test('the other calls join the stacks too', async () => {
    const fail = (): never => {
      throw new Error('joined');
    };
    const pool = shared();
    async function ofMap(): Promise<unknown> {
      return pool.map(fail, [1]);
    }
    async function ofImap(): Promise<unknown> {
      return pool.imap(fail, [1]).next();
    }
    async function ofAsync(): Promise<unknown> {
      return pool.starmapAsync(fail, [[]]).get();
    }
    async function ofMapSync(): Promise<unknown> {
      return pool.mapSync(fail, [1]);
    }
    const numbers = Float64Array.of(1, 2);
    async function ofTypedMap(): Promise<unknown> {
      return pool.map(fail, numbers);
    }
    async function ofFilter(): Promise<unknown> {
      return pool.filter(fail, numbers);
    }
    async function ofReduce(): Promise<unknown> {
      return pool.reduce(fail, numbers);
    }
    async function ofMapReduce(): Promise<unknown> {
      return pool.mapReduce(fail, 'sum', numbers);
    }
    for (const call of [ofMap, ofImap, ofAsync, ofMapSync, ofTypedMap, ofFilter, ofReduce, ofMapReduce]) {
      const error = (await caught(call())) as Error & { remoteStack: string };
      expect(error.remoteStack).toContain('joined');
      // None of the package's own frames stands between them.
      expect(error.stack).toMatch(new RegExp(`at \\[worker \\d+\\]\n +at (async )?${call.name} `));
    }
  });

  test('errors of the pool itself have no remote stack and name the caller', async () => {
    async function theCaller(): Promise<unknown> {
      return open(1).apply(() => process.kill(process.pid, 'SIGKILL'));
    }
    async function waiter(): Promise<unknown> {
      return open(1).apply(() => new Promise(() => undefined), [], { timeout: 10 });
    }
    const timedOut = (await caught(waiter())) as Error;
    expect('remoteStack' in timedOut).toBe(false);
    expect(timedOut.stack).toContain('waiter');
    if (method === 'thread') return;
    const died = (await caught(theCaller())) as Error;
    expect('remoteStack' in died).toBe(false);
    expect(died.stack).toContain('theCaller');
  });

  test('a reason for aborting and an error of terminate stay as they are, however many calls they end', async () => {
    const controller = new AbortController();
    const reason = new Error('reason');
    const { stack } = reason;
    const pool = open(1);
    const calls = Array.from({ length: 20 }, () =>
      caught(pool.apply(() => new Promise(() => undefined), [], { signal: controller.signal })),
    );
    controller.abort(reason);
    for (const error of await Promise.all(calls)) expect(error).toBe(reason);
    expect(reason.stack).toBe(stack);
    expect('remoteStack' in reason).toBe(false);
    const pending = Array.from({ length: 20 }, () => caught(pool.apply(() => new Promise(() => undefined))));
    await pool.terminate();
    for (const error of await Promise.all(pending)) {
      expect('remoteStack' in (error as Error)).toBe(false);
      expect((error as Error).stack?.split('\n').length).toBeLessThan(40);
    }
  });

  test('a result that cannot be copied is a ResultEncodingError with the DataCloneError as its cause, and the worker lives', async () => {
    const pool = open(1);
    const pid = await pool.apply(() => process.pid);
    const error = await caught(pool.apply(() => ({ ok: 1, deep: [{ handler: () => 1 }] })));
    expect(error).toBeInstanceOf(ResultEncodingError);
    expect(error).toMatchObject({ code: 'ERR_RESULT_ENCODING' });
    const { cause } = error as Error;
    expect(cause).toBeInstanceOf(DataCloneError);
    expect((cause as DataCloneError).path).toBe('result.deep[0].handler');
    for (const value of [Symbol('s'), new WeakMap(), () => 1]) {
      const kind = typeof value === 'object' ? 'weak' : typeof value;
      const refused = await caught(
        pool.apply(
          (what: string) => (what === 'symbol' ? Symbol('s') : what === 'weak' ? new WeakMap() : () => 1),
          [kind],
        ),
      );
      expect(refused).toBeInstanceOf(ResultEncodingError);
    }
    expect(await pool.apply(() => process.pid)).toBe(pid);
    expect(pool.stats().restarts).toBe(0);
  });

  test('what cannot be copied of a captured value is a CaptureError that names its variable', async () => {
    const gone = new Uint8Array(4);
    structuredClone(gone, { transfer: [gone.buffer] });
    const settings = { tables: [{ gone }] };
    const inner = (): unknown => settings;
    const expected = {
      name: 'CaptureError',
      variable: 'settings',
      path: ['outer', 'inner', 'inner', 'settings'],
      cause: { name: 'DataCloneError' },
    };
    const outer = (): unknown => inner();
    const error = await caught(shared().apply(outer));
    expect(error).toMatchObject(expected);
    expect((error as Error).message).toMatch(
      /`settings` \(settings\.tables\[0\]\.gone\) used by function `inner`: it is a detached ArrayBuffer/,
    );
    await expect(shared().map(outer, [1, 2])).rejects.toMatchObject(expected);
    await expect(shared().map(outer as never, Float64Array.of(1), { engine: 'workers' })).rejects.toMatchObject(
      expected,
    );
    await expect(shared().imap(outer, [1]).next()).rejects.toMatchObject(expected);
    expect(() => shared().applySync(outer)).toThrow(CaptureError);
    expect(() => open({ initializer: outer })).toThrow(CaptureError);
    await expect(shared().apply(outer, [], { with: { inner: () => 5 } })).resolves.toBe(5);
    let deep: unknown[] = [];
    for (let i = 0; i < 1000; i++) deep = [deep];
    const tooDeep = (await caught(shared().apply(() => deep))) as Error;
    expect(tooDeep.message).toMatch(
      /^Cannot capture `deep` \(deep[[\]0]{100,300}…\) used by .* more than 1000 levels deep/,
    );
  });

  test('what stays where it was made is refused with the remedy, not turned into an empty object', async () => {
    const result = shared().applyAsync(() => 1);
    const iterator = shared().imap((x: number) => x, [1]);
    const child = new Process();
    await child.start();
    const queue = new Queue();
    const made = {
      Pool: shared(),
      AsyncResult: result,
      ResultIterator: iterator,
      Process: child,
      Sentinel: child.sentinel,
      Iteration: queue[Symbol.asyncIterator](),
    };
    for (const [name, each] of Object.entries(made)) {
      const what = new RegExp(`^args\\[0\\]\\.each cannot be copied: it is an? (Thread)?${name}$`);
      await expect(shared().apply((given: object) => given, [{ each }])).rejects.toThrow(what);
      await expect(shared().apply(() => each)).rejects.toThrow(
        /`each` .* stays where it was made.* inside the function/,
      );
    }
    await result;
    await iterator.return();
    await child.join();
    queue.close();
  });

  test('a result whose getter throws rejects, and the worker lives', async () => {
    const error = await caught(
      shared().apply(() => ({
        get broken(): never {
          throw new RangeError('getter');
        },
      })),
    );
    expect(error).toBeInstanceOf(ResultEncodingError);
    expect((error as Error).cause).toBeInstanceOf(RangeError);
  });

  test('an error that cannot be copied whole still rejects, naming it', async () => {
    const fails = (): never => {
      throw Object.assign(new RangeError('has a function'), { handler: () => 1, code: 'E_FUNCTION' });
    };
    const expected = {
      name: 'ResultEncodingError',
      message: expect.stringContaining('error.handler cannot be copied: it is a function'),
      cause: {
        name: 'DataCloneError',
        path: 'error.handler',
        cause: { constructor: RangeError, message: 'has a function', code: 'E_FUNCTION' },
      },
    };
    expect(await caught(shared().apply(fails))).toMatchObject(expected);
    expect(await caught(shared().map(fails, [1]))).toMatchObject(expected);
    const each = (await caught(shared().imap(fails, [1]).next())) as Error & { cause: { cause: Error } };
    expect(each).toMatchObject(expected);
    expect(each.cause.cause.stack).toContain('fails');
    expect(await shared().apply(() => 1)).toBe(1);
  });

  test('each call gets an error of its own', async () => {
    const fail = (): never => {
      throw new Error('same');
    };
    const [one, two] = await Promise.all([caught(shared().apply(fail)), caught(shared().apply(fail))]);
    expect(one).not.toBe(two);
  });

  test('a module that does not exist or has a syntax error rejects the call, and the next works', async () => {
    await caught(shared().apply({ module: '/does/not/exist.mjs' }));
    const wrongName = await caught(shared().apply({ module: 'node:path', name: 'noSuchExport' }));
    expect(wrongName).toBeInstanceOf(Error);
    expect((wrongName as Error).message).toContain('noSuchExport');
    const broken = await caught(shared().apply({ module: 'data:text/javascript,export default (' }));
    expect(broken).toBeInstanceOf(SyntaxError);
    expect(await shared().apply(() => 1)).toBe(1);
  });
});
