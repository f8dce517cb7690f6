// A program with pools is killed: its workers die with it, whoever goes first, and nothing of it is left.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Pool } from 'manyhands';
import { before, expectNothingLeft, processState } from './leftovers.ts';
import { randomFrom, seed } from './random.ts';
import { scale } from './scale.ts';

const DRIVER = join(import.meta.dirname, 'fixtures/driver.mjs');
const WAYS = ['parent first', 'worker first', 'together', 'by a task'] as const;

const random = randomFrom(seed);

/** A program with pools at work, and the pids of its workers and of the workers of its workers. */
async function start(way: (typeof WAYS)[number]): Promise<{ driver: ChildProcess; workers: number[] }> {
  const driver = spawn(process.execPath, [DRIVER, way], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [workers] = (await once(driver, 'message')) as [number[]];
  return { driver, workers };
}

const isGone = (pid: number): boolean => {
  const state = processState(pid)?.state;
  // Its parent is dead: whoever inherits it may be slow to reap it.
  return state === undefined || state === 'Z' || state === 'X';
};

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

test.each(WAYS)(`killed with its workers, %s, SEED=${seed}`, async (way) => {
  const earlier = await before(async () => new Pool(1).terminate());
  for (let i = 0; i < 2 * scale; i++) {
    const { driver, workers } = await start(way);
    expect(workers.length).toBeGreaterThanOrEqual(4);
    const exited = once(driver, 'exit');
    await pause(random.below(30));
    if (way === 'worker first' || way === 'together') kill(random.pick(workers));
    if (way === 'worker first') await pause(random.below(10));
    if (way === 'by a task') driver.send('now');
    else kill(driver.pid);
    expect(await exited).toEqual([null, 'SIGKILL']);
    // The watchdog of the test ends this loop when a worker lives on.
    while (!workers.every(isGone)) await pause(5);
  }
  await expectNothingLeft(earlier);
});
