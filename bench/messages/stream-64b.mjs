// As many messages of 64 bytes as one producer and one consumer can pass.
import { ours, oursBlocking, processes, python, threads, threadsBlocking } from '../channels/contestants.mjs';
import { stream } from '../stream.mjs';

export default {
  title: 'Stream of 64 B messages, 1 producer, 1 consumer',
  unit: 'M/s',
  better: 'higher',
  bar: { limit: 4, kind: 'process' },
  contestants: [
    ...oursBlocking('Queue', 'Pipe'),
    ...ours('Queue', 'Pipe'),
    ...processes('advanced'),
    ...threads('port', 'broadcast'),
    ...threadsBlocking('port'),
    ...python('Queue', 'SimpleQueue', 'Pipe'),
  ],
  async start({ use, way, peer, quick }) {
    // The rivals get what they can do in the time.
    const count = quick ? 100 : peer === 'manyhands' ? 200_000 : 20_000;
    const { round, close } = await stream({ use, way, quick }, 64, count);
    return { round: async () => (await round()).map((seconds) => count / seconds / 1e6), close };
  },
};
