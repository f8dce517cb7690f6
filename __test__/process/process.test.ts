// Process: its life from constructor to close, on processes and on threads; the rows of CPython's _TestProcess.
import {
  activeChildren,
  CaptureError,
  currentProcess,
  getLogger,
  DataCloneError,
  getContext,
  parentProcess,
  Pipe,
  ProcessError,
  StateError,
} from 'manyhands';
import { afterAll, describe, expect, test } from 'vitest';
import { finish, methods, run } from './children.js';

afterAll(() => {
  expect(activeChildren()).toEqual([]);
});

describe.each(methods)('a Process by %s', (method) => {
  const { Process } = getContext(method);
  const isThread = method === 'thread';
  const forEver = (): void => {
    for (;;);
  };

  test('lives from start to the end of its function', async () => {
    const child = new Process({ target: () => undefined });
    expect([child.isAlive(), child.exitcode, child.pid, child.daemon]).toEqual([false, null, undefined, false]);
    expect(activeChildren()).not.toContain(child);
    expect(await child.start()).toBeUndefined();
    expect(activeChildren()).toContain(child);
    expect(child.pid === process.pid).toBe(isThread);
    expect(child.exitcode).toBeNull();
    expect(await child.join()).toBe(0);
    expect([child.isAlive(), child.exitcode]).toEqual([false, 0]);
    expect(activeChildren()).not.toContain(child);
    expect(await child.join()).toBe(0);
  });

  test('gives the child its arguments, captured variables, name, key and parent', async () => {
    const child = new Process({ name: 'worker bee', args: [1, 'str', [1], new Map([[1, 2n]])], stdio: 'pipe' });
    const factor = 6;
    const report = new Process({
      name: 'worker bee',
      stdio: 'pipe',
      args: [1, 'str', [1], new Map([[1, 2n]])],
      target: async (...args: unknown[]) => {
        const { inspect } = await import('node:util');
        const me = currentProcess();
        const parent = parentProcess();
        const facts = [args, factor, me.name, me.daemon, me.pid, [...me.authkey], parent?.name, parent?.pid];
        console.log(
          inspect([...facts, parent?.isAlive()], { compact: true, breakLength: Infinity, maxArrayLength: null }),
        );
      },
    });
    report.authkey = Uint8Array.of(1, 2, 3);
    const { out, err, exitcode } = await finish(report);
    expect(err).toBe('');
    expect(exitcode).toBe(0);
    expect(out.trim()).toBe(
      `[ [ 1, 'str', [ 1 ], Map(1) { 1 => 2n } ], 6, 'worker bee', false, ${report.pid}, [ 1, 2, 3 ], 'MainProcess', ${process.pid}, true ]`,
    );
    expect(child.name).toBe('worker bee');
  });

  test('numbers its names, and those of grandchildren behind their parents', async () => {
    const [first, second] = [new Process(), new Process()];
    const number = (name: string): number => Number(/^Process-(\d+)$/.exec(name)?.[1]);
    expect(number(second.name)).toBe(number(first.name) + 1);
    const named = new Process({
      stdio: 'pipe',
      target: async () => {
        const mh = await import('manyhands');
        const grandchild = new mh.Process({ target: () => console.log(mh.currentProcess().name) });
        await grandchild.start();
      },
    });
    const { out, err } = await finish(named);
    // A thread's child prints on the thread's own standard output, which is that of this process.
    if (!isThread) expect([out.trim(), err]).toEqual([`${named.name}:1`, '']);
    first.name = 'other';
    expect(first.name).toBe('other');
    expect(() => Object.assign(first, { name: 7 })).toThrow('Expected `name` to be a string, got `7` (number)');
  });

  test('starts the child with the name and the kind that were set last', async () => {
    const [here, there] = Pipe({ duplex: false });
    const child = new Process({
      name: 'first',
      daemon: true,
      args: [there],
      target: (end: typeof there) => end.send([currentProcess().name, currentProcess().daemon]),
    });
    child.name = 'second';
    child.daemon = false;
    await child.start();
    expect(await here.recv()).toEqual(['second', false]);
    expect(await child.join()).toBe(0);
    here.close();
    there.close();
  });

  test.each([
    ['terminate', -15],
    ['kill', -9],
    ['interrupt', -2],
  ] as const)('%s ends even a busy loop, with exit code %i', async (how, exitcode) => {
    const child = new Process({ target: forEver });
    await child.start();
    expect(await child.join({ timeout: 0 })).toBeNull();
    expect(await child.join({ timeout: -1 })).toBeNull();
    expect(child.isAlive()).toBe(true);
    child[how]();
    expect(await child.join()).toBe(exitcode);
    expect(await child.join()).toBe(exitcode);
    expect(activeChildren()).not.toContain(child);
    child[how]();
    expect(child.exitcode).toBe(exitcode);
  });

  test('reports the code of process.exit modulo 256', async () => {
    for (const [code, expected] of [
      [3, 3],
      [300, 44],
      [-1, 255],
    ] as const) {
      const child = new Process({ target: (n: number) => process.exit(n), args: [code] });
      await child.start();
      expect(await child.join()).toBe(expected);
    }
  });

  test('prints the whole stack of an uncaught error and ends with 1', async () => {
    function deep(): never {
      throw new RangeError('too deep', { cause: new Error('the reason') });
    }
    const { exitcode, err } = await run(method, { name: 'doomed', target: async () => deep() });
    expect(exitcode).toBe(1);
    expect(err).toMatch(
      /^Process doomed:\nRangeError: too deep\n\s+at deep \(.*\n\s+at target \(.*process\.test\.ts:\d+:\d+\)/,
    );
    expect(err).toContain('the reason');
    expect((await run(method, { target: () => Promise.reject(undefined as unknown as Error) })).exitcode).toBe(1);
  });

  test('ends with 1 by an error or rejection outside of its function', async () => {
    const later = await run(method, {
      target: () => {
        setTimeout(() => {
          throw new TypeError('in a timer');
        });
      },
    });
    expect(later.exitcode).toBe(1);
    expect(later.err).toContain('TypeError: in a timer');
    const rejected = await run(method, { target: () => void Promise.reject(new TypeError('unhandled')) });
    expect(rejected.exitcode).toBe(1);
    expect(rejected.err).toContain('TypeError: unhandled');
  });

  test('ends when the function has settled and nothing keeps its event loop alive', async () => {
    const { out, exitcode } = await run(method, {
      target: () => {
        setTimeout(() => console.log('second'), 20);
        console.log('first');
      },
    });
    expect([out, exitcode]).toEqual(['first\nsecond\n', 0]);
    const pending = new Process({ target: () => new Promise(() => undefined) });
    await pending.start();
    expect(await pending.join({ timeout: 0 })).toBeNull();
    pending.terminate();
    expect(await pending.join()).toBe(-15);
  });

  test('runs exit handlers of the child', async () => {
    const { out } = await run(method, { target: () => void process.on('exit', () => console.log('bye')) });
    expect(out).toBe('bye\n');
  });

  test('starts and joins without the event loop', () => {
    const child = new Process({ target: (n: number) => process.exit(n), args: [5] });
    child.startSync();
    expect(child.joinSync()).toBe(5);
    expect(child.isAlive()).toBe(false);
    const busy = new Process({ target: forEver });
    busy.startSync();
    expect(busy.joinSync({ timeout: 0 })).toBeNull();
    expect(busy.joinSync({ timeout: 5 })).toBeNull();
    busy.kill();
    expect(busy.joinSync()).toBe(-9);
  });

  test('the key of a process is its own, to the last byte', () => {
    const child = new Process();
    expect(child.authkey).toEqual(Uint8Array.from(currentProcess().authkey));
    child.authkey[0]! ^= 255;
    expect(child.authkey[0]).not.toBe(currentProcess().authkey[0]);
  });

  test('run() of a started process calls nothing, before that the target', () => {
    const child = new Process({ target: (a: number, b: number) => a + b, args: [1, 2] });
    expect(child.run()).toBe(3);
    expect(new Process().run()).toBeUndefined();
  });

  test('takes a reference as its target', async () => {
    const module = new URL('fixtures/shouting.mjs', import.meta.url);
    const child = new Process({ target: { module, name: 'exitWith' }, args: [9] });
    child.startSync();
    expect(child.joinSync()).toBe(9);
  });

  test('a daemonic process may have no children, and is daemonic for its children', async () => {
    const { err, exitcode } = await run(method, {
      daemon: true,
      target: async () => {
        const mh = await import('manyhands');
        if (!mh.currentProcess().daemon || !new mh.Process().daemon) throw new Error('not inherited');
        await new mh.Process({ target: () => undefined }).start();
      },
    });
    expect(exitcode).toBe(1);
    expect(err).toContain('StateError: A daemonic process may not have children');
    const child = new Process({ daemon: true, target: () => undefined });
    child.daemon = false;
    await child.start();
    expect(() => (child.daemon = true)).toThrow(StateError);
    await child.join();
  });

  test('refuses what is done in the wrong state', async () => {
    const child = new Process({ target: forEver });
    for (const call of ['terminate', 'kill', 'interrupt', 'joinSync'] as const)
      expect(() => child[call]()).toThrow(StateError);
    expect(() => child.sentinel).toThrow(StateError);
    await expect(child.join()).rejects.toThrow(StateError);
    await child.start();
    await expect(child.start()).rejects.toThrow('A process can be started only once');
    expect(() => child.startSync()).toThrow(StateError);
    expect(() => child.close()).toThrow('still running');
    child.kill();
    await child.join();
    child.close();
    child.close();
    for (const call of ['terminate', 'kill', 'interrupt', 'joinSync', 'isAlive', 'startSync'] as const)
      expect(() => child[call]()).toThrow('The process object is closed');
    for (const name of ['pid', 'exitcode', 'sentinel'] as const)
      expect(() => child[name]).toThrow('The process object is closed');
    await expect(child.join()).rejects.toThrow(StateError);
    await expect(child.start()).rejects.toThrow(StateError);
    expect(child.name).toMatch(/^Process-/);
  });

  test('rejects what cannot cross, and can be started no more by mistake', async () => {
    const socket = new Promise(() => undefined);
    await expect(new Process({ target: () => socket }).start()).rejects.toThrow(CaptureError);
    const gone = new ArrayBuffer(4);
    structuredClone(gone, { transfer: [gone] });
    await expect(new Process({ target: () => gone }).start()).rejects.toMatchObject({ variable: 'gone' });
    const child = new Process({ target: () => undefined, args: [{ handler: () => undefined }] });
    await expect(child.start()).rejects.toThrow(DataCloneError);
    await expect(child.start()).rejects.toMatchObject({ path: 'args[0].handler' });
    expect(() => new Process({ target: 7 as never })).toThrow('Expected `target` to be a function');
    expect(() => new Process({ args: 'text' as never })).toThrow('Expected `args` to be an array');
    expect(() => new Process({ daemon: 1 as never })).toThrow('Expected `daemon` to be a boolean, got `1` (number)');
    expect(() => new Process(null as never)).toThrow(TypeError);
    expect(() => new Process({ fn: forEver } as never)).toThrow(
      /^Expected `fn` to be one of the options target, args, .*, got `forEver`/,
    );
  });

  test('shares a SharedArrayBuffer with a thread, and refuses to send it to a process', async () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const child = new Process({
      target: (given: Int32Array) => {
        given[0] = 3;
        words[1] = 4;
      },
      args: [words],
    });
    if (method === 'thread') {
      await child.start();
      expect(await child.join()).toBe(0);
      expect([...words]).toEqual([3, 4]);
    } else {
      await expect(child.start()).rejects.toMatchObject({ code: 'ERR_CAPTURE', variable: 'words' });
    }
  });

  test('ends a wait by a signal of the caller', async () => {
    const child = new Process({ target: forEver });
    await child.start();
    const controller = new AbortController();
    const waiting = child.join({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    child.kill();
    await child.join();
  });

  test('copies arguments and captured values when start is called', async () => {
    const args = [{ n: 1 }];
    let captured = 1;
    const child = new Process({
      stdio: 'pipe',
      args,
      target: (given) => console.log((given as { n: number }).n, captured),
    });
    const ended = finish(child);
    args[0]!.n = 2;
    captured = 2;
    expect((await ended).out).toBe('1 1\n');
  });

  test('many short children end with 0, and as many that are stopped at once with -15', async () => {
    const short = Array.from({ length: 5 }, () => new Process({ target: () => undefined }));
    await Promise.all(short.map((child) => child.start()));
    expect(await Promise.all(short.map((child) => child.join()))).toEqual([0, 0, 0, 0, 0]);
    const long = Array.from({ length: 5 }, () => new Process({ target: forEver }));
    await Promise.all(long.map((child) => child.start()));
    for (const child of long) child.terminate();
    expect(await Promise.all(long.map((child) => child.join()))).toEqual([-15, -15, -15, -15, -15]);
  });

  test('shows itself as Python does', async () => {
    const { inspect } = await import('node:util');
    const child = new Process({ name: 'p', target: forEver });
    expect(inspect(currentProcess())).toBe(`<MainProcess pid=${process.pid} started>`);
    expect(inspect(getLogger())).toBe('Logger { level: 0 }');
    expect(inspect(child)).toBe("<Process name='p' initial>");
    await child.start();
    expect(inspect(child)).toBe(`<Process name='p' pid=${child.pid} parent=${process.pid} started>`);
    child.kill();
    await child.join();
    expect(inspect(child)).toBe(`<Process name='p' pid=${child.pid} parent=${process.pid} stopped exitcode=-SIGKILL>`);
  });
});

test('the main program is MainProcess without a parent', () => {
  const me = currentProcess();
  expect([me.name, me.daemon, me.isAlive(), me.exitcode, me.pid]).toEqual([
    'MainProcess',
    false,
    true,
    null,
    process.pid,
  ]);
  expect(me.authkey.byteLength).toBe(32);
  expect(JSON.stringify(me)).not.toContain('authkey');
  expect(parentProcess()).toBeNull();
  expect(me.close()).toBeUndefined();
});

test.each(['start', 'startSync'] as const)(
  '%s of a child that the system cannot start may be tried again',
  async (start) => {
    const { Process } = getContext('spawn');
    const child = new Process({ args: [7], target: (code: number) => void (process.exitCode = code) });
    const { execPath } = process;
    process.execPath = '/no/such/node';
    try {
      await expect((async () => child[start]())()).rejects.toThrow(ProcessError);
    } finally {
      process.execPath = execPath;
    }
    expect([child.isAlive(), child.pid, child.exitcode]).toEqual([false, undefined, null]);
    await child.start();
    expect(await child.join()).toBe(7);
  },
);
