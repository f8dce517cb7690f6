// Value and RawValue: one shared number of any type; the rows of CPython's _TestValue.
import { describe, expect, test } from 'vitest';
import { getContext, Lock, Queue, RawValue, RLock, StateError, Value, type TypeCode, type TypeName } from 'manyhands';
import { expectNothingLeft, methods } from '../queue/arena.js';

expectNothingLeft();

const small: readonly (readonly [TypeCode | TypeName, number, number])[] = [
  ['b', 300, 44],
  ['int8', -129, 127],
  ['B', 256, 0],
  ['c', 255, 255],
  ['uint8', -1, 255],
  ['h', 40_000, -25_536],
  ['int16', 5, 5],
  ['H', 70_000, 4464],
  ['uint16', 5, 5],
  ['i', 2 ** 31, -(2 ** 31)],
  ['int32', -1, -1],
  ['I', -1, 2 ** 32 - 1],
  ['uint32', 5, 5],
  ['f', 0.1, Math.fround(0.1)],
  ['float32', -0, -0],
  ['d', 0.1, 0.1],
  ['float64', Number.NaN, Number.NaN],
];
const wide: readonly (readonly [TypeCode | TypeName, bigint, bigint])[] = [
  ['l', 2n ** 63n, -(2n ** 63n)],
  ['q', -5n, -5n],
  ['int64', 5n, 5n],
  ['L', -1n, 2n ** 64n - 1n],
  ['Q', 5n, 5n],
  ['uint64', 2n ** 64n, 0n],
];

describe.each([
  ['Value', Value],
  ['RawValue', RawValue],
] as const)('a %s', (_name, Class) => {
  test('holds a number of its type, as that stores it', () => {
    for (const [type, given, stored] of [...small, ...wide]) {
      const value = new Class(type, given);
      expect(value.value).toBe(stored);
      value.value = 0 as never;
      expect(Number(value.value)).toBe(0);
      value.value = given as never;
      expect(value.value).toBe(stored);
    }
    expect([new Class('i').value, new Class('q').value, new Class('q', 7).value]).toEqual([0, 0n, 7n]);
  });

  test('adds and updates, and gives what was stored', () => {
    const cases: readonly (readonly [TypeCode, number | bigint, number | bigint, number | bigint])[] = [
      ['b', 127, 1, -128],
      ['B', 250, 10, 4],
      ['h', -5, 6, 1],
      ['H', 0, -1, 65_535],
      ['i', 7, -9, -2],
      ['I', 0, -1, 2 ** 32 - 1],
      ['q', 5n, -6n, -1n],
      ['Q', 0n, -1n, 2n ** 64n - 1n],
      ['f', 0.5, 0.25, 0.75],
      ['d', 0.1, 0.2, 0.1 + 0.2],
    ];
    for (const [type, start, amount, sum] of cases) {
      const value = new Class(type, start);
      expect([value.add(amount), value.value]).toEqual([sum, sum]);
      value.update(() => start);
      expect(value.value).toBe(start);
      value.update((old) => (old as number) + (amount as number));
      expect(value.value).toBe(sum);
    }
    const value = new Class('d', 1);
    expect(() =>
      value.update(() => {
        throw new RangeError('mine');
      }),
    ).toThrow('mine');
    expect(value.value).toBe(1);
  });

  test('a function that writes to the value itself does not wait for itself', () => {
    for (const [type, one] of [
      ['i', 1],
      ['q', 1n],
      ['d', 1],
      ['f', 1],
    ] as const) {
      const value: RawValue = new Class(type, one);
      value.update(() => {
        value.update((old) => old);
        value.add(one);
        value.getObj().value = value.add(one);
        return Number(value.value) * 10;
      });
      expect(Number(value.value)).toBe(30);
      const other = new Class('i');
      value.update((old) => other.add(1) + Number(old));
      expect([Number(value.value), other.value]).toEqual([31, 1]);
    }
    const missing = new Class('d', Number.NaN);
    missing.update(() => {
      missing.value = Number.NaN;
      return -0;
    });
    expect(missing.value).toBe(-0);
  });

  test('refuses what is no type or no number', () => {
    expect(() => new Class('x' as 'i')).toThrow('Expected `type` to be one of b, B');
    expect(() => new Class('i', 'x' as never)).toThrow('Expected `value` to be a number, got `x` (string)');
    expect(() => new Class('q', 1.5)).toThrow('Expected `value` to be a bigint or a whole number');
    const value = new Class('i');
    expect(() => (value.value = 1n as never)).toThrow(TypeError);
    expect(() => value.add('1' as never)).toThrow('Expected `amount` to be a number');
    expect(() => value.update(5 as never)).toThrow('Expected `fn` to be a function');
    expect(() => value.update(() => 'x' as never)).toThrow('Expected `fn(value)` to be a number, got `x` (string)');
  });
});

test('a Value has a lock, its own or a given one, or none; a RawValue has none', async () => {
  const own = new Value('i', 5);
  expect(own.getLock()).toBeInstanceOf(RLock);
  const lock = new Lock();
  const given = new Value('i', 5, { lock });
  expect(given.getLock()).toBe(lock);
  expect(new Value('i', 5, { lock: false }).getLock()).toBeUndefined();
  expect(new RawValue('i', 5).getLock()).toBeUndefined();
  expect(() => new Value('i', 5, { lock: 'navalue' as never })).toThrow(
    'Expected `lock` to be a boolean, a Lock or an RLock',
  );
  const raw = own.getObj();
  expect([raw instanceof Value, raw.value, raw.getObj() === raw, own.getObj() === raw]).toEqual([false, 5, true, true]);
  raw.value = 6;
  expect(own.value).toBe(6);
  await own.getLock()?.run(() => own.update((n) => n * 2));
  expect(own.value).toBe(12);
  lock.acquireSync();
  expect(() => lock.release()).not.toThrow();
  expect(() => lock.release()).toThrow(StateError);
});

describe.each(methods)('with children by %s', (method) => {
  const { Process, Pool } = getContext(method);

  test('what one writes, the others see; it comes home as itself, its lock too', async () => {
    const values = [new Value('i', 1), new RawValue('d', 2.5), new Value('q', 3n, { lock: false })];
    const lock = values[0]!.getLock();
    const back = new Queue<unknown[]>();
    const child = new Process({
      args: values,
      target: async (...given: Value[]) => {
        for (const value of given) value.update((n) => -n);
        await back.put([...given, given[0]!.getLock(), given[0]!.getObj().value]);
      },
    });
    await child.start();
    const home = await back.get();
    expect(await child.join()).toBe(0);
    expect(home.slice(0, 4).map((object, i) => object === [...values, lock][i])).toEqual([true, true, true, true]);
    expect(home[4]).toBe(-1);
    expect(values.map(({ value }) => value)).toEqual([-1, -2.5, -3n]);
    back.close();
  });

  test('nothing is lost when many add and update at once', async () => {
    const counters = [new Value('i'), new Value('d'), new Value('q'), new Value('B'), new RawValue('f')];
    const pool = new Pool(2);
    const rounds = 5000;
    await pool.map(
      (n) => {
        for (let i = 0; i < rounds; i++) for (const counter of counters) counter.add(1);
        for (let i = 0; i < 200; i++) counters[n % 2]!.update((old) => (old as number) + 1);
      },
      [0, 1, 2, 3],
      { chunksize: 1 },
    );
    pool.close();
    await pool.join();
    const added = 4 * rounds;
    expect(counters.map(({ value }) => value)).toEqual([added + 400, added + 400, BigInt(added), added % 256, added]);
  });

  test('an owner that dies leaves the value and its lock usable', async () => {
    const value = new Value('i', 1);
    const child = new Process({
      args: [value],
      target: async (given: Value<'i'>) => {
        await given.getLock()?.acquire();
        given.value = 99;
        for (;;);
      },
    });
    await child.start();
    while (value.value !== 99) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill();
    expect(await child.join()).toBe(-9);
    value.update((n) => n + 1);
    expect(value.value).toBe(100);
  });
});
