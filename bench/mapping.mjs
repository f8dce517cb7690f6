// A map over a large collection with a trivial function.
import { ONCE, samples } from './measure.mjs';
import { expectEach } from './expect.mjs';

/** Items per second; the answers are checked once before and once after the clock runs. */
export async function mapping(pool, items, quick) {
  const map = () => pool.map('increment', items);
  const check = async () => expectEach(await map(), items.length, (n) => n + 1);
  await check();
  return {
    async round() {
      const effort = quick ? ONCE : { seconds: 0.8, least: 3 };
      const times = await samples(map, effort);
      await check();
      return times.map((seconds) => items.length / seconds / 1e6);
    },
    close: () => pool.close(),
  };
}
