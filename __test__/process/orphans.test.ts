// Children that outlive who started them: who reaps them, and what whoever talked to them keeps.
import { join } from 'node:path';
import { getContext, Queue } from 'manyhands';
import { expect, test } from 'vitest';
import { openDescriptors } from '../descriptors.js';
import { childProcesses } from '../pool/back-ends.js';
import { expectNothingLeft, inArena, until } from '../queue/arena.js';

expectNothingLeft();

const MANYHANDS = join(import.meta.dirname, '../../dist/index.js');

/** In a child: starts one of its own that takes from `work` until it gets 'end', and answers; then the child goes `how`. */
async function startsAnother(
  manyhands: string,
  how: string,
  work: Queue<string>,
  answers: Queue<string>,
): Promise<void> {
  const load = process.getBuiltinModule('node:module').createRequire(manyhands);
  const { getContext: contextOf } = load(manyhands) as typeof import('manyhands');
  const { Process } = contextOf('spawn');
  const other = new Process({
    daemon: false,
    args: [work, answers],
    target: async (mine: Queue<string>, theirs: Queue<string>) => {
      await theirs.put('started');
      for (let word = ''; word !== 'end';) await theirs.put((word = await mine.get()));
    },
  });
  await other.start();
  // Before it takes part, it would end with who started it.
  if (how === 'exit' && (await answers.get()) === 'started') process.exit(0);
  await new Promise(() => setInterval(() => undefined, 1000));
}

test.each(['exit', 'kill'])('no zombie stays of what outlived its thread, which went by %s', async (how) => {
  using work = new Queue<string>();
  using answers = new Queue<string>();
  const before = inArena();
  const { Process } = getContext('thread');
  const thread = new Process({ target: startsAnother, args: [MANYHANDS, how, work, answers] });
  await thread.start();
  if (how === 'kill') {
    expect(await answers.get()).toBe('started');
    thread.kill();
  }
  expect(await thread.join()).toBe(how === 'kill' ? -9 : 0);
  await work.put('still here');
  expect(await answers.get()).toBe('still here');
  expect(childProcesses()).toHaveLength(1);
  await work.put('end');
  expect(await answers.get()).toBe('end');
  await until(() => childProcesses().length === 0 && inArena().participants === before.participants);
});

test('whoever has rung an orphan lets go of its doorbell when that has ended', async () => {
  using work = new Queue<string>();
  using answers = new Queue<string>();
  const before = openDescriptors();
  const { Process } = getContext('spawn');
  const parent = new Process({ target: startsAnother, args: [MANYHANDS, 'kill', work, answers] });
  await parent.start();
  expect(await answers.get()).toBe('started');
  parent.kill();
  expect(await parent.join()).toBe(-9);
  // Until a word finds it asleep.
  for (let rung = false; !rung; rung = openDescriptors().length > before.length) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await work.put('word');
    expect(await answers.get()).toBe('word');
  }
  await work.put('end');
  expect(await answers.get()).toBe('end');
  const waiting = answers.get();
  await until(() => openDescriptors().length === before.length);
  expect(openDescriptors()).toEqual(before);
  await answers.put('');
  await waiting;
});
