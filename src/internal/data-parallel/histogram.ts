// Histograms over uniform bins, with numpy's edges.
import type { CallSettings } from '../job/job.js';
import { native } from '../native.js';
import type { TypedArray } from '../typed-array.js';
import { outOfRange } from '../validate.js';
import { allStages, runStages, type StageHost } from './stages.js';
import { levelInUse, steady } from './values.js';

/** How many values lie in each of the intervals, and the edges of these: one more than there are intervals. */
export interface Histogram {
  readonly counts: Float64Array;
  readonly edges: Float64Array;
}

const HISTOGRAM_NS = 1.5;

/** `range` undefined: that of the data. @throws RangeError for infinite data without a range, for too many bins */
export async function histogram(
  items: TypedArray,
  bins: number,
  range: readonly [number, number] | undefined,
  host: StageHost,
  settings: CallSettings,
): Promise<Histogram> {
  const from = steady(items);
  const [low, high] = range ?? [NaN, NaN];
  const operation = native().histogramOperation(from, bins, low, high, levelInUse());
  const staged = { operation, held: [from], ns: HISTOGRAM_NS * items.length, ends: true };
  await runStages(staged, allStages(operation), host, settings);
  const counts = new Float64Array(bins);
  const edges = new Float64Array(bins + 1);
  const problem = native().histogramAnswer(operation, counts, edges);
  if (problem === 1)
    throw new RangeError('Expected `items` to be finite, or `range` to be given: there is an infinity');
  if (problem === 2) throw outOfRange('bins', 'a number of bins that doubles of this range can bound', bins);
  return { counts, edges };
}
