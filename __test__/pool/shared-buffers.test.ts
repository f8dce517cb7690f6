// SharedArrayBuffers of a ThreadPool: the same memory on every thread, in each place that a value can stand; processes refuse them.
import { Pool, ThreadPool } from 'manyhands';
import { afterAll, afterEach, expect, test } from 'vitest';
import { childProcesses, collectGarbage } from './back-ends.js';
import { blockUntilOpen, Gates, until } from './gates.js';

const pools: Pool[] = [];
const opened = <P extends Pool>(pool: P): P => {
  pools.push(pool);
  return pool;
};
const pool = new ThreadPool(2);
afterEach(() => Promise.all(pools.splice(0).map((each) => each.terminate())));
afterAll(() => pool.terminate());

const shared = (...values: number[]): Int32Array => {
  const words = new Int32Array(new SharedArrayBuffer(4 * values.length));
  words.set(values);
  return words;
};
/** For tasks: adds one to the first word. */
const bump = (words: Int32Array): number => Atomics.add(words, 0, 1) + 1;

test('an argument, a captured value and a result are the same memory', async () => {
  const words = shared(1, 2);
  expect(await pool.apply(bump, [words])).toBe(2);
  expect(await pool.apply(() => Atomics.add(words, 1, 10))).toBe(2);
  expect([...words]).toEqual([2, 12]);
  const back = await pool.apply((given: Int32Array) => ({ given, same: [given, given.buffer] }), [words]);
  expect(back.given.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(back.same[0]).toBe(back.given);
  expect(back.same[1]).toBe(back.given.buffer);
  back.given[0] = 50;
  expect(words[0]).toBe(50);
  const made = await pool.apply(() => {
    const own = new Int32Array(new SharedArrayBuffer(4));
    setTimeout(() => Atomics.notify(own, Atomics.store(own, 0, 7) - 7), 0);
    return own;
  });
  Atomics.wait(made, 0, 0);
  expect(made[0]).toBe(7);
});

test('views keep their place and type, growable buffers grow, and empty ones arrive', async () => {
  type Growable = SharedArrayBuffer & { grow(bytes: number): void };
  const Buffers = SharedArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => Growable;
  const buffer = new Buffers(16, { maxByteLength: 32 });
  const views = [new Uint8Array(buffer, 3, 2), new DataView(buffer, 8), new SharedArrayBuffer(0)] as const;
  const seen = await pool.apply(
    ([bytes, data, empty]: typeof views) => {
      (data.buffer as unknown as Growable).grow(32);
      bytes.fill(9);
      return [bytes.byteOffset, bytes.length, data.byteOffset, empty.byteLength];
    },
    [views],
  );
  expect(seen).toEqual([3, 2, 8, 0]);
  expect(buffer.byteLength).toBe(32);
  expect([...new Uint8Array(buffer, 2, 4)]).toEqual([0, 9, 9, 0]);
});

test('every way of calling shares', async () => {
  const words = shared(0);
  const items = Array.from({ length: 40 }, () => words);
  expect((await pool.map(bump, items)).toSorted((a, b) => a - b)).toEqual(items.map((_, i) => i + 1));
  expect(pool.applySync(bump, [words])).toBe(41);
  expect(pool.mapSync(() => bump(words), [1, 2, 3]).length).toBe(3);
  for await (const each of pool.imap((given: Int32Array) => (bump(given), given), [words, words], 2))
    expect(each[0]).toBeGreaterThan(44);
  const numbers = await pool.map((x: number) => x + Number(String(words[0])), Float64Array.of(1, 2));
  expect([...numbers]).toEqual([47, 48]);
  const settled = opened(
    new ThreadPool({
      processes: 1,
      initializer: (given: Int32Array) => {
        bump(words);
        (globalThis as Record<string, unknown>)['given'] = given;
      },
      initargs: [words],
    }),
  );
  expect(await settled.apply(() => bump((globalThis as unknown as { given: Int32Array }).given))).toBe(48);
});

test('thousands of tasks on two threads each get their own memory, and so does each reply', async () => {
  const calls = Array.from({ length: 3000 }, async (_, i) => {
    const words = shared(i);
    const double = (given: Int32Array): [Int32Array, Int32Array] => {
      given[0]! *= 2;
      const other = new Int32Array(new SharedArrayBuffer(4));
      other[0] = given[0]! + 1;
      return [given, other];
    };
    // Some have no memory of their own, some are cancelled: neither disturbs the others.
    if (i % 7 === 0) return pool.apply((x: number) => x, [i]).then((x) => x === i);
    if (i % 11 === 0) return !pool.applyAsync(double, [words]).cancel() || true;
    const [given, other] = await pool.apply(double, [words]);
    return words[0] === 2 * i && given[0] === 2 * i && other[0] === 2 * i + 1;
  });
  expect(await Promise.all(calls)).not.toContain(false);
});

test('a task that is run again after a death finds what the first run has left', async () => {
  const words = shared(0);
  const mortal = opened(new ThreadPool({ processes: 1, retries: 1 }));
  const dieOnce = (given: Int32Array): number => {
    if (Atomics.add(given, 0, 1) === 0) process.exit(1);
    return given[0]!;
  };
  expect(await mortal.apply(dieOnce, [words])).toBe(2);
});

test('a task that is taken back from a busy thread shares on the other', async () => {
  using gates = new Gates();
  const words = shared(0);
  await pool.map(bump, [words, words], 1);
  const held = pool.apply(blockUntilOpen, [gates.path('arrived'), gates.path('gate')]);
  await gates.reached('arrived');
  const calls = Array.from({ length: 100 }, () => pool.apply(bump, [words]));
  expect((await Promise.all(calls)).length).toBe(100);
  gates.open('gate');
  await held;
  expect(words[0]).toBe(102);
});

test('an item that fails or cannot be copied leaves the shared ones of its chunk alone', async () => {
  const words = shared(5);
  const fn = (i: number): unknown => {
    if (i === 0) throw Object.assign(new Error('zero'), { words });
    return i === 1 ? () => 1 : [i, words];
  };
  const results = pool.imap(fn, [0, 1, 2, 3], 4);
  const error = (await results.next().catch((reason: unknown) => reason)) as Error & { words: Int32Array };
  expect(error).toMatchObject({ message: 'zero' });
  await expect(results.next()).rejects.toMatchObject({ code: 'ERR_RESULT_ENCODING' });
  const rest = [(await results.next()).value, (await results.next()).value] as [number, Int32Array][];
  for (const given of [error.words, rest[0]![1], rest[1]![1]]) given[0]! += 1;
  expect([rest[0]![0], rest[1]![0], words[0]]).toEqual([2, 3, 8]);
});

test('what was shared is collected when the caller lets it go', async () => {
  const share = async (): Promise<WeakRef<object>> => {
    const words = shared(1);
    await pool.apply((given: Int32Array) => given, [words]);
    await pool.map(() => words, [1, 2]);
    return new WeakRef(words.buffer);
  };
  const memory = await share();
  await until(() => {
    collectGarbage();
    return memory.deref() === undefined;
  });
});

test('a pool of processes refuses them, with the remedy', async () => {
  const processes = opened(new Pool({ processes: 1, context: 'spawn' }));
  const words = shared(1);
  await expect(processes.apply(bump, [words])).rejects.toThrow(
    /^args\[0\] cannot be copied: it is a SharedArrayBuffer.*threads/,
  );
  await expect(processes.apply(() => bump(words))).rejects.toMatchObject({ code: 'ERR_CAPTURE', variable: 'words' });
  await expect(processes.apply(() => new SharedArrayBuffer(4))).rejects.toMatchObject({ code: 'ERR_RESULT_ENCODING' });
  await processes.terminate();
  expect(childProcesses()).toEqual([]);
});
