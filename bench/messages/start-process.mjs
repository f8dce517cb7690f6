// A new process, to the first line of its function.
import { only, ours, processes, python } from '../channels/contestants.mjs';
import { firstLines } from '../first-line.mjs';

export default {
  title: 'Start of a process to its first line',
  unit: 'ms',
  better: 'lower',
  bar: { limit: 50 },
  contestants: [
    ...only('process', ours('Process')),
    ...processes('fork'),
    ...python('Process (fork)', 'Process (spawn)'),
  ],
  start: firstLines,
};
