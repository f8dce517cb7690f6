// Contexts and start methods: names, the default, what is fixed when, and what workers see of it.
import * as manyhands from 'manyhands';
import {
  availableCpuCount,
  cpuCount,
  getAllStartMethods,
  getContext,
  getStartMethod,
  isMainProcess,
  Pool,
  setStartMethod,
  StateError,
  ThreadPool,
} from 'manyhands';
import { afterEach, describe, expect, test } from 'vitest';
import { runProgram } from './programs.js';

const where = async (): Promise<{ pid: number; threadId: number }> => {
  const { threadId } = await import('node:worker_threads');
  return { pid: process.pid, threadId };
};

afterEach(() => setStartMethod(null, { force: true }));

test('there are two start methods, spawn first', () => {
  expect(getAllStartMethods()).toEqual(['spawn', 'thread']);
  getAllStartMethods().pop();
  expect(getAllStartMethods()).toEqual(['spawn', 'thread']);
});

test('the default is spawn; asking fixes it unless it may be unset', () => {
  expect(getStartMethod({ allowUnset: true })).toBeNull();
  expect(getStartMethod()).toBe('spawn');
  expect(getStartMethod({ allowUnset: true })).toBe('spawn');
  expect(() => setStartMethod('thread')).toThrow(StateError);
});

test('setStartMethod is for once, force replaces, null with force leaves it open', () => {
  setStartMethod('thread');
  expect(getStartMethod()).toBe('thread');
  expect(() => setStartMethod('thread')).toThrow(/already been set/);
  setStartMethod('spawn', { force: true });
  expect(getStartMethod()).toBe('spawn');
  setStartMethod(null, { force: true });
  expect(getStartMethod({ allowUnset: true })).toBeNull();
  expect(() => setStartMethod(null)).toThrow(TypeError);
  expect(getStartMethod({ allowUnset: true })).toBeNull();
});

test.each(['fork', '', 'Thread'])('the name %j is a RangeError', (name) => {
  expect(() => setStartMethod(name as never)).toThrow(RangeError);
  expect(() => getContext(name as never)).toThrow(RangeError);
  expect(() => new Pool({ context: name as never })).toThrow(RangeError);
  expect(getStartMethod({ allowUnset: true })).toBeNull();
});

test('getContext without a name fixes the default; the same name gives the same context', () => {
  expect(getContext('thread').getStartMethod()).toBe('thread');
  expect(getStartMethod({ allowUnset: true })).toBeNull();
  const context = getContext();
  expect(context.getStartMethod()).toBe('spawn');
  expect(getStartMethod({ allowUnset: true })).toBe('spawn');
  expect(getContext('spawn')).toBe(context);
  expect(context.getContext()).toBe(context);
  expect(context.getContext('thread')).toBe(getContext('thread'));
});

test('a context has all that the package has', () => {
  const context = getContext('thread') as unknown as Record<string, unknown>;
  expect(Object.keys(manyhands).filter((name) => !(name in context))).toEqual([]);
  expect([context['TimeoutError'], context['zip']]).toEqual([manyhands.TimeoutError, manyhands.zip]);
});

test('the method of a context is fixed', () => {
  const context = getContext('thread');
  expect(() => context.setStartMethod('spawn')).toThrow(StateError);
  expect(() => context.setStartMethod('thread', { force: true })).toThrow(StateError);
  expect(context.getAllStartMethods()).toEqual(['spawn', 'thread']);
  expect(context.cpuCount()).toBe(cpuCount());
  expect(context.availableCpuCount()).toBe(availableCpuCount());
  expect(context.isMainProcess).toBe(isMainProcess);
});

describe.each(['spawn', 'thread'] as const)('%s', (method) => {
  test('the pool of a context, of an option and of the default run there', async () => {
    const check = async (pool: Pool): Promise<void> => {
      await using open = pool;
      expect(open).toBeInstanceOf(Pool);
      const { pid, threadId } = await open.apply(where);
      expect({ sameProcess: pid === process.pid, thread: threadId > 0 }).toEqual({
        sameProcess: method === 'thread',
        thread: method === 'thread',
      });
    };
    const context = getContext(method);
    await check(new context.Pool(1));
    await check(new context.Pool({ processes: 1 }));
    await check(new context.Pool({ processes: 1, context: undefined } as never));
    await check(new Pool({ processes: 1, context: method }));
    await check(new Pool({ processes: 1, context }));
    setStartMethod(method, { force: true });
    await check(new Pool(1));
    expect(context.Pool.name).toBe('Pool');
  });

  test('a worker’s own default is the method that it was started with, and it is not the main process', async () => {
    const { out } = await runProgram('roles.mjs', { args: [method] });
    expect(out).toBe(`true false,${method}\n`);
  });

  test('the default number of workers is that of the available CPUs', async () => {
    await using pool = new (getContext(method).Pool)();
    expect(pool.processes).toBe(availableCpuCount());
  });
});

test('ThreadPool is a Pool on threads, whatever the default', async () => {
  await using pool = new ThreadPool(1);
  expect(pool).toBeInstanceOf(Pool);
  expect((await pool.apply(where)).pid).toBe(process.pid);
});

test('an unknown context is refused where the class has chosen one, too', () => {
  expect(() => new ThreadPool({ context: 'fork' as never })).toThrow(RangeError);
  expect(() => new ThreadPool({ context: 5 as never })).toThrow(TypeError);
});

test('CPU counts are whole numbers, and the available ones are not more than there are', () => {
  for (const count of [cpuCount(), availableCpuCount()]) expect(Number.isInteger(count) && count >= 1).toBe(true);
  expect(availableCpuCount()).toBeLessThanOrEqual(cpuCount());
});

test('availableCpuCount honours the affinity of the process', async () => {
  const { out } = await runProgram('affinity.mjs', { command: ['taskset', '-c', '0'] });
  expect(out).toBe('1 1\n');
});

test('the entry script is never run again in a worker, guarded or not', async () => {
  for (const method of ['spawn', 'thread']) {
    const { out, code } = await runProgram('unguarded.mjs', { args: [method] });
    expect({ out, code }).toEqual({ out: 'main runs\n[ 1, 4, 9 ]\n', code: 0 });
  }
});
