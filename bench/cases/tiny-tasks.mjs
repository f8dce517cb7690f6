// Tiny tasks of a function without captured variables, submitted one by one.
import { oneByOne } from '../one-by-one.mjs';

export default {
  title: 'Tiny tasks, submitted one by one',
  unit: 'tasks/s',
  better: 'higher',
  bar: { limit: 500_000 },
  async start({ open, peer, quick }) {
    const pool = open({ many: true });
    // The rivals get what they can do in the time.
    const count = quick ? 100 : peer === 'manyhands' ? 100_000 : 10_000;
    return { ...(await oneByOne((n) => pool.call('increment', n), count, quick)), close: () => pool.close() };
  },
};
