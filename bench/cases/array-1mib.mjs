// 1 MiB there and back.
import { thereAndBack } from '../there-and-back.mjs';

export default {
  title: 'Float64Array of 1 MiB there and back',
  unit: 'MB/s',
  better: 'higher',
  bar: { limit: 5000 },
  start: ({ open, quick }) => thereAndBack(open(), 1, quick),
};
