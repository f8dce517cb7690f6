// Messages of 64 bytes from two producers to two consumers of one queue, all four on their own.
import { oursBlocking, python } from '../channels/contestants.mjs';
import { openCrowd } from '../channels/many-to-many.mjs';
import { expect } from '../expect.mjs';
import { ONCE, samples } from '../measure.mjs';
import { sumOfStream } from '../numbered.mjs';

const SIZE = 64;

export default {
  title: 'Stream of 64 B messages, 2 producers, 2 consumers',
  unit: 'M/s',
  better: 'higher',
  bar: { limit: 3, kind: 'process' },
  contestants: [...oursBlocking('Queue'), ...python('Queue', 'SimpleQueue')],
  async start({ kind, quick }) {
    const count = quick ? 100 : 100_000;
    const wanted = sumOfStream(SIZE, count, 0) + sumOfStream(SIZE, count, 1);
    const { round, close } = await openCrowd(kind, SIZE, count);
    const once = async () => {
      const [one, other] = await round();
      expect(one.count + other.count, 2 * count);
      expect(one.sum + other.sum, wanted);
    };
    await once();
    return {
      async round() {
        const times = await samples(once, quick ? ONCE : { seconds: 0.8, least: 3 });
        return times.map((seconds) => (2 * count) / seconds / 1e6);
      },
      close,
    };
  },
};
