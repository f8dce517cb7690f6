// Ten thousand objects of ten fields through `x => x`.
import { isDeepStrictEqual } from 'node:util';
import { ONCE, samples } from '../measure.mjs';

const record = (n) => ({
  id: n,
  name: `user${n}`,
  email: `user${n}@example.com`,
  age: 20 + (n % 60),
  active: n % 2 === 0,
  score: n * 1.37,
  city: 'Berlin',
  zip: 10_000 + n,
  balance: n / 7,
  role: 'member',
});

export default {
  title: 'map of 10,000 objects of 10 fields, echo',
  unit: 'ms',
  better: 'lower',
  bar: { times: { of: 'best', least: 5 } },
  async start({ open, quick }) {
    const pool = open();
    const items = Array.from({ length: quick ? 100 : 10_000 }, (_, n) => record(n));
    const check = async () => {
      if (!isDeepStrictEqual(await pool.map('echo', items), items)) throw new Error('the objects came back changed');
    };
    await check();
    return {
      async round() {
        const effort = quick ? ONCE : { seconds: 0.8, least: 3 };
        const times = await samples(() => pool.map('echo', items), effort);
        await check();
        return times.map((seconds) => seconds * 1000);
      },
      close: () => pool.close(),
    };
  },
};
