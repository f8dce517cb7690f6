// 64 bytes one way after ten milliseconds of silence, to an event loop (or a call) that sleeps; by the clock of the system.
import { setTimeout as sleep } from 'node:timers/promises';
import { ours, processes, python, threads } from '../channels/contestants.mjs';
import { message64 } from '../latency.mjs';
import { stamped } from '../ping-pong.mjs';

const SILENCE_MS = 10;

export default {
  title: '64 B one way, to a sleeping receiver',
  unit: 'us',
  better: 'lower',
  bar: { limit: 40, kind: 'process' },
  contestants: [
    ...ours('Queue', 'Pipe'),
    ...processes('json', 'advanced'),
    ...threads('port', 'broadcast'),
    ...python('Queue', 'SimpleQueue', 'Pipe'),
  ],
  async start({ use, way, quick }) {
    const { send } = message64(way);
    const { oneWay, close } = await stamped({ use });
    for (let n = 0; n < (quick ? 20 : 20_000); n++) await oneWay(send(n));
    return {
      async round() {
        const times = [];
        for (let n = 0; n < (quick ? 3 : 50); n++) {
          await sleep(SILENCE_MS);
          times.push((await oneWay(send(n))) * 1000);
        }
        return times;
      },
      close,
    };
  },
};
