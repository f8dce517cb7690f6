// Scheduling: first in first out within a priority, higher priorities first, and no task waits behind one that blocks its worker.
import { expect, test } from 'vitest';
import { onBothBackEnds } from './back-ends.js';
import { blockUntilOpen, Gates } from './gates.js';

/** For tasks: appends a line to a file that all workers share. */
function note(file: string, line: string): string {
  process.getBuiltinModule('node:fs').appendFileSync(file, `${line}\n`);
  return line;
}
const lines = (file: string): string[] =>
  process.getBuiltinModule('node:fs').readFileSync(file, 'utf8').trim().split('\n');

onBothBackEnds(({ open }) => {
  test('one worker runs calls first in, first out', async () => {
    using gates = new Gates();
    const pool = open(1);
    const log = gates.path('log');
    const names = Array.from({ length: 200 }, (_, i) => `${i}`);
    await Promise.all(names.map((name) => pool.apply(note, [log, name])));
    expect(lines(log)).toEqual(names);
  });

  test('higher priorities go first, equal ones in order, also before what is at hand for a worker', async () => {
    using gates = new Gates();
    const [arrived, gate, log] = [gates.path('arrived'), gates.path('gate'), gates.path('log')];
    const pool = open(1);
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const calls: Promise<unknown>[] = [];
    const submit = (name: string, priority: number): number =>
      calls.push(pool.apply(note, [log, name], priority === 0 ? {} : { priority }));
    submit('normal 1', 0);
    submit('normal 2', 0);
    submit('low 1', -1);
    // The first is at hand for the worker by now.
    await new Promise(setImmediate);
    submit('high 1', 5);
    submit('normal 3', 0);
    submit('highest', 7.5);
    submit('high 2', 5);
    submit('low 2', -1);
    await new Promise(setImmediate);
    gates.open('gate');
    await Promise.all([blocking, ...calls]);
    expect(lines(log)).toEqual(['highest', 'high 1', 'high 2', 'normal 1', 'normal 2', 'normal 3', 'low 1', 'low 2']);
  });

  test('the priority of a map and of an imap is that of its chunks', async () => {
    using gates = new Gates();
    const [arrived, gate, log] = [gates.path('arrived'), gates.path('gate'), gates.path('log')];
    const pool = open(1);
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const write = (name: string): string => note(log, name);
    const low = pool.map(write, ['low a', 'low b'], { chunksize: 1, priority: -5 });
    const high = pool.map(write, ['high a', 'high b'], { chunksize: 1, priority: 5 });
    const lazy = pool.imap(write, ['lazy a', 'lazy b'], { priority: 9 });
    gates.open('gate');
    await Promise.all([blocking, low, high]);
    expect((await lazy.next()).value).toBe('lazy a');
    await lazy.next();
    expect(lines(log)).toEqual(['lazy a', 'lazy b', 'high a', 'high b', 'low a', 'low b']);
  });

  test('a task that blocks its worker delays no task that other workers could run', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(2);
    const blocked = pool.applyAsync(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    // Whatever was handed to the blocked worker in the meantime must come back from there.
    const results = await Promise.all(Array.from({ length: 500 }, (_, i) => pool.apply((x: number) => x, [i])));
    expect(results).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(blocked.ready()).toBe(false);
    gates.open('gate');
    await blocked;
  });

  test('what is at hand for a blocked worker overtakes later tasks on a busy one', async () => {
    using gates = new Gates();
    const [gate, log] = [gates.path('gate'), gates.path('log')];
    const pool = open(2);
    await Promise.all([pool.apply(note, [log, 'warm']), pool.apply(note, [log, 'warm'])]);
    const blocked = pool.applyAsync(blockUntilOpen, [gates.path('arrived'), gate]);
    await gates.reached('arrived');
    // Each waits for its own gate: the queue behind the free worker never runs empty.
    const step = (folder: string, i: number): number => {
      const fs = process.getBuiltinModule('node:fs');
      fs.appendFileSync(`${folder}/log`, `${i}\n`);
      fs.writeFileSync(`${folder}/at${i}`, '');
      const cell = new Int32Array(new SharedArrayBuffer(4));
      while (!fs.existsSync(`${folder}/go${i}`)) Atomics.wait(cell, 0, 0, 2);
      return i;
    };
    const all = Array.from({ length: 8 }, (_, i) => pool.apply(step, [gates.folder, i]));
    const started = (): number[] => lines(log).slice(2).map(Number);
    const opened = new Set<number>();
    while (opened.size < 6) {
      for (const i of started().filter((each) => !opened.has(each))) {
        gates.open(`go${i}`);
        opened.add(i);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(blocked.ready()).toBe(false);
    for (let i = 0; i < 8; i++) gates.open(`go${i}`);
    gates.open('gate');
    await Promise.all([...all, blocked]);
    // One was at hand for the blocked worker; it is overtaken at most by what was at hand for the other.
    const places = started();
    for (let i = 0; i < 8; i++) expect(places.indexOf(i), places.join()).toBeLessThanOrEqual(i + 2);
  });

  test('a lone task does not wait for a batch to fill', async () => {
    const pool = open(2);
    await Promise.all(Array.from({ length: 1000 }, () => pool.apply(() => 1)));
    for (let i = 0; i < 5; i++) expect(await pool.apply((x: number) => x, [i])).toBe(i);
  });

  test('short tasks before a long one in the same batch are answered while that runs', async () => {
    using gates = new Gates();
    const [arrived, gate] = [gates.path('arrived'), gates.path('gate')];
    const pool = open(1);
    const maybeBlock = (block: boolean): string => (block ? blockUntilOpen(arrived, gate) : 'short');
    // Known to be short, so that they travel in one batch.
    await Promise.all(Array.from({ length: 200 }, () => pool.apply(maybeBlock, [false])));
    const short = Array.from({ length: 20 }, () => pool.apply(maybeBlock, [false]));
    const long = pool.applyAsync(maybeBlock, [true]);
    expect(await Promise.all(short)).toEqual(Array.from({ length: 20 }, () => 'short'));
    expect(long.ready()).toBe(false);
    gates.open('gate');
    await long;
  });

  test.each(['high', NaN, null, {}])('a priority of %s is a caller mistake', async (priority) => {
    const error = await open(1)
      .apply(() => 1, [], { priority: priority as number })
      .catch((reason: unknown) => reason);
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
  });

  test('a thousand different priorities leave no trace once they are done', async () => {
    using gates = new Gates();
    const [arrived, gate, log] = [gates.path('arrived'), gates.path('gate'), gates.path('log')];
    const pool = open(1);
    const blocking = pool.apply(blockUntilOpen, [arrived, gate]);
    await gates.reached('arrived');
    const order = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000);
    const calls = order.map((priority) => pool.apply(note, [log, `${priority}`], { priority }));
    gates.open('gate');
    await Promise.all([blocking, ...calls]);
    expect(lines(log)).toEqual(Array.from({ length: 1000 }, (_, i) => `${999 - i}`));
  });
});
