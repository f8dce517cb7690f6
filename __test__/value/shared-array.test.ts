// SharedArray and RawArray: shared numbers of any type; the rows of CPython's _TestArray.
import { describe, expect, test } from 'vitest';
import * as manyhands from 'manyhands';
import { getContext, Lock, Queue, RawArray, RLock, SharedArray } from 'manyhands';
import { collectGarbage } from '../pool/back-ends.js';
import { expectNothingLeft, methods } from '../queue/arena.js';

expectNothingLeft();

describe.each([
  ['SharedArray', SharedArray],
  ['RawArray', RawArray],
] as const)('a %s', (_name, Class) => {
  test('has as many zeros, or the elements, as were asked for', () => {
    expect([...new Class('i', 3)]).toEqual([0, 0, 0]);
    expect([...new Class('d', new Set([1.5, 2]))]).toEqual([1.5, 2]);
    expect([...new Class('q', [1n, 2])]).toEqual([1n, 2n]);
    expect([...new Class('B', [256, -1])]).toEqual([0, 255]);
    expect([new Class('h', 0).length, new Class('h', [])[0]]).toEqual([0, undefined]);
    expect(new Class('f', 2).array).toBeInstanceOf(Float32Array);
    expect(new Class('c', 2).array).toBeInstanceOf(Uint8Array);
    expect(new Class('L', 2).array).toBeInstanceOf(BigUint64Array);
  });

  test('reads and writes elements by index, at, set and the typed array', () => {
    const array = new Class('i', [1, 2, 3]);
    array[0] = 10;
    array.set(-1, 30);
    array.array[1] = 20;
    expect([array[0], array.at(1), array.at(-1), array[3], array.length]).toEqual([10, 20, 30, undefined, 3]);
    expect([...array]).toEqual([10, 20, 30]);
    expect([0 in array, 'length' in array]).toEqual([true, true]);
    for (const index of [3, -4, 0.5]) {
      expect(() => array.at(index)).toThrow(RangeError);
      expect(() => array.set(index, 1)).toThrow(RangeError);
    }
    for (const index of [3, -1, 0.5, Number.NaN]) expect(() => (array[index] = 1), `${index}`).toThrow(RangeError);
    expect(Object.keys(array)).toEqual([]);
    expect(() => (array[0] = 'x' as never)).toThrow('Expected `value` to be a number, got `x` (string)');
    expect(() => array.at('0' as never)).toThrow(TypeError);
    Object.assign(array, { note: 'mine' });
    expect((array as unknown as { note: string }).note).toBe('mine');
  });

  test('refuses wrong types, sizes and elements', () => {
    expect(() => new Class('?' as 'i', 1)).toThrow(TypeError);
    for (const size of [-1, 1.5, Number.NaN]) expect(() => new Class('i', size)).toThrow(RangeError);
    expect(() => new Class('d', 2 ** 30)).toThrow(RangeError);
    expect(() => new Class('i', {} as never)).toThrow('Expected `sizeOrItems` to be');
    expect(() => new Class('i', [1, 'x' as never])).toThrow('Expected `sizeOrItems[1]` to be a number');
  });

  test('is large where asked, also beyond what one window of memory shows', () => {
    const array = new Class('d', 5_000_000);
    array.array.fill(1.5);
    array.set(-1, 2);
    expect(array.array.reduce((sum, x) => sum + x, 0)).toBe(5_000_000 * 1.5 + 0.5);
  });
});

test('SharedArray is also called Array, and has a lock', async () => {
  expect(manyhands.Array).toBe(SharedArray);
  const array = new SharedArray('i', [1, 2, 3]);
  expect(array.getLock()).toBeInstanceOf(RLock);
  const lock = new Lock();
  expect(new SharedArray('i', 1, { lock }).getLock()).toBe(lock);
  const free = new SharedArray('i', [4], { lock: false });
  expect([free.getLock(), await free.withLock((given) => given[0])]).toEqual([undefined, 4]);
  expect(new RawArray('i', 1).getLock()).toBeUndefined();
  expect(() => new SharedArray('i', 1, { lock: 7 as never })).toThrow(TypeError);
  expect(
    await array.withLock((given) => {
      given[0] = given.getLock()!.locked() ? 11 : 0;
      return given;
    }),
  ).toBe(array);
  expect([array[0], array.getLock()!.locked()]).toEqual([11, false]);
  const raw = array.getObj();
  expect([raw instanceof SharedArray, raw.at(0), array.getObj() === raw]).toEqual([false, 11, true]);
  raw[1] = 22;
  expect(array[1]).toBe(22);
});

test('a view keeps the memory when the array itself is forgotten', async () => {
  const make = (fill: number): Float64Array => {
    const array = new RawArray('float64', 1000);
    array.array.fill(fill);
    return array.array;
  };
  const views = [1, 2, 3, 4].map(make);
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
    make(100 + round);
  }
  expect(views.map((view) => view.every((x) => x === view[0]))).toEqual([true, true, true, true]);
  expect(views.map((view) => view[0])).toEqual([1, 2, 3, 4]);
});

describe.each(methods)('with children by %s', (method) => {
  const { Process, Pool } = getContext(method);

  test('what one writes, the others see; it comes home as itself', async () => {
    const shared = new SharedArray('i', [1, 2, 3, 4]);
    const raw = new RawArray('float32', 2);
    const back = new Queue<unknown[]>();
    const child = new Process({
      args: [{ shared }],
      target: async (given: { shared: SharedArray<'i'> }) => {
        for (let i = 1; i < given.shared.length; i++) given.shared[i]! += given.shared[i - 1]!;
        raw.array[1] = 0.5;
        await back.put([given.shared, raw, given.shared.getObj()]);
      },
    });
    await child.start();
    const home = await back.get();
    expect(await child.join()).toBe(0);
    expect(home.map((object, i) => object === [shared, raw, shared.getObj()][i])).toEqual([true, true, true]);
    expect([[...shared], [...raw]]).toEqual([
      [1, 3, 6, 10],
      [0, 0.5],
    ]);
    back.close();
  });

  test('workers of a pool write into one array, and its typed array can be mapped', async () => {
    const squares = new RawArray('float64', 1000);
    const pool = new Pool(2);
    await pool.map(
      (i) => {
        squares.array[i] = i * i;
      },
      Array.from({ length: 1000 }, (_, i) => i),
    );
    expect(squares.array.every((x, i) => x === i * i)).toBe(true);
    const roots = await pool.map((x: number) => Math.sqrt(x), squares.array);
    expect(roots.every((x, i) => x === i)).toBe(true);
    await pool.map((x: number) => -x, squares.array, { out: squares.array });
    expect(squares.at(-1)).toBe(-(999 * 999));
    pool.close();
    await pool.join();
  });
});
