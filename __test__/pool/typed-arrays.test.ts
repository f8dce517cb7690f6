// map over typed arrays: called with value and index, stored as the type stores, into a new array or into `out`.
import { zip } from 'manyhands';
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';

const TYPES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;

onBothBackEnds(({ shared }) => {
  test.each(TYPES)('%o: the same array as its own map gives, for every chunksize', async (Type) => {
    const items = new Type(1000).map((_, i) => i * 37);
    const fn = (x: number, i: number): number => x * 1.7 - i * 300;
    const expected = (items as Float64Array).map(fn);
    for (const chunksize of [undefined, 1, 7, 999, 5000]) {
      const result = await shared().map(fn, items, {
        engine: 'workers',
        ...(chunksize === undefined ? {} : { chunksize }),
      });
      expect(result.constructor).toBe(Type);
      expect(result).toEqual(expected);
    }
  });

  test.each([BigInt64Array, BigUint64Array])('%o: values are bigints', async (Type) => {
    const items = Type.of(1n, 2n, 3n);
    const result = await shared().map((x: bigint, i: number) => x * 2n ** 63n + BigInt(i), items as BigInt64Array);
    expect(result).toEqual((items as BigInt64Array).map((x, i) => x * 2n ** 63n + BigInt(i)));
  });

  test.runIf('Float16Array' in globalThis)('Float16Array', async () => {
    const Type = (globalThis as unknown as { Float16Array: Float32ArrayConstructor }).Float16Array;
    const result = await shared().map((x: number) => x / 3, Type.of(1, 2, 65504));
    expect(result).toEqual(Type.of(1, 2, 65504).map((x) => x / 3));
  });

  test('leaves the items as they were, a Buffer too', async () => {
    const items = Float64Array.of(1, 2, 3);
    await shared().map((x: number) => -x, items);
    expect(items).toEqual(Float64Array.of(1, 2, 3));
    const bytes = Buffer.from([1, 2, 3]);
    const result = await shared().map((x: number) => x + 10, bytes);
    expect([...result]).toEqual([11, 12, 13]);
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(Buffer.isBuffer(result)).toBe(true);
  });

  test('maps a view into the middle of a buffer and nothing around it', async () => {
    const buffer = new Float64Array(10).fill(9);
    const result = await shared().map((x: number, i: number) => x + i, buffer.subarray(2, 5));
    expect(result).toEqual(Float64Array.of(9, 10, 11));
    expect(buffer.every((x) => x === 9)).toBe(true);
  });

  test('stores into `out` and resolves to it, converted as its type stores', async () => {
    const out = new Uint8ClampedArray(4);
    const result = await shared().map((x: number) => x * 100, Float64Array.of(-1, 0.5, 2, 9), { out });
    expect(result).toBe(out);
    expect([...out]).toEqual([0, 50, 200, 255]);
  });

  test('`out` may be sealed, which takes no `stats`', async () => {
    const out = Object.seal(new Float64Array(2));
    expect(await shared().map((x: number) => x + 1, Float64Array.of(1, 2), { out })).toBe(out);
    expect([...out]).toEqual([2, 3]);
    expect(await shared().map((x: number) => Number(`${x}`), Float64Array.of(3, 4), { out })).toBe(out);
    expect([...out]).toEqual([3, 4]);
    expect(await shared().sort(out, { descending: true, inPlace: true })).toBe(out);
    expect([...out]).toEqual([4, 3]);
  });

  test('`out` may be the items themselves', async () => {
    const items = new Int32Array(5000).map((_, i) => i);
    expect(await shared().map((x: number) => x + 1, items, { out: items, chunksize: 100 })).toBe(items);
    expect(items).toEqual(new Int32Array(5000).map((_, i) => i + 1));
  });

  test('`out` may lie apart in the same buffer, but not overlap', async () => {
    const buffer = new Float64Array(6).map((_, i) => i);
    const apart = buffer.subarray(3, 6);
    expect(await shared().map((x: number) => x * 10, buffer.subarray(0, 3), { out: apart })).toBe(apart);
    expect([...buffer]).toEqual([0, 1, 2, 0, 10, 20]);
    const overlapping = shared().map((x: number) => x, buffer.subarray(0, 3), { out: buffer.subarray(1, 4) });
    await expect(overlapping).rejects.toMatchObject({ name: 'RangeError', message: expect.stringContaining('`out`') });
    const narrower = new Uint8Array(buffer.buffer, 0, 3);
    await expect(shared().map((x: number) => x, buffer.subarray(0, 3), { out: narrower })).rejects.toThrow(RangeError);
  });

  test('`out` of another length is a RangeError, of another kind a TypeError', async () => {
    const items = Float64Array.of(1, 2);
    const identity = (x: number): number => x;
    await expect(shared().map(identity, items, { out: new Float64Array(3) })).rejects.toThrow(RangeError);
    for (const out of [[1, 2], new DataView(new ArrayBuffer(16)), new ArrayBuffer(16), null]) {
      const wrong = shared().map(identity, items, { out: out as unknown as Float64Array });
      await expect(wrong).rejects.toMatchObject({ name: 'TypeError', message: expect.stringContaining('`out`') });
    }
  });

  test('detached items and a detached `out` are a TypeError', async () => {
    const detached = Float64Array.of(1, 2);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    await expect(shared().map((x: number) => x, detached)).rejects.toThrow(TypeError);
    const out = shared().map((x: number) => x, Float64Array.of(1, 2), { out: detached });
    await expect(out).rejects.toThrow(TypeError);
  });

  test('`out` where the items are no typed array is a TypeError, not ignored', async () => {
    const out = new Float64Array(2);
    const refused = async (run: () => Promise<unknown>): Promise<void> =>
      expect(run()).rejects.toThrow(/^Expected `items` to be a typed array, or in a starmap a zip of them, .*, got `/);
    const loose = { out } as {};
    await refused(() => shared().map((x: number) => x, [1, 2], loose));
    await refused(() => shared().map((x: number) => x, new Set([1, 2]), loose));
    await refused(() => shared().starmap((x: number) => x, [[1], [2]], loose));
    await refused(async () => shared().mapSync((x: number) => x, [], loose));
    await refused(() => shared().starmap((x: number) => x, zip([1, 2], [3, 4]), loose));
    expect([...out]).toEqual([0, 0]);
  });

  test('`out` of a starmap over columns gets the results on the workers, too', async () => {
    const out = new Uint8ClampedArray(3);
    const columns = zip(Float64Array.of(1, 2, 3), Int8Array.of(-5, 5, 100));
    const result = await shared().starmap((x: number, y: number) => x * y, columns, { out, engine: 'workers' });
    expect(result).toBe(out);
    expect([...out]).toEqual([0, 10, 255]);
    const wrong = shared().starmap((x: number) => BigInt(x), columns, { out, engine: 'workers' });
    await expect(wrong).rejects.toBeInstanceOf(TypeError);
  });

  test('items and `out` in shared memory', async () => {
    const items = new Int32Array(new SharedArrayBuffer(400)).map((_, i) => i);
    const shared_ = new Int32Array(new SharedArrayBuffer(400));
    shared_.set(items);
    expect(await shared().map((x: number) => x * 2, shared_)).toEqual(items.map((x) => x * 2));
    expect(await shared().map((x: number) => x * 3, shared_, { out: shared_ })).toBe(shared_);
    expect([...shared_]).toEqual([...items.map((x) => x * 3)]);
  });

  test('does not see changes of the items after the call', async () => {
    const items = new Float64Array(10_000).fill(1);
    const result = shared().map((x: number) => x + 1, items);
    items.fill(50);
    expect((await result).every((x) => x === 2)).toBe(true);
  });

  test('a failing item rejects the map, and `out` keeps what other chunks stored', async () => {
    const out = new Float64Array(4);
    const fn = (x: number): number => {
      if (x === 3) throw new RangeError('three');
      return x * 10;
    };
    await expect(shared().map(fn, Float64Array.of(1, 2, 3, 4), { out, chunksize: 1 })).rejects.toThrow('three');
    expect([...out]).toEqual([10, 20, 0, 40]);
  });

  test('async functions and captured values work as over a list', async () => {
    const k = 5;
    expect(await shared().map(async (x: number, i: number) => x * k + i, Float64Array.of(1, 2, 3))).toEqual(
      Float64Array.of(5, 11, 17),
    );
  });

  test('a result that the type cannot store rejects', async () => {
    const wrong = shared().map((() => 1) as unknown as (x: bigint) => bigint, BigInt64Array.of(1n));
    await expect(wrong).rejects.toThrow(TypeError);
  });

  test('one million elements', async () => {
    const items = new Float64Array(1_000_000).map((_, i) => i);
    const result = await shared().map((x: number) => x + 0.5, items);
    expect(result.every((x, i) => x === i + 0.5)).toBe(true);
  });

  test('imap gives the plain elements one by one', async () => {
    const seen: number[] = [];
    for await (const x of shared().imap((value: number) => value * 2, Float64Array.of(1, 2, 3))) seen.push(x);
    expect(seen).toEqual([2, 4, 6]);
  });
});
