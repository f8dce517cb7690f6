// Messages of 1 MiB, one behind the other; each counts once.
import { ours, oursBlocking, processes, python, threads } from '../channels/contestants.mjs';
import { stream } from '../stream.mjs';

const SIZE = 2 ** 20;

export default {
  title: 'Stream of 1 MiB messages',
  unit: 'GB/s',
  better: 'higher',
  bar: { limit: 10, kind: 'process' },
  contestants: [
    ...oursBlocking('Queue', 'Pipe', 'Pipe, bytes'),
    ...ours('Queue', 'Pipe'),
    ...processes('advanced'),
    ...threads('port', 'moved', 'broadcast'),
    ...python('Queue', 'SimpleQueue', 'Pipe'),
  ],
  async start({ use, way, quick }) {
    const count = quick ? 4 : 128;
    const { round, close } = await stream({ use, way, quick }, SIZE, count);
    return { round: async () => (await round()).map((seconds) => (count * SIZE) / seconds / 1e9), close };
  },
};
