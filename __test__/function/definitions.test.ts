// What is captured when: values given by hand, references, functions that never change, and those that may.
import { createRequire, Module } from 'node:module';
import { deserialize, serialize } from 'node:v8';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';

const require = createRequire(import.meta.url);
const { captureTask } = require('../../dist/internal/function/capture.js');
const { loadDefinition } = require('../../dist/internal/function/instantiate.js');
const { registerTraveller } = require('../../dist/internal/function/travellers.js');
const stable = require('./fixtures/stable.cjs');

interface Captured {
  readonly definition: { readonly body: unknown };
  readonly values?: unknown;
}

async function call(captured: Captured | Promise<Captured>, ...args: unknown[]) {
  const { definition, values } = await captured;
  const copy = deserialize(serialize({ body: definition.body, values }));
  return (await (await loadDefinition(copy.body)).instantiate(copy.values))(...args);
}

test('values given by hand take precedence, and unknown ones are harmless', async () => {
  const k = 1;
  expect(
    await call(
      captureTask((x: number) => x * k, { k: 5, unknown: 1 }),
      2,
    ),
  ).toBe(10);
});

test('a value given by hand stands in for what cannot be captured deeper down', async () => {
  const waiting = Promise.resolve(1);
  const helper = () => waiting;
  expect(() => captureTask(() => helper())).toThrow(
    /`waiting` \(Promise\) used by function `helper`.*-> helper -> helper -> waiting|waiting/,
  );
  expect(await call(captureTask(() => helper(), { waiting: 7 }))).toBe(7);
});

test('the record of a CommonJS module is refused, not all that it knows', () => {
  const record = new Module('here');
  expect(() => captureTask(() => record)).toThrow(
    /^Cannot capture `record` \(Module\).*Use what the module exports\.$/,
  );
});

test('a value changed before the call is seen, one changed after the capture is not', async () => {
  let n = 1;
  const fn = () => n;
  const first = captureTask(fn, undefined, structuredClone);
  n = 2;
  const second = captureTask(fn, undefined, structuredClone);
  n = 3;
  expect([await call(first), await call(second)]).toEqual([1, 2]);
});

test('a changed object is captured anew, also when its variable is constant', async () => {
  const { readList, list } = stable;
  const first = captureTask(readList, undefined, structuredClone);
  list.push(9);
  expect([(await call(first)).length, (await call(captureTask(readList))).length]).toEqual([3, 4]);
});

test('a function without captures has one definition, sent once', () => {
  const fn = (x: number) => x * x;
  const captured = captureTask(fn);
  expect(captured.values).toBeUndefined();
  expect(captured.definition.stable).toBe(true);
  expect(captureTask(fn)).toBe(captured);
});

test('functions of the same text share their definition', () => {
  const make = () => (x: number) => x * x + 1;
  expect(captureTask(make()).definition).toBe(captureTask(make()).definition);
});

test('closures of one literal share their code and bring their values', async () => {
  const [two, three] = [stable.times(2), stable.times(3)];
  const [a, b] = [captureTask(two), captureTask(three)];
  expect(a.definition).toBe(b.definition);
  expect([await call(a, 5), await call(b, 5)]).toEqual([10, 15]);
});

test('a closure over constants becomes stable when it is used again', async () => {
  captureTask(stable.scaled);
  const again = captureTask(stable.scaled);
  expect([again.values, again.definition.stable, captureTask(stable.scaled) === again]).toEqual([
    undefined,
    true,
    true,
  ]);
  expect(await call(again, 2)).toBe(21);
});

test('a closure over a variable that is assigned somewhere is never taken for stable', async () => {
  expect(await call(captureTask(stable.count))).toBe(0);
  expect(await call(captureTask(stable.count))).toBe(0);
  stable.increase();
  expect(await call(captureTask(stable.count))).toBe(1);
});

test('a function with state of its own starts anew at each call', async () => {
  const fn = stable.stateful;
  const { definition, values } = captureTask(fn);
  const loaded = loadDefinition(deserialize(serialize(definition.body)));
  const run = () => loaded.instantiate(deserialize(serialize(values)))();
  expect([run(), run()]).toEqual([1, 1]);
});

test.each([
  ['an absolute path', require.resolve('./fixtures/helper.mjs')],
  ['a file: text', pathToFileURL(require.resolve('./fixtures/helper.mjs')).href],
  ['a URL', pathToFileURL(require.resolve('./fixtures/helper.mjs'))],
])('a reference by %s', async (_, module) => {
  const captured = captureTask({ module, name: 'triple' });
  expect(captured.name).toBe(`${String(module)}#triple`);
  expect(captureTask({ module, name: 'triple' }).definition).toBe(captured.definition);
  expect(await call(captured, 5)).toBe(15);
});

test('references to built-in modules, packages and default exports', async () => {
  expect(await call(captureTask({ module: 'node:path', name: 'basename' }), '/a/b')).toBe('b');
  expect(await call(captureTask({ module: 'lodash', name: 'chunk' }), [1, 2, 3], 2)).toEqual([[1, 2], [3]]);
  expect(await call(captureTask({ module: require.resolve('./fixtures/default.mjs') }), 5)).toBe(6);
});

test('wrong references', async () => {
  for (const module of ['./x.mjs', '../x.mjs', '', 5, undefined])
    expect(() => captureTask({ module })).toThrow(TypeError);
  expect(() => captureTask({ module: 'node:path', name: 5 })).toThrow(
    /Expected `name` to be a string, got `5` \(number\)/,
  );
  expect(() => captureTask('x')).toThrow(/Expected `fn` to be a function/);
  await expect(call(captureTask({ module: 'node:path', name: 'nothing' }))).rejects.toThrow(/`nothing`/);
  await expect(call(captureTask({ module: 'no-such-package', name: 'x' }))).rejects.toThrow(/no-such-package/);
});

test('a large capture warns once and names the variable', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const numbers = new Float64Array(200_000);
  const fn = () => numbers.length;
  captureTask(fn);
  captureTask(fn);
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/`fn` captures `numbers`, about 1\.5 MB/), { code: 'MANYHANDS_LARGE_CAPTURE' }],
  ]);
  warn.mockRestore();
});

test('travellers are left in the graph as they are', () => {
  class Handle {}
  const handle = new Handle();
  registerTraveller((value: object) => value instanceof Handle);
  const { values } = captureTask(() => handle);
  expect(
    values.nodes.some((node: { kind: string; value?: unknown }) => node.kind === 'data' && node.value === handle),
  ).toBe(true);
});

test('classes of this package cross as references, however they are held', async () => {
  const { Pool, Process, getContext } = require('../../dist/index.js');
  for (const Held of [Pool, Process]) {
    const { definition } = await captureTask(() => Held);
    expect(definition.body.codes).toHaveLength(1);
    expect(await call(captureTask(() => Held))).toBe(Held);
  }
  const { Pool: ThreadsOnly } = getContext('thread');
  const made = await call(captureTask(() => ThreadsOnly));
  expect(Object.getPrototypeOf(made)).toBe(Pool);
});
