// 64 bytes one way between event loops that are at it all the time.
import { ours, processes, threads } from '../channels/contestants.mjs';
import { latency } from '../latency.mjs';

export default {
  title: '64 B one way, event loops, hot',
  unit: 'us',
  better: 'lower',
  bar: { limit: 2.5, kind: 'process' },
  contestants: [...ours('Queue', 'Pipe'), ...processes('json', 'advanced'), ...threads('port', 'broadcast')],
  start: latency,
};
