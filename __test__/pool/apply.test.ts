// apply: one call of any function, with its arguments copied there and its result copied back.
import { basename } from 'node:path';
import { DataCloneError, StateError } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';

const plus = (a: number, b: number): number => a + b;

onBothBackEnds(({ method, open, shared }) => {
  test('calls the function with its arguments and resolves to its result', async () => {
    expect(await shared().apply(plus, [2, 3])).toBe(5);
    expect(await shared().apply(() => 'no arguments')).toBe('no arguments');
    expect(await shared().apply((...all: number[]) => all.length, [])).toBe(0);
  });

  test('runs the function in a worker, not here', async () => {
    const where = await shared().apply(async () => {
      const { threadId } = await import('node:worker_threads');
      return { pid: process.pid, threadId };
    });
    expect(where.pid === process.pid).toBe(method === 'thread');
    expect(where.threadId > 0).toBe(method === 'thread');
    expect(shared().workers.map(({ pid, threadId }) => ({ pid, threadId }))).toContainEqual(where);
  });

  test('sends a closure with its variables and an imported binding by its module', async () => {
    const factor = 7;
    const scale = (x: number): number => x * factor;
    expect(await shared().apply((x: number) => `${scale(x)} ${basename('/a/b.txt')}`, [6])).toBe('42 b.txt');
  });

  test('takes a reference to an exported function', async () => {
    expect(await shared().apply({ module: 'node:path', name: 'basename' }, ['/x/y.js'])).toBe('y.js');
  });

  test('awaits async functions and any thenable that a plain function returns', async () => {
    expect(await shared().apply(async (x: number) => x * 2, [4])).toBe(8);
    expect(await shared().apply((x: number) => Promise.resolve(x * 3), [4])).toBe(12);
    expect(
      await shared().apply(() => ({
        // oxlint-disable-next-line unicorn/no-thenable -- the subject of the test
        then: (resolve: (value: string) => void) => resolve('then'),
      })),
    ).toBe('then');
  });

  test('copies values of every cloneable kind there and back', async () => {
    const value = {
      map: new Map<unknown, unknown>([[1, new Set(['a'])]]),
      date: new Date(1e12),
      pattern: /a+/gi,
      big: 2n ** 100n,
      view: Float32Array.of(1.5, -0),
      buffer: Buffer.from('text'),
      nothing: undefined,
      zero: -0,
      nan: NaN,
      holes: [1, , 3], // oxlint-disable-line no-sparse-arrays -- holes stay holes
    };
    const back = await shared().apply((x: typeof value) => x, [value]);
    expect(back).toStrictEqual(value);
    expect(Buffer.isBuffer(back.buffer)).toBe(true);
    expect(1 in back.holes).toBe(false);
  });

  test('keeps cycles and shared references of arguments and results', async () => {
    const node: { self?: unknown; twin?: unknown } = {};
    node.self = node;
    const back = await shared().apply((x: typeof node, y: typeof node) => ({ x, y }), [node, node]);
    expect(back.x).toBe(back.y);
    expect(back.x.self).toBe(back.x);
  });

  test('keeps undefined, null and every falsy result apart', async () => {
    const falsy = [undefined, null, 0, -0, NaN, '', false, 0n];
    const results = await Promise.all(falsy.map((value) => shared().apply((x: unknown) => x, [value])));
    results.forEach((result, i) => expect(Object.is(result, falsy[i])).toBe(true));
  });

  test('moves 16 MB there and back unharmed', async () => {
    const big = new Float64Array(2 * 1024 * 1024).map((_, i) => i / 3);
    const back = await shared().apply((x: Float64Array) => x.map((value) => -value), [big]);
    expect(back.length).toBe(big.length);
    expect(back.every((value, i) => value === -(big[i] ?? 0))).toBe(true);
  });

  test('does not see changes of the arguments or captured values after the call', async () => {
    const list = [1, 2, 3];
    let captured = 'before';
    const pool = open(1);
    const result = pool.apply((x: number[]) => [...x, captured], [list]);
    list.push(4);
    captured = 'after';
    expect(await result).toEqual([1, 2, 3, 'before']);
    expect(await pool.apply((x: number[]) => [...x, captured], [list])).toEqual([1, 2, 3, 4, 'after']);
  });

  test('gives each call its own captured values, whatever an earlier call did to them', async () => {
    const seen: number[] = [];
    const pool = open(1);
    const visit = (): number => seen.push(1);
    expect(await Promise.all([pool.apply(visit), pool.apply(visit), pool.apply(visit)])).toEqual([1, 1, 1]);
    expect(seen).toEqual([]);
  });

  test('takes captured values by hand, which take precedence', async () => {
    const k = 1;
    expect(await shared().apply((x: number) => x * k, [5], { with: { k: 10 } })).toBe(50);
  });

  test('an argument that cannot be copied rejects that call alone and names its path', async () => {
    const pool = shared();
    const bad = pool.apply((x: unknown) => x, [{ deep: { handler: () => 1 } }]);
    const good = pool.apply(plus, [1, 1]);
    const error = await bad.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataCloneError);
    expect((error as DataCloneError).path).toBe('args[0].deep.handler');
    expect((error as Error).message).toContain('args[0].deep.handler');
    expect(await good).toBe(2);
  });

  test('never throws synchronously, whatever is wrong', async () => {
    const closed = open(1);
    closed.close();
    const wrong: [unknown, unknown, unknown][] = [
      [undefined, [], undefined],
      ['text', [], undefined],
      [{}, [], undefined],
      [plus, 'text', undefined],
      [plus, [1], 'options'],
      [plus, [1], { timeout: 'soon' }],
      [plus, [1], { timeout: NaN }],
      [plus, [1], { retries: -1 }],
      [plus, [1], { retries: 1.5 }],
      [plus, [1], { priority: 'high' }],
      [plus, [1], { signal: {} }],
    ];
    for (const args of wrong) {
      const promise = shared().apply(...(args as unknown as [typeof plus]));
      const error = await promise.catch((reason: unknown) => reason);
      expect(error instanceof TypeError || error instanceof RangeError, String(error)).toBe(true);
      expect((error as Error).message).toMatch(/^Expected `[\w.]+` to be .+, got `/);
    }
    await expect(closed.apply(plus, [1, 2])).rejects.toBeInstanceOf(StateError);
  });

  test('ten thousand calls at once all settle, each with its own result', async () => {
    const pool = shared();
    const results = await Promise.all(Array.from({ length: 10_000 }, (_, i) => pool.apply((x: number) => x + 1, [i])));
    expect(results).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
  });
});
