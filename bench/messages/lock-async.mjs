// A lock that nobody else wants: acquired by a promise, and released.
import { Lock } from '../../dist/index.mjs';
import { only, ours } from '../channels/contestants.mjs';
import { timed } from '../measure.mjs';

const BATCH = 1000;

export default {
  title: 'Uncontended lock, acquire and release, async',
  unit: 'us',
  better: 'lower',
  bar: { limit: 1 },
  contestants: only('process', ours('Lock')),
  async start({ quick }) {
    const lock = new Lock();
    const batch = async () => {
      for (let n = 0; n < BATCH; n++) {
        if (!(await lock.acquire())) throw new Error('it was not acquired');
        lock.release();
      }
    };
    const batches = async () => {
      const times = [];
      for (let n = 0; n < (quick ? 1 : 200); n++) times.push(((await timed(batch)) / BATCH) * 1e6);
      return times;
    };
    await batches();
    return { round: batches };
  },
};
