// What a million pending calls take beyond a million pending promises, on the heap, in buffers and in the arena.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import addon from '../../dist/internal/native.js';
import { expectEach } from '../expect.mjs';

const { native } = addon;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

function bytesInUse() {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external + native().stats().ownBytes;
}

export default {
  title: 'Memory of 1 M pending calls beyond their promises',
  unit: 'bytes/call',
  better: 'lower',
  bar: { limit: 400 },
  peers: ['manyhands'],
  fresh: true,
  rounds: 3,
  async start({ open, quick }) {
    const count = quick ? 1000 : 1_000_000;
    const pool = open();
    await pool.call('increment', 0);
    return {
      async round() {
        const list = new Array(count).fill(0);
        const empty = bytesInUse();
        for (let n = 0; n < count; n++) list[n] = new Promise(() => {});
        const promises = bytesInUse() - empty;
        list.fill(0);
        const before = bytesInUse();
        // Nothing is sent before this function yields, so all of them are pending when the bytes are counted.
        for (let n = 0; n < count; n++) list[n] = pool.call('increment', n);
        const calls = bytesInUse() - before;
        expectEach(await Promise.all(list), count, (n) => n + 1);
        return [(calls - promises) / count];
      },
      close: () => pool.close(),
    };
  },
};
