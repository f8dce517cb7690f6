// A new thread, to the first line of its function.
import { only, ours, threads } from '../channels/contestants.mjs';
import { firstLines } from '../first-line.mjs';

export default {
  title: 'Start of a thread to its first line',
  unit: 'ms',
  better: 'lower',
  bar: { limit: 20 },
  contestants: [...only('thread', ours('Process')), ...threads('worker')],
  start: firstLines,
};
