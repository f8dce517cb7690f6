// A closure of its own for every task: no rival can send one.
import { oneByOne } from '../one-by-one.mjs';

export default {
  title: 'Tiny tasks, a fresh closure each',
  unit: 'tasks/s',
  better: 'higher',
  bar: { limit: 4000 },
  peers: ['manyhands'],
  async start({ open, quick }) {
    const pool = open();
    const count = quick ? 20 : 2000;
    return { ...(await oneByOne((n) => pool.callClosure(n), count, quick)), close: () => pool.close() };
  },
};
