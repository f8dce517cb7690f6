// A plain array of a million numbers through `x => x + 1`.
import { mapping } from '../mapping.mjs';

export default {
  title: 'map of 1 M numbers, plain array',
  unit: 'M items/s',
  better: 'higher',
  bar: { limit: 30, times: { of: 'python', least: 5 } },
  start: ({ open, quick }) =>
    mapping(
      open(),
      Array.from({ length: quick ? 1000 : 1_000_000 }, (_, n) => n),
      quick,
    ),
};
