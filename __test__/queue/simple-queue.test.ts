// SimpleQueue: put, get, empty and close, and nothing else; the rows of CPython's TestSimpleQueue.
import { describe, expect, test } from 'vitest';
import { getContext, SimpleQueue, StateError, wait } from 'manyhands';
import { expectNothingLeft, methods } from './arena.js';

expectNothingLeft();

test('items come out as they went in', async () => {
  const queue = new SimpleQueue<unknown>();
  expect(queue.empty()).toBe(true);
  await queue.put(1);
  queue.putSync({ two: 2 });
  expect([queue.empty(), await queue.get(), queue.getSync(), queue.empty()]).toEqual([false, 1, { two: 2 }, true]);
  const pending = queue.get();
  await queue.put('late');
  expect(await pending).toBe('late');
  await queue.put(1);
  expect(await wait([queue])).toEqual([queue]);
  await expect(queue.put(() => 1)).rejects.toMatchObject({ code: 'ERR_DATA_CLONE' });
  queue.close();
  queue.close();
  await expect(queue.get()).rejects.toThrow(StateError);
  expect(() => queue.putSync(1)).toThrow(StateError);
  expect(() => queue.getSync()).toThrow(StateError);
  expect(() => queue.empty()).toThrow('The queue is closed');
  expect('qsize' in queue).toBe(false);
});

describe.each(methods)('with children by %s', (method) => {
  test('it travels and comes home as itself', async () => {
    const { Process } = getContext(method);
    const there = new SimpleQueue<unknown>();
    const back = new SimpleQueue<unknown>();
    const child = new Process({
      args: [there],
      target: async (queue: SimpleQueue<unknown>) => back.put([queue, await queue.get()]),
    });
    await child.start();
    await there.put('x');
    expect(((await back.get()) as unknown[]).map((item) => item === there || item)).toEqual([true, 'x']);
    expect(await child.join()).toBe(0);
    there.close();
    back.close();
  });
});
