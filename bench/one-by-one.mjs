// Many tiny tasks submitted one by one, all pending at once.
import { ONCE, samples } from './measure.mjs';
import { expect } from './expect.mjs';

/** Tasks per second; `call(n)` must resolve to n + 1. */
export async function oneByOne(call, count, quick) {
  const burst = async () => {
    const pending = [];
    for (let n = 0; n < count; n++) pending.push(call(n));
    const answers = await Promise.all(pending);
    for (let n = 0; n < count; n++) if (answers[n] !== n + 1) expect(answers[n], n + 1);
  };
  await burst();
  return {
    round: async () =>
      (await samples(burst, quick ? ONCE : { seconds: 0.8, least: 2 })).map((seconds) => count / seconds),
  };
}
