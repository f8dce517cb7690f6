// Copies that go beyond structuredClone or that it cannot be compared with: errors, Buffers, getters, shared memory.
import { types } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { registerError, StateError, WorkerDiedError } from '../../src/errors.ts';
import { COPIES, difference } from './copies.ts';

const copy = COPIES['heap memory']!;

describe('errors', () => {
  class QuotaError extends RangeError {
    readonly left: number;
    constructor(left: number) {
      if (typeof left !== 'number') throw new Error('the constructor was called');
      super(`quota: ${left}`);
      this.left = left;
    }
  }
  class UnknownError extends TypeError {}

  test('keep class, message, stack, code, cause and own properties', () => {
    const cause = new TypeError('inner');
    const error = Object.assign(new RangeError('outer', { cause }), { code: 'ERR_X', details: { list: [1] } });
    const copied = copy(error) as typeof error;
    expect(copied).toBeInstanceOf(RangeError);
    expect(types.isNativeError(copied)).toBe(true);
    expect(Object.getOwnPropertyDescriptor(copied, 'message')).toEqual({
      value: 'outer',
      enumerable: false,
      configurable: true,
      writable: true,
    });
    expect(copied.stack).toBe(error.stack);
    expect(copied).toMatchObject({ code: 'ERR_X', details: { list: [1] } });
    expect(copied.cause).toBeInstanceOf(TypeError);
    expect(Object.keys(copied)).toEqual(['code', 'details']);
  });

  test('of a registered class are rebuilt without its constructor', () => {
    registerError(QuotaError);
    const copied = copy(new QuotaError(5));
    expect(copied).toBeInstanceOf(QuotaError);
    expect(copied).toMatchObject({ name: 'RangeError', message: 'quota: 5', left: 5 });
  });

  test('of an unknown class arrive as the nearest known class and keep their name', () => {
    const error = new UnknownError('odd');
    error.name = 'UnknownError';
    const copied = copy(error) as Error;
    expect(Object.getPrototypeOf(copied)).toBe(TypeError.prototype);
    expect(copied.name).toBe('UnknownError');
  });

  test('of this package keep class, code and fields', () => {
    const copied = copy([new StateError('closed'), new WorkerDiedError('gone', { exitCode: 3 })]) as [
      StateError,
      WorkerDiedError,
    ];
    expect(copied[0]).toBeInstanceOf(StateError);
    expect(copied[0].code).toBe('ERR_STATE');
    expect(copied[1]).toMatchObject({ name: 'WorkerDiedError', code: 'ERR_WORKER_DIED', exitCode: 3, signal: null });
  });

  test('of several errors keep them', () => {
    const copied = copy(new AggregateError([new TypeError('a'), 5], 'all failed')) as AggregateError;
    expect(copied).toBeInstanceOf(AggregateError);
    expect(copied.errors[0]).toBeInstanceOf(TypeError);
    expect(copied.errors[1]).toBe(5);
    expect(Object.keys(copied)).toEqual([]);
  });

  test('that suppress another keep both', () => {
    const { SuppressedError } = globalThis as { SuppressedError?: new (...args: unknown[]) => Error };
    // As compilers write it for older versions of Node.
    const made = SuppressedError === undefined ? new Error('left') : new SuppressedError(undefined, undefined, 'left');
    for (const [key, value] of Object.entries({ error: new TypeError('later'), suppressed: 5 }))
      Object.defineProperty(made, key, { value, configurable: true, enumerable: false, writable: true });
    const copied = copy(made) as Error & { error: unknown; suppressed: unknown };
    expect(Object.getPrototypeOf(copied)).toBe(Object.getPrototypeOf(made));
    expect(copied.error).toBeInstanceOf(TypeError);
    expect([copied.message, copied.suppressed, Object.keys(copied)]).toEqual(['left', 5, []]);
  });

  test('whose class is a function that inherits from Error are errors like the others', () => {
    function OldError(this: Error, message: string): void {
      Error.captureStackTrace(this, OldError);
      Object.defineProperty(this, 'message', { value: message, enumerable: false });
      Object.assign(this, { code: 'ERR_OLD' });
    }
    OldError.prototype = Object.create(RangeError.prototype, {
      constructor: { value: OldError },
      name: { value: 'OldError' },
    });
    const error: Error = Reflect.construct(OldError, ['made the old way']);
    expect(types.isNativeError(error)).toBe(false);
    const copied = copy([error, { error }]) as [Error, { error: Error }];
    expect(copied[1].error).toBe(copied[0]);
    expect(copied[0]).toBeInstanceOf(RangeError);
    expect(copied[0]).toMatchObject({
      name: 'OldError',
      message: 'made the old way',
      code: 'ERR_OLD',
      stack: error.stack,
    });
  });

  test('that contain themselves are copied', () => {
    const error = new Error('loop');
    error.cause = error;
    const copied = copy(error) as Error;
    expect(copied.cause).toBe(copied);
  });

  test('without a stack stay without', () => {
    const error = new Error('bare');
    delete error.stack;
    expect((copy(error) as Error).stack ?? '').not.toContain('codec');
  });

  test('that are DOMExceptions stay so', () => {
    const error = new DOMException('stopped', 'AbortError');
    const copied = copy(error) as DOMException;
    expect(copied).toBeInstanceOf(DOMException);
    expect([copied.name, copied.message, copied.code]).toEqual(['AbortError', 'stopped', 20]);
    expect(copied.stack).toBe(error.stack);
  });
});

describe('Buffers', () => {
  test('stay Buffers and bring only their own bytes out of the pool', () => {
    const small = Buffer.from('small');
    const copied = copy([small, small]) as Buffer[];
    expect(Buffer.isBuffer(copied[0])).toBe(true);
    expect(copied[0]!.toString()).toBe('small');
    expect(copied[1]).toBe(copied[0]);
  });

  test('that have their memory for themselves go on sharing it', () => {
    const memory = new ArrayBuffer(16);
    const [whole, part, plain] = copy([Buffer.from(memory), Buffer.from(memory, 4, 4), new Uint8Array(memory)]) as [
      Buffer,
      Buffer,
      Uint8Array,
    ];
    expect([Buffer.isBuffer(part), part.length, part.buffer === whole.buffer, plain.buffer === whole.buffer]).toEqual([
      true,
      4,
      true,
      true,
    ]);
    expect(Buffer.isBuffer(plain)).toBe(false);
  });
});

describe('getters', () => {
  test('are read once each, also in arrays and objects of one shape', () => {
    let reads = 0;
    const read = { enumerable: true, configurable: true, get: (): number => ++reads };
    const list: unknown[] = Array.from({ length: 20 }, (_, i) => i);
    Object.defineProperty(list, 3, read);
    list[12] = 'text';
    const objects = Array.from({ length: 40 }, () => Object.defineProperty({ b: 1 }, 'a', read));
    expect((copy(list) as unknown[])[3]).toBe(1);
    copy(objects);
    expect(reads).toBe(41);
  });

  const MUTATIONS: Readonly<Record<string, () => unknown>> = {
    'remove properties': () =>
      Array.from({ length: 40 }, () => ({
        get a() {
          delete (this as { b?: number }).b;
          return 1;
        },
        b: 2,
      })),
    'add properties': () => ({
      get a() {
        (this as { z?: number }).z = 3;
        return 1;
      },
      b: 2,
    }),
    'shorten arrays': () => {
      const array: unknown[] = [
        {
          get x() {
            array.length = 1;
            return 1;
          },
        },
        2,
        3,
      ];
      return array;
    },
    'change maps': () => {
      const map = new Map<unknown, unknown>();
      map.set(
        {
          get x() {
            map.set(9, 9);
            return 1;
          },
        },
        1,
      );
      return map;
    },
  };

  test.each(Object.entries(MUTATIONS))('may %s', (_, make) => {
    expect(difference(copy(make()), structuredClone(make()))).toBeUndefined();
  });

  test('may copy something themselves', () => {
    const inner = { x: [1, 2] };
    expect(
      copy({
        a: inner,
        get b() {
          return copy(inner);
        },
        c: inner,
      }),
    ).toEqual({ a: inner, b: inner, c: inner });
  });
});

describe('memory', () => {
  test('that is shared stays shared between threads', () => {
    const shared = [new SharedArrayBuffer(8), new SharedArrayBuffer(16)];
    const context = {
      put: (buffer: SharedArrayBuffer) => shared.indexOf(buffer),
      get: (number: number) => shared[number],
    };
    const value = { a: new Int32Array(shared[1]!), b: shared[1] };
    const copied = copy(value, { sharedBuffers: context }, { sharedBuffers: context }) as typeof value;
    expect(copied.a.buffer).toBe(shared[1]);
    expect(copied.b).toBe(shared[1]);
  });

  test('that is large goes into a block of its own', () => {
    const blocks: Uint8Array[] = [];
    const value = [new Float64Array(1000).fill(0.5), new Uint8Array(10)];
    const copied = copy(
      value,
      { attachFrom: 4096, attachments: { attach: (bytes) => blocks.push(bytes.slice()) - 1 } },
      { attached: { take: (handle, byteLength) => blocks[handle]!.buffer.slice(0, byteLength) as ArrayBuffer } },
    );
    expect(copied).toEqual(value);
    expect(blocks.map((block) => block.length)).toEqual([8000]);
  });

  test('of half-precision numbers is copied where Node has them', () => {
    const Half = (globalThis as { Float16Array?: new (values: number[]) => ArrayBufferView }).Float16Array;
    if (Half === undefined) return;
    const value = new Half([1.5, -0]);
    expect(difference(copy(value), structuredClone(value))).toBeUndefined();
  });
});

describe('invalid dates', () => {
  test('stay invalid', () => {
    expect((copy([new Date(NaN)]) as [Date])[0].getTime()).toBeNaN();
  });
});

afterEach(() => {
  expect(Error.stackTraceLimit).toBeGreaterThan(0);
});
