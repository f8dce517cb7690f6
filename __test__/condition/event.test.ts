// Event: set, clear, wait, deaths of those who wait; the rows of CPython's _TestEvent.
import { inspect } from 'node:util';
import { Event, getContext, Queue } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, methods } from '../queue/arena.js';

expectNothingLeft();

test('is a flag to set, clear and wait for', async () => {
  const event = new Event();
  expect([event.isSet(), inspect(event)]).toEqual([false, 'Event { unset }']);
  expect(await event.wait({ timeout: 0 })).toBe(false);
  const start = performance.now();
  expect(await event.wait({ timeout: 100 })).toBe(false);
  expect(event.waitSync({ timeout: 100 })).toBe(false);
  expect(performance.now() - start).toBeGreaterThanOrEqual(199);
  event.set();
  expect([event.isSet(), inspect(event)]).toEqual([true, 'Event { set }']);
  expect([await event.wait(), event.waitSync(), await event.wait({ timeout: 0 })]).toEqual([true, true, true]);
  event.set();
  event.clear();
  expect(event.isSet()).toBe(false);
  expect(event.waitSync({ timeout: -1 })).toBe(false);
});

test('wakes everybody who waits, also when it is cleared at once, and nobody later', async () => {
  const event = new Event();
  const waits = [event.wait(), event.wait({ timeout: 60_000 }), event.wait()];
  event.set();
  event.clear();
  expect(await Promise.all(waits)).toEqual([true, true, true]);
  expect(await event.wait({ timeout: 10 })).toBe(false);
});

test('an aborted wait rejects with the reason', async () => {
  const event = new Event();
  const controller = new AbortController();
  const waiting = event.wait({ signal: controller.signal });
  controller.abort('enough');
  await expect(waiting).rejects.toBe('enough');
  await expect(event.wait({ timeout: 'x' as unknown as number })).rejects.toThrow(TypeError);
});

describe.each(methods)('shared by %s', (method) => {
  const { Process } = getContext(method);

  test('set there wakes here, and the other way round', async () => {
    const [there, back] = [new Event(), new Event()];
    const child = new Process({
      target: async () => {
        back.set();
        if (!there.waitSync()) throw new Error('not set');
        back.clear();
        if (!(await there.wait())) throw new Error('not set');
      },
    });
    await child.start();
    expect(await back.wait()).toBe(true);
    there.set();
    expect(await child.join()).toBe(0);
    expect([there.isSet(), back.isSet()]).toEqual([true, false]);
  });

  test('one set wakes all', async () => {
    const event = new Event();
    using up = new Queue<boolean>();
    const children = [1, 2, 3].map(
      () =>
        new Process({
          target: async () => {
            await up.put(true);
            await up.put(await event.wait());
          },
        }),
    );
    for (const child of children) await child.start();
    for (let i = 0; i < 3; i++) await up.get();
    event.set();
    for (let i = 0; i < 3; i++) expect(await up.get()).toBe(true);
    for (const child of children) expect(await child.join()).toBe(0);
  });
});

test('set waits for nobody: not for a killed, not for a stopped one', async () => {
  const { Process } = getContext('spawn');
  const event = new Event();
  using up = new Queue<number>();
  const children = ['wait', 'waitSync', 'wait'].map(
    (how) =>
      new Process({
        target: async () => {
          await up.put(1);
          await event[how as 'wait']();
        },
      }),
  );
  for (const child of children) await child.start();
  for (let i = 0; i < 3; i++) await up.get();
  const [first, second, third] = children;
  first?.kill();
  second?.kill();
  process.kill(third?.pid ?? 0, 'SIGSTOP');
  event.set();
  expect(event.isSet()).toBe(true);
  process.kill(third?.pid ?? 0, 'SIGCONT');
  expect(await third?.join()).toBe(0);
  expect([await first?.join(), await second?.join()]).toEqual([-9, -9]);
});
