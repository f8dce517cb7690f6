// Views of shared memory: where they go they are views of the same memory, however they get there.
import { getContext, Queue, RawArray, SharedArray, SharedMemory } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { collectGarbage } from '../pool/back-ends.js';
import { expectNothingLeft, inArena, methods, settled, until } from '../queue/arena.js';

expectNothingLeft();

describe.each(methods)('with workers by %s', (method) => {
  const { Pool, Process } = getContext(method);

  test('an argument and a captured variable write where the owner reads', async () => {
    await using pool = new Pool(1);
    const shared = new SharedArray('int32', [1, 2, 3]);
    const view = shared.array;
    await pool.apply(() => {
      view[0] = 10;
    });
    const part = new DataView(view.buffer, view.byteOffset + 4, 4);
    await pool.apply(({ deep: [given] }: { deep: DataView[] }) => given!.setInt32(0, 20, true), [{ deep: [part] }]);
    expect([...shared.array]).toEqual([10, 20, 3]);
  });

  test('a result is a view of the memory that is here', async () => {
    await using pool = new Pool(1);
    const view = new RawArray('float64', 4).array;
    const [back, same] = (await pool.apply((given) => [given.subarray(2), given], [view])) as Float64Array[];
    expect([back!.buffer === view.buffer, back!.byteOffset - view.byteOffset, back!.length]).toEqual([true, 16, 2]);
    expect(same!.buffer).toBe(view.buffer);
  });

  test('one that a child made lives on when the child has ended', async () => {
    using queue = new Queue<Uint16Array>();
    const child = new Process({
      args: [queue],
      target: async (out: typeof queue) => {
        const { RawArray: Raw } = await import('manyhands');
        await out.put(new Raw('uint16', [7, 8]).array.subarray(1));
      },
    });
    await child.start();
    await child.join();
    const view = await queue.get();
    expect([...view]).toEqual([8]);
    view[0] = 9;
    expect(view[0]).toBe(9);
  });

  test('one of named memory attaches it there, and is a copy once the name is gone', async () => {
    await using pool = new Pool(1);
    using block = new SharedMemory({ create: true, size: 16 });
    const numbers = block.asArray('float64', 8);
    const write = (given: Float64Array): void => {
      given[0] = given[0]! + 0.5;
    };
    await pool.apply(write, [numbers]);
    expect(numbers[0]).toBe(0.5);
    block.unlink();
    await pool.apply(write, [numbers]);
    expect(numbers[0]).toBe(0.5);
  });

  test('items of a map are the values, as of any typed array', async () => {
    await using pool = new Pool(1);
    const view = new SharedArray('int32', [1, 2, 3]).array;
    const doubled = await pool.map((x) => x * 2, view, { engine: 'workers' });
    expect([[...doubled], [...view]]).toEqual([
      [2, 4, 6],
      [1, 2, 3],
    ]);
  });
});

test('memory lives as long as a view of it anywhere, also in an unread message, and no longer', async () => {
  await settled();
  using queue = new Queue<Int32Array>();
  const { objects } = inArena();
  await (async () => queue.put(new RawArray('int32', [5]).array))();
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  expect(inArena().objects).toBe(objects + 1);
  expect(await (async () => (await queue.get())[0])()).toBe(5);
  await until(() => inArena().objects === objects);
});

test('a view of closed memory does not travel', async () => {
  using queue = new Queue<unknown>();
  const block = new SharedMemory({ create: true, size: 8 });
  const view = block.buf;
  block.close();
  await expect(queue.put({ view })).rejects.toMatchObject({ code: 'ERR_DATA_CLONE', path: 'item.view' });
  new SharedMemory({ name: block.name }).unlink();
});
