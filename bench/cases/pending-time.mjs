// Time for each task with a million pending at once, as a multiple of that with a thousand.
import { ONCE, quantile, samples, timed } from '../measure.mjs';
import { expectEach } from '../expect.mjs';

export default {
  title: 'Time per task: 1 M pending against 1 k',
  unit: 'x',
  better: 'lower',
  bar: { limit: 1.25 },
  peers: ['manyhands'],
  rounds: 3,
  async start({ open, quick }) {
    const few = quick ? 100 : 1000;
    const many = quick ? 1000 : 1_000_000;
    const pool = open();
    const burst = async (count) => {
      const pending = [];
      for (let n = 0; n < count; n++) pending.push(pool.call('increment', n));
      expectEach(await Promise.all(pending), count, (n) => n + 1);
    };
    await burst(few);
    return {
      async round() {
        const times = await samples(() => burst(few), quick ? ONCE : { seconds: 1, least: 5 });
        const each = quantile(times, 0.5) / few;
        return [(await timed(() => burst(many))) / many / each];
      },
      close: () => pool.close(),
    };
  },
};
