// Pools that were made and ended leave nothing in the process, whichever way they ended.
import { afterEach, expect, test } from 'vitest';
import { Program } from './program.js';

let program: Program | undefined;
afterEach(() => program?.destroy());

interface Traces {
  fds: number;
  participants: number;
  queues: number;
  blocks: number;
  listeners: number;
  heap: number;
}

test.each([
  ['Pool', 200],
  ['ThreadPool', 300],
])('%s, %i times: descriptors, participants, queues, blocks and listeners stay as they were', async (Class, times) => {
  program = new Program(
    `
    const { readdirSync } = require('node:fs');
    const traces = () => {
      gc();
      // No path but the package's own leads to the counters of its shared memory.
      const { participants, queues, blocks } = require(${JSON.stringify('INTERNAL')}).native().stats();
      return { fds: readdirSync('/proc/self/fd').length, participants, queues, blocks,
        listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0), heap: process.memoryUsage().heapUsed };
    };
    const ends = [
      async (pool) => { pool.close(); await pool.join(); }, // before a worker is up
      async (pool) => { await pool.terminate(); },
      async (pool) => { await pool.map((x) => x + 1, [1, 2, 3]); pool.close(); await pool.join(); },
      async (pool) => {
        const lost = pool.apply(() => { for (;;); }).catch((error) => error.code);
        await pool.terminate();
        if (await lost !== 'ERR_POOL_TERMINATED') throw new Error('not rejected');
      },
      async (pool) => { const died = await pool.apply(() => process.exit(1)).catch((error) => error.code); await pool.terminate(); if (died !== 'ERR_WORKER_DIED') throw new Error(died); },
    ];
    const one = (n) => ends[n % ends.length](new ${Class}(1));
    (async () => {
      for (let n = 0; n < 10; n++) await one(n);
      const before = traces();
      for (let n = 0; n < ${times}; n++) await one(n);
      const after = traces();
      console.log('traces', JSON.stringify([before, after]));
    })();
  `.replace('INTERNAL', new URL('../../dist/internal/native.js', import.meta.url).pathname),
    { execArgv: ['--expose-gc'] },
  );
  const [before, after] = JSON.parse(await program.said('traces')) as [Traces, Traces];
  expect({ ...after, heap: 0 }).toEqual({ ...before, heap: 0 });
  // What a pool would leave on the heap if it were kept is above 50 KB.
  expect(after.heap - before.heap).toBeLessThan(times * 10_000);
  expect(await program.ended).toMatchObject({ code: 0, err: '' });
  await program.gone();
});
