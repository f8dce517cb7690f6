// 64 bytes one way where both sides block.
import { oursBlocking, python, threadsBlocking } from '../channels/contestants.mjs';
import { latency } from '../latency.mjs';

export default {
  title: '64 B one way, both sides blocking',
  unit: 'us',
  better: 'lower',
  bar: { limit: 0.5, kind: 'process' },
  contestants: [
    ...oursBlocking('Queue', 'Pipe'),
    ...threadsBlocking('port'),
    ...python('Queue', 'SimpleQueue', 'Pipe'),
  ],
  start: latency,
};
