// Signals that a process handles, and stops: whoever blocks in a call meanwhile goes on waiting, and gets what it waited for.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Barrier,
  Condition,
  type Connection,
  Event,
  getContext,
  JoinableQueue,
  Lock,
  Pipe,
  Queue,
  Semaphore,
  Value,
} from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, until } from '../queue/arena.js';

expectNothingLeft();

/** What is shared; how a child blocks for it, and what that gives; what releases the child. */
interface Blocking<T> {
  readonly make: () => T;
  readonly block: (shared: T) => unknown;
  readonly free: (shared: T) => unknown;
  readonly close?: (shared: T) => void;
}
const blocking = <T>(row: Blocking<T>): Blocking<unknown> => row as Blocking<unknown>;

const held = (): Lock => {
  const lock = new Lock();
  lock.acquireSync();
  return lock;
};
const pipe = {
  make: (): [Connection, Connection] => Pipe(),
  free: ([here]: [Connection, Connection]) => here.send('sent'),
  close: (ends: [Connection, Connection]) => ends.forEach((end) => end.close()),
};
const ends = (queue: Queue<unknown>): void => queue.close();

const rows: readonly (readonly [call: string, expected: unknown, row: Blocking<unknown>])[] = [
  ['Connection.recvSync', 'sent', blocking({ ...pipe, block: ([, there]) => there.recvSync() })],
  ['Connection.pollSync', true, blocking({ ...pipe, block: ([, there]) => there.pollSync({ timeout: null }) })],
  [
    'Queue.getSync',
    'put',
    blocking({ make: () => new Queue<unknown>(), block: (q) => q.getSync(), free: (q) => q.put('put'), close: ends }),
  ],
  [
    'Queue.getSync with a time limit',
    'put',
    blocking({
      make: () => new Queue<unknown>(),
      block: (q) => q.getSync({ timeout: 100_000 }),
      free: (q) => q.put('put'),
      close: ends,
    }),
  ],
  [
    'Queue.putSync',
    'done',
    blocking({
      make: () => {
        const queue = new Queue<unknown>(1);
        queue.putNowait('first');
        return queue;
      },
      block: (q) => q.putSync('second') ?? 'done',
      free: (q) => q.get(),
      close: ends,
    }),
  ],
  [
    'JoinableQueue.joinSync',
    'done',
    blocking({
      make: () => {
        const queue = new JoinableQueue<unknown>();
        queue.putNowait('task');
        return queue;
      },
      block: (q) => q.joinSync() ?? 'done',
      free: (q) => q.taskDone(),
      close: ends,
    }),
  ],
  [
    'Lock.acquireSync',
    true,
    blocking({ make: held, block: (lock) => lock.acquireSync(), free: (lock) => lock.release() }),
  ],
  [
    'Semaphore.acquireSync',
    true,
    blocking({
      make: () => new Semaphore(0),
      block: (semaphore) => semaphore.acquireSync({ timeout: 100_000 }),
      free: (semaphore) => semaphore.release(),
    }),
  ],
  [
    'Event.waitSync',
    true,
    blocking({ make: () => new Event(), block: (event) => event.waitSync(), free: (event) => event.set() }),
  ],
  [
    'Condition.waitSync',
    true,
    blocking({
      make: () => new Condition(),
      block: (condition) => condition.acquireSync() && condition.waitSync(),
      free: (condition) => condition.run(() => condition.notify()),
    }),
  ],
  [
    'Barrier.waitSync',
    0,
    blocking({ make: () => new Barrier(2), block: (barrier) => barrier.waitSync(), free: (barrier) => barrier.wait() }),
  ],
  ...(['spawn', 'thread'] as const).map(
    (method) =>
      [
        `Pool.applySync, ${method}`,
        true,
        blocking({
          make: () => new Event(),
          block: (go) => new (getContext(method).Pool)(1).applySync((event: Event) => event.waitSync(), [go]),
          free: (go) => go.set(),
        }),
      ] as const,
  ),
  ...(['spawn', 'thread'] as const).map(
    (method) =>
      [
        `Process.joinSync, ${method}`,
        7,
        blocking({
          make: () => new Event(),
          block: (go) => {
            const child = new (getContext(method).Process)({
              args: [go],
              target: (event: Event) => {
                event.waitSync();
                process.exit(7);
              },
            });
            child.startSync();
            return child.joinSync();
          },
          free: (go) => go.set(),
        }),
      ] as const,
  ),
];

describe('a child process', () => {
  const { Process } = getContext('spawn');

  /** Resolves once the kernel says that the main thread of a process is as `state`. */
  const isIn = async (pid: number, state: string): Promise<void> => {
    await until(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(`) ${state} `));
  };

  test.each(rows)(
    'that blocks in %s gets %j for all the signals meanwhile',
    async (_, expected, { make, block, free, close }) => {
      const shared = make();
      using answers = new Queue<unknown>();
      const handled = new Value('i');
      const child = new Process({
        args: [shared, answers, handled],
        target: async (given: unknown, out: typeof answers, count: typeof handled) => {
          process.on('SIGUSR2', () => count.add(1));
          await out.put('blocks');
          const got = block(given);
          // What came meanwhile is handled now.
          while (count.value === 0) await new Promise((resolve) => setImmediate(resolve));
          await out.put([got]);
        },
      });
      await child.start();
      const pid = child.pid ?? 0;
      expect(await answers.get()).toBe('blocks');
      await isIn(pid, 'S');
      for (let i = 0; i < 20; i++) {
        process.kill(pid, 'SIGUSR2');
        await sleep(1); // one by one: those that come together are one
      }
      process.kill(pid, 'SIGSTOP');
      await isIn(pid, 'T');
      process.kill(pid, 'SIGCONT');
      process.kill(pid, 'SIGUSR2');
      await isIn(pid, 'S');
      expect(answers.empty()).toBe(true);
      await free(shared);
      expect(await answers.get()).toEqual([expected]);
      expect(await child.join()).toBe(0);
      close?.(shared);
    },
  );

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'that blocks in a call is ended at once by %s, which it does not handle',
    async (signal) => {
      const lock = new Lock();
      await lock.acquire();
      using up = new Queue<number>();
      const child = new Process({
        args: [lock, up],
        target: async (given: Lock, out: typeof up) => {
          await out.put(1);
          given.acquireSync();
        },
      });
      await child.start();
      await up.get();
      process.kill(child.pid ?? 0, signal);
      expect(await child.join()).toBe(-{ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal]);
      lock.release();
      expect(await lock.acquire()).toBe(true);
      lock.release();
    },
  );
});
