// Runs one suite on process and on thread workers, ends the pools that it opened, and checks that nothing of them is left.
import { openDescriptors } from '../descriptors.js';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pool, ThreadPool, type PoolOptions, type StartMethod } from 'manyhands';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { native } from '../../dist/internal/native.js';

export interface BackEnd {
  readonly method: StartMethod;
  /** Opens a pool that lives until the end of the test. */
  open(options?: number | PoolOptions): Pool;
  /** The pool of two workers that the tests of this suite share; a test that ends or breaks its pool opens its own. */
  shared(): Pool;
}

setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc') as () => void;

/** Process ids of the children of this process, zombies included. */
export function childProcesses(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    try {
      return readFileSync(`/proc/self/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    } catch {
      return []; // the thread has ended since it was listed
    }
  });
}

const openFiles = (): number => openDescriptors().length;
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
const workerThreads = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;

/** What a pool could leave behind: children, threads, timers, descriptors, and its part of the arena. */
function remains(): Record<string, number> {
  const { queues, participants, blocks } = native().stats();
  return {
    children: childProcesses().length,
    threads: workerThreads(),
    timers: timers(),
    files: openFiles(),
    queues,
    participants,
    blocks,
  };
}

async function expectNothingLeft(before: Record<string, number>): Promise<void> {
  let now = remains();
  // Large results lie in the arena until they are collected; the collector's callbacks come by the event loop.
  for (
    let round = 0;
    round < 100 && Object.entries(now).some(([kind, count]) => count > (before[kind] ?? 0));
    round++
  ) {
    collectGarbage();
    await sleep(20);
    now = remains();
  }
  for (const [kind, count] of Object.entries(now)) {
    expect(count, `${kind} left behind by the tests`).toBeLessThanOrEqual(before[kind] ?? 0);
  }
}

/** Declares the suite once for each back end. */
export function onBothBackEnds(suite: (backEnd: BackEnd) => void): void {
  describe.each<StartMethod>(['spawn', 'thread'])('%s', (method) => {
    const opened = new Set<Pool>();
    let common: Pool | undefined;
    let before: Record<string, number> = {};

    const make = (options: number | PoolOptions = 2): Pool => {
      const given = typeof options === 'number' ? { processes: options } : { processes: 2, ...options };
      return method === 'thread' ? new ThreadPool(given) : new Pool({ ...given, context: 'spawn' });
    };
    beforeAll(async () => {
      // The first pool of a process makes the arena and the doorbell, which stay.
      const first = make(1);
      await first.apply(() => 1);
      await first.terminate();
      before = remains();
    });
    afterEach(async () => {
      await Promise.all([...opened].map((pool) => pool.terminate()));
      opened.clear();
    });
    afterAll(async () => {
      await common?.terminate();
      await expectNothingLeft(before);
    });
    suite({
      method,
      open: (options) => {
        const pool = make(options);
        opened.add(pool);
        return pool;
      },
      shared: () => {
        if (common?.state !== 'running') common = make(2);
        return common;
      },
    });
  });
}

/** What a promise rejects with; it must. */
export const caught = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    (value) => expect.unreachable(`fulfilled with ${String(value)}`),
    (error: unknown) => error,
  );
