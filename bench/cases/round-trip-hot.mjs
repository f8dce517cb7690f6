// One tiny task at a time, the next as soon as the last has answered.
import { eachTimed } from '../measure.mjs';
import { expect } from '../expect.mjs';

export default {
  title: 'Round trip of one tiny task, hot',
  unit: 'us',
  better: 'lower',
  bar: { limit: 15 },
  async start({ open, quick }) {
    const pool = open();
    const trip = async (n) => expect(await pool.call('increment', n), n + 1);
    await eachTimed(quick ? 10 : 2000, trip);
    return {
      round: async () => (await eachTimed(quick ? 10 : 2000, trip)).map((seconds) => seconds * 1e6),
      close: () => pool.close(),
    };
  },
};
