// How many queues can live at the same time, each with an item: up to a hundred thousand.
import { only, ours, python, threads } from '../channels/contestants.mjs';

export default {
  title: 'Live queues, each with an item',
  unit: 'queues',
  better: 'higher',
  bar: { limit: 100_000 },
  contestants: [...only('process', ours('Queue')), ...threads('port'), ...python('Queue', 'SimpleQueue')],
  fresh: true,
  rounds: 1,
  async start({ use, quick }) {
    return { round: async () => [await use('liveQueues', { most: quick ? 100 : 100_000 })] };
  },
};
