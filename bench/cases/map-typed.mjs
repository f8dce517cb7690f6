// A Float64Array of a million numbers through `x => x + 1`.
import { mapping } from '../mapping.mjs';

export default {
  title: 'map of 1 M numbers, Float64Array',
  unit: 'M items/s',
  better: 'higher',
  bar: { limit: 100 },
  start: ({ open, quick }) =>
    mapping(
      open(),
      Float64Array.from({ length: quick ? 1000 : 1_000_000 }, (_, n) => n),
      quick,
    ),
};
