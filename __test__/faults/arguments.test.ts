// Wrong types and ranges of every argument and option, and calls in the wrong state: one wording, and promises that reject.
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import {
  availableCpuCount,
  getContext,
  getStartMethod,
  Pool,
  registerError,
  setStartMethod,
  StateError,
  ThreadPool,
} from 'manyhands';

// What TypeScript would refuse is the subject here.
type Loose = Record<string, (...args: unknown[]) => unknown>;

const square = (x: number): number => x * x;
const WORDING = /^Expected `[\w.[\]]+` to be .+, got `.*`( \(\w+\))?$/s;

function expectWorded(error: unknown, Class: typeof TypeError | typeof RangeError, name: string): void {
  expect(error).toBeInstanceOf(Class);
  const { message } = error as Error;
  expect(message).toMatch(WORDING);
  expect(message).toContain(`Expected \`${name}\``);
}

/** [what, name in the message, class, call] */
type Row = readonly [string, string, typeof TypeError | typeof RangeError, (pool: Loose) => unknown];

const notFunctions: readonly unknown[] = [undefined, null, 5, 'text', {}, [], true, Symbol('s')];
const notObjects: readonly unknown[] = [
  'text',
  true,
  5n,
  Symbol('s'),
  null,
  // Objects, but none with options by name.
  [],
  new Map([['retries', 1]]),
  new AbortController().signal,
];
const show = (value: unknown): string => (typeof value === 'symbol' ? 'a symbol' : inspect(value));

const asyncMethods = ['apply', 'map', 'starmap'] as const;
const rows: Row[] = [];
for (const method of asyncMethods) {
  for (const fn of notFunctions)
    rows.push([`${method}(${show(fn)})`, 'fn', TypeError, (pool) => pool[method]?.(fn, [])]);
  for (const options of notObjects)
    rows.push([
      `${method}(f, [], ${show(options)})`,
      'options',
      TypeError,
      (pool) => pool[method]?.(square, [], options),
    ]);
  const option = (name: string, value: unknown, Class: typeof TypeError | typeof RangeError): void => {
    rows.push([
      `${method}(f, [], { ${name}: ${show(value)} })`,
      name,
      Class,
      (pool) => pool[method]?.(square, [], { [name]: value }),
    ]);
  };
  rows.push([
    `${method}(f, [], { chunkSize: 2 })`,
    'chunkSize',
    TypeError,
    (pool) => pool[method]?.(square, [], { chunkSize: 2 }),
  ]);
  option('timeout', '5', TypeError);
  option('timeout', null, TypeError);
  option('timeout', NaN, RangeError);
  option('signal', {}, TypeError);
  option('signal', null, TypeError);
  option('retries', '1', TypeError);
  option('retries', -1, RangeError);
  option('retries', 1.5, RangeError);
  option('retries', NaN, RangeError);
  option('priority', 'high', TypeError);
  option('priority', NaN, RangeError);
  option('with', 5, TypeError);
  option('with', null, TypeError);
}
for (const method of ['map', 'starmap'] as const) {
  for (const items of [undefined, null, 5, {}, true])
    rows.push([`${method}(f, ${show(items)})`, 'items', TypeError, (pool) => pool[method]?.(square, items)]);
  for (const [chunksize, Class] of [
    [0, RangeError],
    [-1, RangeError],
    [1.5, RangeError],
    [NaN, RangeError],
    [Infinity, RangeError],
  ] as const) {
    rows.push([
      `${method}(f, [], ${chunksize})`,
      'chunksize',
      Class,
      (pool) => pool[method]?.(square, [[1]], chunksize),
    ]);
    rows.push([
      `${method}(f, [], { chunksize: ${chunksize} })`,
      'chunksize',
      Class,
      (pool) => pool[method]?.(square, [[1]], { chunksize }),
    ]);
  }
  rows.push([
    `${method} chunksize as text`,
    'chunksize',
    TypeError,
    (pool) => pool[method]?.(square, [[1]], { chunksize: '2' }),
  ]);
  rows.push([
    `${method} onProgress`,
    'onProgress',
    TypeError,
    (pool) => pool[method]?.(square, [[1]], { onProgress: 5 }),
  ]);
  rows.push([`${method} progress`, 'progress', TypeError, (pool) => pool[method]?.(square, [[1]], { progress: 5 })]);
}
rows.push(
  ['apply with arguments that are no array', 'args', TypeError, (pool) => pool['apply']?.(square, 5)],
  ['apply with a text as arguments', 'args', TypeError, (pool) => pool['apply']?.(square, 'abc')],
  ['apply with arguments null', 'args', TypeError, (pool) => pool['apply']?.(square, null)],
  ['a reference to a relative module', 'module', TypeError, (pool) => pool['apply']?.({ module: './x.mjs' })],
  ['a reference to nothing', 'module', TypeError, (pool) => pool['apply']?.({ module: '' })],
  ['a reference to a number', 'module', TypeError, (pool) => pool['apply']?.({ module: 5 })],
  ['a reference with a wrong name', 'name', TypeError, (pool) => pool['apply']?.({ module: 'node:fs', name: 5 })],
  ['an item of starmap that is no list', 'items[1]', TypeError, (pool) => pool['starmap']?.(square, [[1], 2], 1)],
  [
    'out that is no typed array',
    'out',
    TypeError,
    (pool) => pool['map']?.(square, new Float64Array(2), { out: [1, 2] }),
  ],
  [
    'out of another length',
    'out',
    RangeError,
    (pool) => pool['map']?.(square, new Float64Array(2), { out: new Float64Array(3) }),
  ],
  [
    'out that overlaps the items',
    'out',
    RangeError,
    (pool) => {
      const all = new Float64Array(4);
      return pool['map']?.(square, all.subarray(0, 3), { out: all.subarray(1, 4) });
    },
  ],
  ['join with a time misspelt', 'timeOut', TypeError, (pool) => pool['join']?.({ timeOut: 5 })],
  ['join with a wrong time', 'timeout', TypeError, (pool) => pool['join']?.({ timeout: '5' })],
  ['join with a wrong signal', 'signal', TypeError, (pool) => pool['join']?.({ signal: 5 })],
  ['join with no object', 'options', TypeError, (pool) => pool['join']?.(5)],
);

describe.each([
  ['Pool', Pool],
  ['ThreadPool', ThreadPool],
] as const)('%s', (_, Class) => {
  const pool = new Class(1);
  const loose = pool as unknown as Loose;
  afterAll(async () => {
    pool.close();
    await pool.join();
  });

  test.each(rows)('%s rejects', async (_what, name, ErrorClass, call) => {
    let promise: unknown;
    expect(() => (promise = call(loose)), 'it must not throw').not.toThrow();
    const error = await Promise.resolve(promise).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expectWorded(error, ErrorClass, name);
  });

  test('a function that returns a handle reports mistakes through it', async () => {
    for (const start of [
      () => loose['applyAsync']?.(5),
      () => loose['applyAsync']?.(square, [], { callback: 5 }),
      () => loose['mapAsync']?.(square, 5),
      () => loose['mapAsync']?.(square, [1], { errorCallback: 'x' }),
      () => loose['starmapAsync']?.(square, [[1]], { chunksize: 0 }),
    ]) {
      let handle: unknown;
      expect(() => (handle = start())).not.toThrow();
      const error = await Promise.resolve(handle).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toMatch(WORDING);
    }
  });

  test('a function that returns no promise throws', () => {
    for (const [call, name, ErrorClass] of [
      [() => loose['applySync']?.(5), 'fn', TypeError],
      [() => loose['applySync']?.(square, 5), 'args', TypeError],
      [() => loose['mapSync']?.(square, 5), 'items', TypeError],
      [() => loose['mapSync']?.(square, [1], 0), 'chunksize', RangeError],
      [() => loose['starmapSync']?.(square, [[1]], { retries: -1 }), 'retries', RangeError],
      [() => loose['imap']?.(5, []), 'fn', TypeError],
      [() => loose['imap']?.(square, 5), 'items', TypeError],
      [() => loose['imap']?.(square, [], { buffersize: 0 }), 'buffersize', RangeError],
      [() => loose['imap']?.(square, [], { chunksize: 'x' }), 'chunksize', TypeError],
      [() => loose['imapUnordered']?.(square, [], -1), 'chunksize', RangeError],
      [() => loose['on']?.('nonsense', square), 'event', RangeError],
      [() => loose['on']?.(5, square), 'event', TypeError],
      [() => loose['on']?.('error', 5), 'listener', TypeError],
    ] as const) {
      let error: unknown;
      try {
        call();
      } catch (thrown) {
        error = thrown;
      }
      expectWorded(error, ErrorClass, name);
    }
  });

  test('next, get and wait reject for a wrong time', async () => {
    const iterator = pool.imap(square, [1]) as unknown as Loose;
    const handle = pool.applyAsync(square, [1]) as unknown as Loose;
    for (const call of [
      () => iterator['next']?.({ timeout: 'x' }),
      () => handle['get']?.({ timeout: 'x' }),
      () => handle['wait']?.({ timeout: {} }),
      () => handle['get']?.({ signal: 5 }),
      () => handle['get']?.(5),
    ]) {
      let promise: unknown;
      expect(() => (promise = call())).not.toThrow();
      await expect(promise).rejects.toThrow(WORDING);
    }
  });

  test.each([
    ['processes', 0, RangeError],
    ['processes', -1, RangeError],
    ['processes', 1.5, RangeError],
    ['processes', NaN, RangeError],
    ['processes', Infinity, RangeError],
    ['processes', '2', TypeError],
    ['processes', null, TypeError],
    ['initializer', 5, TypeError],
    ['initializer', null, TypeError],
    ['initargs', 'abc', TypeError],
    ['maxTasksPerChild', 0, RangeError],
    ['maxTasksPerChild', '1', TypeError],
    ['maxMemoryPerChild', -5, RangeError],
    ['maxMemoryPerChild', '1 GB', TypeError],
    ['context', 'fork', RangeError],
    ['context', 5, TypeError],
    ['context', null, TypeError],
    ['retries', -1, RangeError],
    ['retries', '1', TypeError],
    ['taskTimeout', 0, RangeError],
    ['taskTimeout', -1, RangeError],
    ['taskTimeout', '1', TypeError],
    ['maxQueue', 0, RangeError],
    ['maxQueue', '1', TypeError],
    ['name', 5, TypeError],
    ['env', 'A=1', TypeError],
    ['env.A', { A: Symbol('s') }, TypeError],
    ['execArgv', '--flag', TypeError],
    ['execArgv[0]', [5], TypeError],
    ['resourceLimits', 5, TypeError],
    ['resourceLimits.maxOldGenerationSizeMb', { maxOldGenerationSizeMb: 'x' }, TypeError],
    ['resourceLimits.stackSizeMb', { stackSizeMb: -1 }, RangeError],
  ] as const)('the option %s: %s', async (name, value, ErrorClass) => {
    const option = name.split(/[.[]/)[0] ?? name;
    // ThreadPool chooses the context itself.
    const Target = option === 'context' ? Pool : Class;
    const options = { [option]: value } as object;
    let error: unknown;
    try {
      await new Target(options).terminate();
    } catch (thrown) {
      error = thrown;
    }
    expectWorded(error, ErrorClass, name);
    await expect(Target.create(options)).rejects.toThrow(WORDING);
  });

  test('options that there are not throw; one that is only misspelt is named, one without a value is none', async () => {
    const make = (options: object) => (): Pool => new Class(options);
    expect(make({ maxtasksperchild: 2 })).toThrow(
      new TypeError('Expected `maxtasksperchild` to be spelt `maxTasksPerChild`, got `2` (number)'),
    );
    expect(make({ filename: 'worker.js' })).toThrow(
      /^Expected `filename` to be one of the options processes, initializer, .*, got `worker.js` \(string\)$/,
    );
    await make({ processes: 1, size: undefined })().terminate();
  });

  test('options side by side, as in Python, throw', () => {
    const make: unknown = Class;
    const { Pool: OfContext } = getContext(Class === Pool ? 'spawn' : 'thread');
    for (const Target of [make, OfContext] as (new (...args: unknown[]) => Pool)[]) {
      expect(() => new Target(2, square, [1])).toThrow(
        'Expected `initializer` to be among the options, { processes, initializer, initargs }, got `square` (function)',
      );
    }
  });

  test('options of a wrong type, and a wrong number of processes, throw', () => {
    for (const options of ['2', null, true, 0, -1, 1.5, NaN, [2]])
      expect(() => new Class(options as unknown as number)).toThrow(WORDING);
  });

  test('what has no class of a name is named by what it is', async () => {
    async function* later(): AsyncGenerator<number> {
      yield 1;
    }
    const pool = new Class(1);
    expect(() => pool.mapSync(square, later() as never)).toThrow('got `AsyncGenerator` (object)');
    await expect(pool.apply(square, [1].values() as never)).rejects.toThrow(/got `(?:Array )?Iterator` \(object\)/);
    await pool.terminate();
  });

  test.each(['closed', 'terminated'] as const)('every call on a pool that is %s is a StateError', async (state) => {
    const ended = new Class(1);
    if (state === 'closed') ended.close();
    else await ended.terminate();
    expect(ended.state).toBe(state);
    for (const call of [
      () => ended.apply(square, [1]),
      () => ended.map(square, [1]),
      () => ended.map(square, []),
      () => ended.map(square, new Float64Array(1)),
      () => ended.starmap(square, [[1]]),
      () => ended.applyAsync(square, [1]),
      () => ended.mapAsync(square, [1]),
      () => ended.starmapAsync(square, [[1]]),
    ])
      await expect(Promise.resolve(call())).rejects.toBeInstanceOf(StateError);
    for (const call of [
      () => ended.applySync(square, [1]),
      () => ended.mapSync(square, [1]),
      () => ended.starmapSync(square, [[1]]),
      () => ended.imap(square, [1]),
      () => ended.imapUnordered(square, [1]),
    ])
      expect(call).toThrow(StateError);
    ended.close();
    await ended.join();
    await ended.terminate();
    await ended.join({ timeout: 0 });
  });

  test('join before close or terminate is a StateError', async () => {
    await expect(pool.join()).rejects.toBeInstanceOf(StateError);
    await expect(pool.join()).rejects.toMatchObject({ code: 'ERR_STATE' });
  });
});

test('the functions of the package check their arguments', () => {
  for (const method of ['fork', 'SPAWN', '', 5, null]) expect(() => getContext(method as 'spawn')).toThrow(WORDING);
  expect(() => setStartMethod('fork' as 'spawn', { force: true })).toThrow(WORDING);
  expect(() => setStartMethod(null)).toThrow(WORDING);
  expect(() => setStartMethod('spawn', 5 as never)).toThrow(WORDING);
  expect(() => getStartMethod(5 as never)).toThrow(WORDING);
  for (const errorClass of [5, undefined, class {}, () => 1, Object])
    expect(() => registerError(errorClass as never)).toThrow(WORDING);
  expect(availableCpuCount()).toBeGreaterThanOrEqual(1);
});
