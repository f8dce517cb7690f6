// What CPython's own tests ask of processes beyond one life: recursion, what is let go, descriptors, flags, mixed methods.
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activeChildren, type Connection, Event, getContext, Pipe, Queue, Semaphore } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { Program } from '../lifetime/program.js';
import { collectGarbage } from '../pool/back-ends.js';
import { expectNothingLeft } from '../queue/arena.js';
import { methods, type Method } from './children.js';

expectNothingLeft();

describe.each(methods)('by %s', (method) => {
  const { Process } = getContext(method);

  test('children of children write into one inherited pipe, depth first (test_recursion)', async () => {
    const [reader, writer] = Pipe({ duplex: false });
    async function descend(end: Connection, how: Method, path: number[]): Promise<void> {
      await end.send(path);
      if (path.length === 2) return;
      for (const branch of [0, 1]) {
        const child = new (getContext(how).Process)({ target: descend, args: [end, how, [...path, branch]] });
        await child.start();
        if ((await child.join()) !== 0) throw new Error('failed');
      }
    }
    await descend(writer, method, []);
    writer.close();
    const seen: unknown[] = [];
    for await (const path of reader) seen.push(path);
    expect(seen).toEqual([[], [0], [0, 0], [0, 1], [1], [1, 0], [1, 1]]);
    reader.close();
  });

  test('target and arguments are let go here once the child has them (test_lose_target_ref)', async () => {
    const [go, done] = [new Event(), new Queue<number>()];
    const started = async (): Promise<readonly [InstanceType<typeof Process>, WeakRef<object>[]]> => {
      const argument = { n: 41 };
      const target = async (given: { n: number }): Promise<void> => {
        await go.wait();
        await done.put(given.n + 1);
      };
      const child = new Process({ target, args: [argument] });
      await child.start();
      return [child, [new WeakRef(target), new WeakRef(argument)]];
    };
    const [child, held] = await started();
    // Looking keeps them for the rest of the turn.
    while (held.some((one) => one.deref() !== undefined)) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    go.set();
    expect([await done.get(), await child.join()]).toEqual([42, 0]);
    done.close();
  });

  test('the list of children is a new one each time (test_active_children)', async () => {
    const go = new Event();
    const child = new Process({ target: () => go.wait() });
    await child.start();
    activeChildren().length = 0;
    expect(activeChildren()).toContain(child);
    go.set();
    expect(await child.join()).toBe(0);
    expect(activeChildren()).not.toContain(child);
  });

  test('daemon says for each process what it is, whatever its parent is (test_daemon_argument)', async () => {
    using kinds = new Queue<boolean[]>();
    const child = new Process({
      daemon: true,
      args: [kinds],
      target: async (answers: typeof kinds) => {
        const { Process: Inner } = getContext(method);
        await answers.put(
          [undefined, false, true].map((daemon) => new Inner({ ...(daemon !== undefined && { daemon }) }).daemon),
        );
      },
    });
    await child.start();
    expect(await kinds.get()).toEqual([true, false, true]);
    expect(await child.join()).toBe(0);
    expect(
      [undefined, false, true].map((daemon) => new Process({ ...(daemon !== undefined && { daemon }) }).daemon),
    ).toEqual([false, false, true]);
  });

  test('a child makes queues, daemonic children and a pool of its own (test_queue_in_process, test_pool_in_process)', async () => {
    using answers = new Queue<unknown>();
    const child = new Process({
      target: async () => {
        const { Pool, Process: Inner, Queue: InnerQueue } = getContext(method);
        const queue = new InnerQueue<number>();
        const inner = new Inner({ daemon: true, args: [queue], target: (given: typeof queue) => given.put(30) });
        await inner.start();
        const got = await queue.get();
        await using pool = new Pool(2);
        await answers.put([got, await pool.map((x) => x * got, [1, 2, 3])]);
        await inner.join();
      },
    });
    await child.start();
    expect(await answers.get()).toEqual([30, [30, 60, 90]]);
    expect(await child.join()).toBe(0);
  });

  test('a module uses queues while it is loaded (test_no_import_lock_contention)', async () => {
    using answers = new Queue<string[]>();
    const module = new URL('fixtures/loading.mjs', import.meta.url);
    const child = new Process({ target: { module, name: 'tell' }, args: [answers] });
    await child.start();
    expect(await child.join()).toBe(0);
    expect(answers.getNowait()).toEqual(['blocking', 'awaited']);
  });

  test('a child has the flags of Node that its parent has (test_flags)', async () => {
    const program = new Program(
      `const { Process } = manyhands.getContext('${method}');
      const child = new Process({ target: () => console.log(process.execArgv.slice(0, 2).join(' '), Error.stackTraceLimit) });
      child.start();`,
      { execArgv: ['--no-deprecation', '--stack-trace-limit=7'] },
    );
    expect(await program.ended).toMatchObject({ code: 0, out: '--no-deprecation --stack-trace-limit=7 7\n', err: '' });
  });
});

test.each([
  ['spawn', 'thread'],
  ['thread', 'spawn'],
] as const)(
  'what the context of %s made serves children by %s, at the same time (test_mixed_startmethod)',
  async (made, used) => {
    const { Queue: Made, Lock: MadeLock, Value: MadeValue } = getContext(made);
    const [queue, lock, value] = [new Made<string>(), new MadeLock(), new MadeValue('i')];
    const target = async (by: string): Promise<void> => {
      for (let i = 0; i < 100; i++) {
        // Were both inside at a time, counts would be lost.
        await lock.run(async () => {
          const old = value.value;
          await new Promise((resolve) => setImmediate(resolve));
          value.value = old + 1;
        });
      }
      await queue.put(by);
    };
    const children = [used, made].map((how) => new (getContext(how).Process)({ target, args: [how] }));
    for (const child of children) await child.start();
    for (const child of children) expect(await child.join()).toBe(0);
    expect([value.value, [await queue.get(), await queue.get()].sort()]).toEqual([200, ['spawn', 'thread']]);
    queue.close();
  },
);

describe('a child process', () => {
  const { Process } = getContext('spawn');

  test('has no descriptor of its parent but those it needs (test_closefd)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'closefd-'));
    const file = openSync(join(folder, 'file'), 'w');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    using answers = new Queue<string[]>();
    const child = new Process({
      target: async () => {
        const fs = process.getBuiltinModule('node:fs');
        const links = fs.readdirSync('/proc/self/fd').map((name) => {
          try {
            return fs.readlinkSync(`/proc/self/fd/${name}`);
          } catch {
            return ''; // the one that listed the folder
          }
        });
        await answers.put(links);
      },
    });
    await child.start();
    const links = await answers.get();
    expect(links.filter((link) => link.startsWith(folder) || link === `socket:[${fstatSync(fd).ino}]`)).toEqual([]);
    expect(links.length).toBeGreaterThan(3);
    await child.join();
    server.close();
    closeSync(file);
    rmSync(folder, { recursive: true });
  });

  test('has as many descriptors as its own child has (test_child_fd_inflation)', async () => {
    using counts = new Queue<number>();
    async function count(left: number): Promise<void> {
      await counts.put(process.getBuiltinModule('node:fs').readdirSync('/proc/self/fd').length);
      if (left === 0) return;
      const child = new (getContext('spawn').Process)({ target: count, args: [left - 1] });
      await child.start();
      await child.join();
    }
    const child = new Process({ target: count, args: [3] });
    await child.start();
    expect(await child.join()).toBe(0);
    const seen = Array.from({ length: 4 }, () => counts.getNowait());
    expect(new Set(seen)).toEqual(new Set([seen[0]]));
  });

  test('may handle what interrupt sends (test_interrupt)', async () => {
    const [up, ends] = [new Event(), new Semaphore(0)];
    const child = new Process({
      target: async () => {
        process.once('SIGINT', () => {
          ends.release();
          process.exit(7);
        });
        up.set();
        await new Promise(() => setInterval(() => undefined, 1000));
      },
    });
    await child.start();
    await up.wait();
    child.interrupt();
    expect([await child.join(), ends.getValue()]).toEqual([7, 1]);
  });

  test('that closes its own streams ends as any other (test_error_on_stdio_flush_2)', async () => {
    const children = ['close', 'destroy', 'end'].map(
      (way) =>
        new Process({
          stdio: 'pipe',
          args: [way],
          target: (how: string) => {
            for (const stream of [process.stdout, process.stderr]) {
              if (how === 'close') process.getBuiltinModule('node:fs').closeSync(stream.fd);
              else if (how === 'end') stream.end();
              else stream.destroy();
            }
            console.log('nowhere');
          },
        }),
    );
    for (const child of children) await child.start();
    for (const child of children) expect(await child.join()).toBe(0);
  });
});
