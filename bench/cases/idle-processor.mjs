// What a pool that has worked and now waits takes of a processor, caller and workers together.
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, runNanoseconds } from '../system.mjs';
import { expect } from '../expect.mjs';

export default {
  title: 'Processor time of an idle pool',
  unit: '% of a core',
  better: 'lower',
  // What the kernel can tell from nothing: the timer that ends the measurement counts too.
  bar: { limit: 0.1 },
  peers: ['manyhands', 'piscina', 'tinypool', 'workerpool', 'poolifier'],
  rounds: 3,
  async start({ open, quick }) {
    const pool = open();
    const all = Array.from({ length: 100 }, (_, n) => pool.call('increment', n));
    expect((await Promise.all(all))[99], 100);
    await sleep(quick ? 100 : 1000);
    return {
      async round() {
        const pids = [process.pid, ...childrenOf(process.pid)];
        const spent = () => pids.reduce((sum, pid) => sum + runNanoseconds(pid), 0);
        const before = spent();
        const start = process.hrtime.bigint();
        await sleep(quick ? 50 : 2000);
        return [(100 * (spent() - before)) / Number(process.hrtime.bigint() - start)];
      },
      close: () => pool.close(),
    };
  },
};
