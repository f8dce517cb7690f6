// Errors that end a wait lead to the line that waits, though a timer or somebody's message has made them.
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Barrier,
  JoinableQueue,
  Lock,
  Pipe,
  ProcessError,
  Queue,
  RLock,
  Semaphore,
  SimpleQueue,
  ThreadPool,
  type Pool,
} from 'manyhands';
import { describe, expect, test } from 'vitest';

const SHORT = { timeout: 1 };
const never = (): Promise<never> => new Promise(() => undefined);

async function withPool(use: (pool: Pool) => Promise<unknown>): Promise<void> {
  const pool = new ThreadPool(1);
  try {
    await use(pool);
  } finally {
    await pool.terminate();
  }
}

/** Each fails only after it has waited. */
const WAITS: Record<string, () => Promise<unknown>> = {
  'an empty queue': async () => await new Queue().get(SHORT),
  'a full queue': async () => {
    const queue = new Queue(1);
    await queue.put(1);
    await queue.put(2, SHORT);
  },
  'a queue that is shut down meanwhile': async () => {
    const queue = new Queue();
    setImmediate(() => queue.shutdown());
    await queue.get();
  },
  'a queue that is closed meanwhile': async () => {
    const queue = new SimpleQueue();
    setImmediate(() => queue.close());
    await queue.get();
  },
  'tasks that are never done': async () => {
    const queue = new JoinableQueue();
    await queue.put(1);
    await queue.join(SHORT);
  },
  'a silent connection': async () => await Pipe()[0].recv(SHORT),
  'bytes of a silent connection': async () => await Pipe()[0].recvBytes(SHORT),
  'a connection that ends meanwhile': async () => {
    const [here, there] = Pipe();
    setImmediate(() => there.close());
    await here.recv();
  },
  'a lock': async () => {
    const lock = new Lock();
    await lock.acquire();
    await lock.run(() => 1, SHORT);
  },
  'a semaphore': async () => await new Semaphore(0).run(() => 1, SHORT),
  'a re-entrant lock': async () => {
    const lock = new RLock();
    await lock.acquire();
    // Its context is another one.
    const storage = new AsyncLocalStorage();
    await storage.run(1, async () => await lock.run(() => 1, SHORT));
  },
  'a barrier': async () => await new Barrier(2).wait(SHORT),
  'a result': () => withPool(async (pool) => await pool.applyAsync(never).get(SHORT)),
  'the next result': () => withPool(async (pool) => await pool.imap(never, [1]).next(SHORT)),
  'the end of a pool': () =>
    withPool(async (pool) => {
      void pool.applyAsync(never);
      pool.close();
      await pool.join(SHORT);
    }),
};

const REFUSED: Record<string, (pool: Pool) => unknown> = {
  'an argument': (pool) => pool.apply((x) => x, [{ handler: Symbol('s') }]),
  'an argument of a handle': (pool) => pool.applyAsync((x) => x, [{ handler: Symbol('s') }]),
  'an argument of a blocking call': (pool) => pool.applySync((x) => x, [{ handler: Symbol('s') }]),
  'an item': (pool) => pool.map((x) => x, [{ handler: Symbol('s') }]),
  'an item of an iterator': (pool) => pool.imap((x) => x, [{ handler: Symbol('s') }]).next(),
  'a captured variable': (pool) => {
    const deep = { list: [{ promise: Promise.resolve() }] };
    return pool.apply(() => deep);
  },
  'a captured variable of a map': (pool) => {
    const deep = { list: [{ promise: Promise.resolve() }] };
    return pool.map(() => deep, [1]);
  },
};

describe('the stack names the call that is refused for', () => {
  test.each(Object.entries(REFUSED))('%s', async (_, call) => {
    await withPool(async (pool) => {
      let error: unknown;
      try {
        await call(pool);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(ProcessError);
      expect((error as Error).stack).toContain('stacks.test.ts');
    });
  });
});

describe('the stack names the line that waits for', () => {
  test.each(Object.entries(WAITS))('%s', async (_, waits) => {
    const error = await waits().then(
      () => expect.unreachable(),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    const { stack, name, message } = error as Error;
    expect(stack).toContain(`${name}: ${message}`);
    expect(stack).toContain('stacks.test.ts');
  });
});
