// The same over a constant of the caller's module.
import { oneByOne } from '../one-by-one.mjs';

export default {
  title: 'Tiny tasks over a captured constant',
  unit: 'tasks/s',
  better: 'higher',
  bar: { limit: 500_000 },
  peers: ['manyhands'],
  async start({ open, quick }) {
    const pool = open();
    const count = quick ? 100 : 100_000;
    return { ...(await oneByOne((n) => pool.callOverConstant(n), count, quick)), close: () => pool.close() };
  },
};
