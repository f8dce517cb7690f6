// Large arguments that a worker took over and has freed before the pool reads its reply.
import { setFlagsFromString } from 'node:v8';
import { expect, test } from 'vitest';
import { onBothBackEnds } from '../pool/back-ends.js';
import { Gates } from '../pool/gates.js';

// For the worker threads; worker processes get the flag below.
setFlagsFromString('--expose-gc');

onBothBackEnds((backEnd) => {
  test('the reply to a call is good when its large argument is gone by then', async () => {
    using gates = new Gates();
    const pool = backEnd.open({ processes: 1, ...(backEnd.method === 'spawn' ? { execArgv: ['--expose-gc'] } : {}) });
    await pool.apply(() => 'up');
    const first = pool.apply((data: Float64Array) => data.length, [new Float64Array(1_000_000)]);
    const second = pool.apply(
      async (collected: string) => {
        // Twice, with turns of the event loop in between: the collector hands the block back by a callback.
        for (let round = 0; round < 5; round++) {
          (globalThis as { gc?: () => void }).gc?.();
          await new Promise((resolve) => setImmediate(resolve));
        }
        process.getBuiltinModule('node:fs').writeFileSync(collected, '');
        return 'collected';
      },
      [gates.path('collected')],
    );
    let over = false;
    const both = Promise.all([first, second]).finally(() => (over = true));
    while (!over && pool.stats().running < 2) await new Promise((resolve) => setImmediate(resolve));
    // Both are at the worker: this thread reads no reply until the second has run.
    while (!over && !gates.isOpen('collected'));
    expect(await both).toEqual([1_000_000, 'collected']);
    expect(await pool.apply((data: Float64Array) => data.length, [new Float64Array(2_000_000)])).toBe(2_000_000);
  });
});
