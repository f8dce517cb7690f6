// From `new Pool` to the first answer, in a process that has done nothing else.
import { timed } from '../measure.mjs';
import { expect } from '../expect.mjs';

export default {
  title: 'First result of a new pool',
  unit: 'ms',
  better: 'lower',
  bar: { limit: 60, notSlowerThanBest: true },
  fresh: true,
  rounds: 11,
  start({ open }) {
    let pool;
    return {
      async round() {
        const seconds = await timed(async () => {
          pool = open();
          expect(await pool.call('increment', 1), 2);
        });
        return [seconds * 1000];
      },
      close: () => pool.close(),
    };
  },
};
