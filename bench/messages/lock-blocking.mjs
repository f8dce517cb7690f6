// A lock that nobody else wants: acquired and released by a call that may block.
import { Lock } from '../../dist/index.mjs';
import { only, ours, python } from '../channels/contestants.mjs';
import { batchesTimed } from '../measure.mjs';

export default {
  title: 'Uncontended lock, acquire and release, blocking',
  unit: 'us',
  better: 'lower',
  bar: { limit: 0.15 },
  contestants: [...only('process', ours('Lock')), ...python('Lock')],
  start({ quick }) {
    const lock = new Lock();
    const trip = () => {
      if (!lock.acquireSync()) throw new Error('it was not acquired');
      lock.release();
    };
    const batches = quick ? 1 : 500;
    batchesTimed(batches, 1000, trip);
    return { round: () => batchesTimed(batches, 1000, trip).map((seconds) => seconds * 1e6) };
  },
};
