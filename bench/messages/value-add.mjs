// Two that add to one number as fast as they can.
import { Value } from '../../dist/index.mjs';
import { ours, python, threads } from '../channels/contestants.mjs';
import { openPair } from '../channels/in-step.mjs';
import { expect } from '../expect.mjs';
import { ONCE, samples } from '../measure.mjs';

/** A number and two that add to it. */
async function openAdders({ kind, use, peer }) {
  if (peer !== 'manyhands') return use('openAdders');
  const counter = new Value('int32', 0);
  const pair = await openPair(kind, 'add', { counter });
  return {
    reset: () => void (counter.value = 0),
    add: (count) => pair.round(count),
    read: () => counter.value,
    close: () => pair.close(),
  };
}

export default {
  title: 'Value.add by 2 at a time',
  unit: 'M/s',
  better: 'higher',
  bar: { limit: 20, kind: 'process' },
  contestants: [...ours('Value'), ...threads('atomics'), ...python('Value')],
  async start({ quick, ...context }) {
    const adders = await openAdders(context);
    const count = quick ? 1000 : 1_000_000;
    const once = async () => {
      adders.reset();
      await adders.add(count);
      expect(adders.read(), 2 * count);
    };
    await once();
    return {
      async round() {
        const times = await samples(once, quick ? ONCE : { seconds: 0.8, least: 3 });
        return times.map((seconds) => (2 * count) / seconds / 1e6);
      },
      close: () => adders.close(),
    };
  },
};
