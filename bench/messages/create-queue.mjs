// A queue (or what is used as one) that is made and closed again, unused.
import { only, ours, python, threads } from '../channels/contestants.mjs';
import { timed } from '../measure.mjs';

const BATCH = 20;

export default {
  title: 'Create and close a queue',
  unit: 'us',
  better: 'lower',
  bar: { limit: 20 },
  contestants: [
    ...only('process', ours('Queue', 'JoinableQueue', 'Pipe')),
    ...threads('port', 'broadcast'),
    ...python('Queue', 'SimpleQueue', 'Pipe'),
  ],
  async start({ use, quick }) {
    const create = await use('creator');
    const batch = async () => {
      for (let n = 0; n < BATCH; n++) create()();
      // What ends later, in the event loop, belongs to it.
      await new Promise(setImmediate);
    };
    const batches = async () => {
      const times = [];
      for (let n = 0; n < (quick ? 1 : 100); n++) times.push(((await timed(batch)) / BATCH) * 1e6);
      return times;
    };
    await batches();
    return { round: batches };
  },
};
