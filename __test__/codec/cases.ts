// Values that the codec must copy as structuredClone does, by name; made anew for each use.

const buffer = (): ArrayBuffer => new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;

type Resizable = ArrayBuffer & { resize(byteLength: number): void };

export function resizable(byteLength: number, maxByteLength: number): Resizable {
  const made = new (ArrayBuffer as unknown as new (n: number, o: { maxByteLength: number }) => Resizable)(byteLength, {
    maxByteLength,
  });
  const bytes = new Uint8Array(made);
  for (let i = 0; i < byteLength; i++) bytes[i] = i + 1;
  return made;
}

class Point {
  x = 1;
  y = 2;
  #secret = 3;
  get length(): number {
    return this.x + this.#secret;
  }
}

/** An array of which only some elements are there. */
export function sparse(length: number, elements: Readonly<Record<number, unknown>>): unknown[] {
  return Object.assign([], elements, { length });
}

/** An array with holes and properties. */
function withExtras(): unknown[] {
  const array = sparse(3, { 0: 1, 2: 3 });
  Object.assign(array, { extra: 'yes', '-1': 2, '1.5': 3, '4294967295': 4 });
  return array;
}

export const CASES: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  zero: () => 0,
  'minus zero': () => -0,
  NaN: () => NaN,
  Infinity: () => Infinity,
  '-Infinity': () => -Infinity,
  'small integers': () => [0, 1, 127, 128, -1, -128],
  'bounds of int32': () => [2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53],
  'smallest double': () => Number.MIN_VALUE,
  'largest double': () => Number.MAX_VALUE,
  bigints: () => [0n, 1n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n, -(2n ** 1000n)],
  'empty string': () => '',
  'string of 63 and 64': () => ['x'.repeat(63), 'x'.repeat(64), 'x'.repeat(40), 'x'.repeat(41)],
  'Latin-1 string': () => 'é\u00ff\u0000',
  'UTF-16 string': () => 'aĀ€😀',
  'long UTF-16 string': () => 'aĀ€😀'.repeat(1000),
  'long string with one wide character': () => `${'x'.repeat(500)}€`,
  'lone surrogates': () => ['\ud800', 'a\udc00b', `${'y'.repeat(100)}\ud800`],
  'cut string': () => 'a long string that V8 keeps as a slice of its parent'.slice(3, 40),
  'joined string': () => ['a', 'b'.repeat(100), 'ç'].join('-'),
  date: () => new Date(1234567890123),
  'invalid date': () => new Date(NaN),
  'regular expression': () => Object.assign(/a(b)?\/c/giu, { lastIndex: 3 }),
  map: () =>
    new Map<unknown, unknown>([
      [1, 'a'],
      ['k', { deep: [1] }],
      [NaN, -0],
      [{}, new Map()],
    ]),
  set: () => new Set<unknown>([1, 'a', NaN, undefined, new Set([1])]),
  'empty array': () => [],
  'empty object': () => ({}),
  'array of integers': () => Array.from({ length: 100 }, (_, i) => i - 50),
  'array of integers then doubles': () => [1, 2, 3, 4, 5, 6, 7, 8, 9.5, 10, -0],
  'array of numbers then others': () => [1, 2, 3, 4, 5, 6, 7, 8, 'nine', 10, null],
  'array of doubles then others': () => [1.5, 2, 3, 4, 5, 6, 7, 8, 'nine', 10, undefined],
  'array of integers with minus zero': () => [1, 2, 3, 4, 5, 6, 7, -0, 9],
  'long array with a hole': () =>
    Object.assign(
      Array.from({ length: 100 }, (_, i) => i),
      { length: 101 },
    ),
  holes: () => sparse(5, { 0: 1, 2: undefined, 4: 5 }),
  'sparse array': () => Object.assign([], { 5: 'five', 1_000_000: 'million' }),
  'huge sparse array': () => Object.assign([], { length: 2 ** 32 - 1 }),
  'array with properties': withExtras,
  'array with as many properties as holes': () => Object.assign(sparse(3, { 0: 1, 2: 3 }), { extra: 'yes' }),
  'long array with properties': () =>
    Object.assign(
      Array.from({ length: 200 }, () => 'x'),
      { extra: 1, other: [2] },
    ),
  'match of a regular expression': () => /b(?<name>c)/.exec('abcd'),
  'object without prototype': () => Object.assign(Object.create(null) as object, { a: 1 }),
  'object with __proto__ as own key': () => JSON.parse('{"__proto__":{"x":1},"y":2}') as unknown,
  'object with index keys': () => ({ b: 1, 2: 'two', 1: 'one', '': 'empty', 'a b': 3 }),
  'object with symbol keys': () => ({ a: 1, [Symbol('s')]: 2 }),
  'object with hidden properties': () => Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }),
  'object with toJSON': () => ({
    a: 1,
    nested: Object.assign(Object.create({ toJSON: () => 'no' }) as object, { b: 2 }),
  }),
  'instance of a class': () => new Point(),
  'subclasses of built-ins': () =>
    [Map, Set, Array].map((Class) => Reflect.construct(class extends (Class as new () => object) {}, []) as object),
  'subclass of Date': () => Reflect.construct(class extends Date {}, [5]) as unknown,
  'object of 100 keys': () => Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, i])),
  'objects of one shape': () =>
    Array.from({ length: 100 }, (_, i) => ({ id: i, name: `n${i}`, ok: i % 2 === 0, nested: { x: i / 3 } })),
  'objects of one shape with missing values': () =>
    Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? { a: undefined, b: 1 } : { a: i, b: undefined })),
  'boxed primitives': () =>
    [Object(1), Object(-0), Object('text'), Object(true), Object(false), Object(10n), Object(2n ** 70n)] as unknown[],
  ArrayBuffer: buffer,
  'empty ArrayBuffer': () => new ArrayBuffer(0),
  'resizable ArrayBuffer': () => resizable(8, 64),
  DataView: () => new DataView(buffer(), 2, 4),
  'typed arrays': () => [
    new Int8Array([1, -1]),
    new Uint8Array([1, 255]),
    new Uint8ClampedArray([1, 255]),
    new Int16Array([1, -1]),
    new Uint16Array([1, 65535]),
    new Int32Array([1, -1]),
    new Uint32Array([1, 2 ** 32 - 1]),
    new Float32Array([1.5, NaN]),
    new Float64Array([1.1, -0]),
    new BigInt64Array([1n, -1n]),
    new BigUint64Array([1n, 2n ** 64n - 1n]),
  ],
  'empty typed array': () => new Float64Array(0),
  'typed array with an offset': () => new Uint16Array(buffer(), 2, 2),
  'views of one buffer': () => {
    const shared = buffer();
    return {
      all: shared,
      one: new Uint8Array(shared),
      two: new Uint16Array(shared, 4, 2),
      three: new DataView(shared, 1),
    };
  },
  'short bytes before and after what shares their memory': () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const others = new Uint8Array([4, 5]);
    return [bytes, bytes.buffer, new Int8Array(bytes.buffer, 1), bytes, others.buffer, others, { again: others }];
  },
  'bytes around the length that is short': () =>
    [0, 1, 63, 64, 65, 200].map((length) => new Uint8Array(length).fill(7)),
  'short bytes of classes of their own': () => [
    Reflect.construct(class extends Uint8Array {}, [[1, 2]]) as unknown,
    Object.setPrototypeOf(new Int8Array([-1, 2]), Uint8Array.prototype) as unknown,
  ],
  'views that follow a resizable buffer': () => {
    const shared = resizable(8, 16);
    return [
      new Uint8Array(shared),
      new Uint8Array(shared, 2),
      new Uint8Array(shared, 2, 6),
      new Uint16Array(shared, 4),
      new DataView(shared, 4),
    ];
  },
  'views of a full resizable buffer': () => {
    const shared = resizable(8, 8);
    return [
      new Uint8Array(shared),
      new Uint8Array(shared, 2, 6),
      new Uint32Array(shared, 4),
      new Uint32Array(shared, 4, 1),
      new DataView(shared),
      new DataView(shared, 0, 8),
    ];
  },
  errors: () => [
    new Error('e'),
    new TypeError('t'),
    new RangeError('r'),
    new SyntaxError('s'),
    new ReferenceError(),
    new EvalError(),
    new URIError('u'),
  ],
  'error with a cause': () => new Error('outer', { cause: new TypeError('inner', { cause: { data: [1] } }) }),
  cycle: () => {
    const a: Record<string, unknown> = { name: 'a', list: [] };
    a['self'] = a;
    (a['list'] as unknown[]).push(a, { up: a });
    return a;
  },
  'cycles through collections': () => {
    const map = new Map<unknown, unknown>();
    const set = new Set<unknown>([map]);
    map.set(set, map).set('array', [map, set]);
    return map;
  },
  'shared references': () => {
    const shared = { x: 1 };
    const date = new Date(5);
    return [
      shared,
      shared,
      { shared, date },
      new Map([[shared, date]]),
      Array.from({ length: 20 }, () => ({ shared })),
    ];
  },
  'deep list': () => {
    let list: unknown = null;
    for (let i = 0; i < 900; i++) list = { next: list };
    return list;
  },
};
