// A Float64Array that goes to a worker and comes back. Both ends keep an array of their own: nothing is moved or shared.
import { ONCE, samples } from './measure.mjs';
import { expectEach } from './expect.mjs';

/** MB/s, both ways counted. */
export async function thereAndBack(pool, mebibytes, quick) {
  const length = quick ? 1024 : mebibytes * 131_072;
  const array = Float64Array.from({ length }, (_, n) => n);
  const check = async () => expectEach(await pool.call('echo', array), length, (n) => n);
  const echo = async () => {
    const answer = await pool.call('echo', array);
    if (answer.length !== length || answer[length - 1] !== length - 1) throw new Error('the array came back changed');
  };
  await check();
  return {
    async round() {
      const times = await samples(echo, quick ? ONCE : { seconds: 0.8, least: 3 });
      await check();
      return times.map((seconds) => (2 * array.byteLength) / seconds / 1e6);
    },
    close: () => pool.close(),
  };
}
