// What cannot be copied is refused with the way to it, and with a remedy where there is one.
import { createHash, createSecretKey } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { DataCloneError } from '../../src/errors.ts';
import { ByteWriter } from '../../src/internal/codec/byte-writer.ts';
import { encode, encodeItems } from '../../src/internal/codec/encode.ts';
import { resizable } from './cases.ts';

function refusal(value: unknown, path = 'args'): DataCloneError {
  try {
    encode(value, new ByteWriter(), { path });
  } catch (error) {
    if (error instanceof DataCloneError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

function handler(): void {}

/** What newer versions of Node have, by what makes it; undefined in older ones. */
const newer: Readonly<Record<string, (() => unknown) | undefined>> = runInThisContext(`({
  helper: typeof Iterator === 'undefined' ? undefined : () => [1].values().map((x) => x),
  stack: typeof DisposableStack === 'undefined' ? undefined : () => new DisposableStack(),
  asyncStack: typeof AsyncDisposableStack === 'undefined' ? undefined : () => new AsyncDisposableStack(),
  pattern: typeof URLPattern === 'undefined' ? undefined : () => new URLPattern(),
  date: typeof Temporal === 'undefined' ? undefined : () => Temporal.Now.plainDateISO(),
})`);

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const PLACES: readonly (readonly [string, unknown])[] = [
  ['args[0].handler', [{ handler }]],
  ['args[1].list[3].get("k")', [0, { list: [1, 2, 3, new Map([['k', handler]])] }]],
  [
    'args[0].keys()[1]',
    [
      new Map<unknown, unknown>([
        [1, 1],
        [handler, 1],
      ]),
    ],
  ],
  ['args[0].values()[2]', [new Set([1, 2, handler])]],
  ['args[0]["not an identifier"]', [{ 'not an identifier': handler }]],
  ['args[0].cause.handler', [new Error('x', { cause: { handler } })]],
  ['args[0].extra', [Object.assign([1], { extra: handler })]],
  ['args[0][1000000]', [Object.assign([], { 1000000: handler })]],
  ['args[0][20]', [[...Array.from({ length: 20 }, (_, i) => i), handler]]],
  ['args[30].last', Array.from({ length: 31 }, (_, i) => ({ first: i, last: i === 30 ? handler : i }))],
  ['args.own', Object.defineProperty({}, 'own', { enumerable: true, get: () => handler })],
  ['args.über', { über: handler }],
];

describe('names the place of', () => {
  test.each(PLACES)('%s', (path, value) => {
    const error = refusal(value);
    expect(error.path).toBe(path);
    expect(error.message).toMatch(
      `${path} cannot be copied: it is a function (handler); functions cross as what a task captures`,
    );
    expect(error).toMatchObject({ name: 'DataCloneError', code: 'ERR_DATA_CLONE' });
  });

  test('an item, counted from the start of the list', () => {
    const items = [1, 2, 3, { handler }];
    expect(() => encodeItems(items, 2, 4, new ByteWriter(), { path: 'items' })).toThrow(
      'items[3].handler cannot be copied',
    );
  });
});

const REFUSED: readonly (readonly [string, () => unknown, RegExp])[] = [
  ['a function', () => handler, /it is a function \(handler\); functions cross as what a task captures/],
  ['a class', () => class Custom {}, /a function \(Custom\)/],
  ['a symbol', () => Symbol('here'), /a symbol \(Symbol\(here\)\)/],
  ['a boxed symbol', () => Object(Symbol('here')) as unknown, /a Symbol/],
  ['a WeakMap', () => new WeakMap(), /a WeakMap/],
  ['a WeakSet', () => new WeakSet(), /a WeakSet/],
  ['a WeakRef', () => new WeakRef({}), /a WeakRef/],
  ['a FinalizationRegistry', () => new FinalizationRegistry(handler), /a FinalizationRegistry/],
  ['a promise', () => Promise.resolve(1), /a Promise; await it first/],
  ['a generator', () => (function* () {})(), /a Generator/],
  ['an async generator', () => (async function* () {})(), /an AsyncGenerator/],
  ['an iterator', () => [1][Symbol.iterator](), /an Array Iterator/],
  ['an iterator of a map', () => new Map().entries(), /a Map Iterator/],
  [
    'arguments',
    () =>
      (function (..._given: unknown[]) {
        return arguments;
      })(1),
    /an Arguments/,
  ],
  ['a proxy', () => new Proxy({}, {}), /a Proxy/],
  ['a proxy of an array', () => new Proxy([1], {}), /a Proxy/],
  ['a MessagePort', () => new MessageChannel().port1, /a MessagePort/],
  ['a Blob', () => new Blob(['x']), /a Blob; pass what `await blob\.arrayBuffer\(\)` gives/],
  ['a KeyObject', () => createSecretKey(Buffer.alloc(8)), /a KeyObject/],
  ['a hash', () => createHash('sha1'), /a Hash; make it where it is used/],
  ['a socket', () => new Socket(), /a Socket; make it where it is used/],
  ['a server', () => createServer(), /a Server; make it where it is used/],
  ['a file that is read', () => createReadStream(import.meta.filename).destroy(), /a ReadStream; make it where/],
  ['a stream of Node', () => new PassThrough(), /a PassThrough; make it where it is used/],
  ['an AbortSignal', () => new AbortController().signal, /an AbortSignal; pass it as the `signal` option/],
  ['a URL', () => new URL('http://localhost/'), /a URL; pass its `href`/],
  ['a stream', () => new ReadableStream(), /a ReadableStream/],
  ['a formatter', () => new Intl.NumberFormat(), /an Intl\.NumberFormat/],
  ['a detached buffer', detached, /a detached ArrayBuffer/],
  [
    'a view beyond the end of its buffer',
    () => {
      const buffer = resizable(8, 8);
      const view = new Uint8Array(buffer, 4, 4);
      buffer.resize(2);
      return view;
    },
    /a view of memory that its buffer no longer has/,
  ],
  [
    'a SharedArrayBuffer',
    () => new SharedArrayBuffer(8),
    /a SharedArrayBuffer, which other processes cannot share; copy it .*, use a SharedArray, or share it by using threads/,
  ],
  ['a view of shared memory', () => new Uint8Array(new SharedArrayBuffer(8)), /a SharedArrayBuffer/],
  [
    'a list a million deep',
    () => {
      let list: unknown;
      for (let i = 0; i < 1e6; i++) list = [list];
      return list;
    },
    /nested/,
  ],
];

const NEWER: readonly (readonly [string, RegExp])[] = [
  ['helper', /an Iterator Helper; pass an array of its values/],
  ['stack', /a DisposableStack/],
  ['asyncStack', /an AsyncDisposableStack/],
  ['pattern', /a URLPattern/],
  ['date', /a Temporal\.PlainDate; pass its `toString\(\)`/],
];

describe('refuses', () => {
  test.each(NEWER)('what newer versions of Node have: %s', (name, message) => {
    const make = newer[name];
    if (make !== undefined) expect(refusal([make()]).message).toMatch(message);
  });

  test.each(REFUSED)('%s', (_, make, message) => {
    expect(refusal([make()]).message).toMatch(message);
  });

  test('and goes on working afterwards', () => {
    refusal([{ handler }]);
    expect(() => encode({ fine: true }, new ByteWriter(), { path: 'args' })).not.toThrow();
  });
});

test('what a getter throws comes through as it is', () => {
  const thrown = { not: 'an error' };
  const value = {
    deep: [
      {
        get broken() {
          throw thrown;
        },
      },
    ],
  };
  let caught: unknown;
  try {
    encode(value, new ByteWriter(), { path: 'args' });
  } catch (error) {
    caught = error;
  }
  expect(caught).toBe(thrown);
});
