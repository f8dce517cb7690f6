// Work that fits on cores of its own: how much faster two workers are than the same loop here.
import { checksum } from '../peers/checksum.cjs';
import { timed } from '../measure.mjs';
import { expectEach } from '../expect.mjs';

export default {
  title: 'CPU-bound speed-up on 2 cores',
  unit: 'x',
  better: 'higher',
  bar: { limit: 1.95 },
  async start({ open, quick }) {
    const pool = open();
    const seeds = Array.from({ length: quick ? 1 : 16 }, (_, n) => n);
    let sums = seeds.map((seed) => checksum(seed));
    // Both workers have compiled the loop before the clock runs.
    await Promise.all(seeds.map((seed) => pool.call('spin', seed)));
    return {
      async round() {
        const before = await timed(async () => {
          sums = seeds.map((seed) => checksum(seed));
        });
        const parallel = await timed(async () => {
          const answers = await Promise.all(seeds.map((seed) => pool.call('spin', seed)));
          expectEach(answers, seeds.length, (n) => sums[n]);
        });
        const after = await timed(async () => seeds.map((seed) => checksum(seed)));
        return [(before + after) / 2 / parallel];
      },
      close: () => pool.close(),
    };
  },
};
