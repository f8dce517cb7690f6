// ShareableList: items, slots and CPython's byte layout, without CPython's losses.
import { inspect } from 'node:util';
import { DataCloneError, Queue, ShareableList, SharedMemory, StateError, type ShareableItem } from 'manyhands';
import { expect, test } from 'vitest';
import { native } from '../../dist/internal/native.js';
import { hasPython, python } from './python.js';

const items: ShareableItem[] = [
  'howdy',
  Buffer.from('HoWdY'),
  -273.154,
  100,
  null,
  true,
  false,
  42n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  Number.MAX_SAFE_INTEGER,
  -0,
  1e300,
  '',
  new Uint8Array(),
  'ééééééééééééééé',
  'abc\0',
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0),
  '\0',
  'x'.repeat(123_457),
];

function shown(value: ShareableItem): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}

function withList<T>(given: Iterable<ShareableItem>, use: (list: ShareableList) => T): T {
  const list = new ShareableList(given);
  try {
    return use(list);
  } finally {
    list.shm.unlink();
    list.shm.close();
  }
}

test('every item comes back as it is, here and where the list is attached', () => {
  withList(items, (list) => {
    const other = new ShareableList(null, { name: list.shm.name });
    expect([list.length, other.length]).toEqual([items.length, items.length]);
    for (const [i, item] of items.entries()) {
      expect(shown(list.at(i))).toStrictEqual(shown(item));
      expect(shown(other.at(i - items.length))).toStrictEqual(shown(item));
    }
    expect([...other].map(shown)).toStrictEqual(items.map(shown));
  });
});

test('items change in their slots, also their type', () => {
  withList(['abcdefgh', 1, 'x'], (list) => {
    const other = new ShareableList(undefined, { name: list.shm.name });
    for (const value of [7, -1.5, 3n, null, false, 'é', Buffer.from([9, 0]), '123456789012345', 'a23456789012345\0']) {
      list.set(0, value);
      expect(shown(other.at(0))).toStrictEqual(shown(value));
      expect([other.at(1), other.at(2)]).toEqual([1, 'x']);
    }
    expect(() => list.set(0, '12345678901234567')).toThrow(
      'Expected `value` to be at most 16 bytes long, the room of item 0, got `17` (number)',
    );
    expect(list.at(0)).toBe('a23456789012345\0');
    list.set(1, '12345678');
    expect(other.at(1)).toBe('12345678');
    expect(() => list.set(1, 'ééééé')).toThrow(RangeError);
    list.set(-1, 'y');
    expect(other.at(2)).toBe('y');
  });
});

test('what is beyond the ends or no item is an error', () => {
  withList([1, 2], (list) => {
    for (const index of [2, -3, 100, 0.5, Number.NaN]) {
      expect(() => list.at(index)).toThrow(RangeError);
      expect(() => list.set(index, 1)).toThrow(RangeError);
    }
    expect(() => list.at('0' as never)).toThrow(TypeError);
    expect(() => list.set(0, undefined as never)).toThrow('Expected `value` to be a number, bigint, boolean');
    expect(() => list.set(0, {} as never)).toThrow(TypeError);
    expect(() => list.set(0, 2n ** 63n)).toThrow(RangeError);
    expect(() => list.set(0, '\ud800')).toThrow(RangeError);
  });
  expect(() => new ShareableList([1, Symbol('x') as never])).toThrow('Expected `items[1]` to be');
  expect(() => new ShareableList(5 as never)).toThrow(TypeError);
  expect(() => new ShareableList([1], { name: 5 as never })).toThrow(TypeError);
});

test('count and indexOf compare items', () => {
  withList([1, 'a', Buffer.from('b'), 1, null, Number.NaN], (list) => {
    expect([list.count(1), list.count('a'), list.count(2), list.count(null)]).toEqual([2, 1, 0, 1]);
    expect([list.indexOf(1), list.indexOf(Uint8Array.of(98)), list.indexOf('b'), list.indexOf(Number.NaN)]).toEqual([
      0, 2, -1, 5,
    ]);
  });
});

test('slots and formats are those of CPython', () => {
  withList([1, 'abcdefgh', 2.5, true, null, Buffer.from('x')], (list) => {
    expect(list.format).toBe('q16sdxxxxxxx?xxxxxx?x8s');
    // count, 7 offsets, 7 words of data, 6 formats, 6 codes
    expect(list.shm.size).toBe(8 * (1 + 7 + 7 + 6) + 6);
  });
  withList([], (list) => {
    expect([list.length, list.shm.size, [...list]]).toEqual([0, 16, []]);
    expect(() => list.at(0)).toThrow(RangeError);
  });
});

test('a list whose memory is closed says so in every call, and shows that', () => {
  for (const items of [['a', 1], []]) {
    const list = new ShareableList(items);
    list.shm.unlink();
    list.shm.close();
    expect(list.length).toBe(items.length);
    for (const call of [
      () => list.at(0),
      () => list.set(0, 1),
      () => list.count(1),
      () => list.indexOf(1),
      () => list.format,
      () => [...list],
    ])
      expect(call).toThrow(StateError);
    expect(inspect(list)).toBe(`ShareableList(closed, name='${list.shm.name}')`);
  }
});

test('it travels as a handle, however long it is, and not at all once its name is gone', async () => {
  using road = new Queue<ShareableList>();
  const list = new ShareableList(Array.from({ length: 10_000 }, (_, i) => `item ${i}`));
  const size = (): number => native().stats().bytes;
  const before = size();
  await road.put(list);
  expect(size() - before).toBeLessThan(1000);
  const home = await road.get();
  expect(home).toBe(list);
  await road.put(list);
  list.shm.unlink();
  list.shm.close();
  await expect(road.get()).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(road.put(list)).rejects.toThrow(DataCloneError);
});

test('memory that holds no list is refused', () => {
  const block = new SharedMemory({ create: true, size: 64 });
  block.asArray('q')[0] = 3n;
  expect(() => new ShareableList(null, { name: block.name })).toThrow(StateError);
  block.asArray('q')[0] = 1n << 40n;
  expect(() => new ShareableList(null, { name: block.name })).toThrow(StateError);
  block.unlink();
  expect(() => new ShareableList(null, { name: 'mh-test nothing' })).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  );
});

test.runIf(hasPython)('Python reads our lists and we read those of Python, changes included', () => {
  withList(['howdy', Buffer.from('b'), -273.154, 100, null, true, 5n, 'ééé'], (list) => {
    const printed = python(
      `
import sys
l = shared_memory.ShareableList(name=sys.argv[1])
attach(l.shm)
print(list(l))
l[0] = 'a longer text'[:7]
l[3] = 2.5
l[4] = 'text'
l[6] = 6
l.shm.close()
`,
      list.shm.name,
    );
    expect(printed).toBe("['howdy', b'b', -273.154, 100, None, True, 5, 'ééé']\n");
    expect([...list].map(shown)).toStrictEqual(['a longe', [98], -273.154, 2.5, 'text', true, 6, 'ééé']);
  });
  const name = python(`
l = shared_memory.ShareableList(['a', b'bytes', 1, 2.5, None, False, 2**62, 'x' * 8])
attach(l.shm)
print(l.shm.name)
l.shm.close()
`).trim();
  const list = new ShareableList(null, { name });
  expect([...list].map(shown)).toStrictEqual([
    'a',
    [...Buffer.from('bytes')],
    1,
    2.5,
    null,
    false,
    2n ** 62n,
    'x'.repeat(8),
  ]);
  list.set(0, 'changed');
  list.set(2, -9);
  const read = python(
    `import sys\nl = shared_memory.ShareableList(name=sys.argv[1])\nattach(l.shm)\nprint(l[0], l[2])`,
    name,
  );
  expect(read).toBe('changed -9\n');
  list.shm.unlink();
});
