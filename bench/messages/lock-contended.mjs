// Two that want one lock all the time, and keep it for ten microseconds.
import { Lock, RawValue } from '../../dist/index.mjs';
import { ours, python } from '../channels/contestants.mjs';
import { openPair } from '../channels/in-step.mjs';
import { expect } from '../expect.mjs';
import { ONCE, samples } from '../measure.mjs';

const SECTION_MS = 0.01;

export default {
  title: 'Contended lock, 2 that keep it for 10 us each',
  unit: 'sections/s',
  better: 'higher',
  bar: { times: { of: 'python', name: "Python's Lock", least: 5 } },
  contestants: [...ours('Lock'), ...python('Lock')],
  async start({ kind, quick }) {
    const counter = new RawValue('float64');
    const count = quick ? 10 : 5000;
    const pair = await openPair(kind, 'sections', { lock: new Lock(), counter, ms: SECTION_MS });
    const once = async () => {
      counter.value = 0;
      await pair.round(count);
      expect(counter.value, 2 * count);
    };
    await once();
    return {
      async round() {
        const times = await samples(once, quick ? ONCE : { seconds: 0.8, least: 3 });
        return times.map((seconds) => (2 * count) / seconds);
      },
      close: () => pair.close(),
    };
  },
};
