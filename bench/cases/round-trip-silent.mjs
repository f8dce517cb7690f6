// One tiny task after ten milliseconds in which nothing happened, so that everybody sleeps; of a program that has run for a
// while, so that V8 has compiled what runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { timed } from '../measure.mjs';
import { expect } from '../expect.mjs';

const SILENCE_MS = 10;

export default {
  title: 'Round trip after 10 ms of silence',
  unit: 'us',
  better: 'lower',
  bar: { limit: 40 },
  async start({ open, quick }) {
    const pool = open();
    const trips = quick ? 5 : 50;
    for (let n = 0; n < (quick ? 50 : 20_000); n++) await pool.call('increment', n);
    return {
      async round() {
        const times = [];
        for (let n = 0; n < trips; n++) {
          await sleep(SILENCE_MS);
          times.push((await timed(async () => expect(await pool.call('increment', n), n + 1))) * 1e6);
        }
        return times;
      },
      close: () => pool.close(),
    };
  },
};
