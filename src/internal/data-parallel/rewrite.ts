// Operations that give an array of the type of the items: prefixes, sorted and kept elements.
import { keepBusy } from '../busy-memory.js';
import type { CallSettings } from '../job/job.js';
import { addStats } from '../job/typed-results.js';
import { emptyLike, mayShrink } from '../kernel/arrays.js';
import { native } from '../native.js';
import type { NativeHandle } from '../native-kernels.js';
import type { TypedArray } from '../typed-array.js';
import { allStages, runStages, type StageHost } from './stages.js';
import { levelInUse, steady, type Values } from './values.js';

/** In the order of the numbers that native code uses. */
export const SCAN_OPS = ['sum', 'prod', 'min', 'max'] as const;

export type ScanOp = (typeof SCAN_OPS)[number];

/** Estimated ns for one element. */
const SCAN_NS = 2;
const SORT_NS = 12;
const FILTER_NS = 1;

/** Inclusive prefixes into `out`, which has the type and length of the items. */
export function scan(
  op: ScanOp,
  items: TypedArray,
  out: TypedArray,
  host: StageHost,
  settings: CallSettings,
): Promise<TypedArray> {
  const make = (from: TypedArray, to: TypedArray): NativeHandle =>
    native().scanOperation(SCAN_OPS.indexOf(op), from, to);
  return rewrite(items, out, SCAN_NS, make, host, settings);
}

/** The items in the order of `TypedArray.prototype.sort`, or its opposite, into `out`. */
export function sort(
  items: TypedArray,
  out: TypedArray,
  descending: boolean,
  host: StageHost,
  settings: CallSettings,
): Promise<TypedArray> {
  const make = (from: TypedArray, to: TypedArray): NativeHandle => native().sortOperation(from, to, descending);
  return rewrite(items, out, SORT_NS, make, host, settings);
}

async function rewrite(
  items: TypedArray,
  out: TypedArray,
  ns: number,
  make: (from: TypedArray, to: TypedArray) => NativeHandle,
  host: StageHost,
  settings: CallSettings,
): Promise<TypedArray> {
  const begun = performance.now();
  const from = steady(items);
  const to = mayShrink(out) ? emptyLike(out, out.length) : out;
  const operation = make(from, to);
  const staged = { operation, held: [from, to, out], ns: ns * items.length };
  const threads = await runStages(staged, allStages(operation), host, settings);
  if (to !== out) out.set(to as never);
  addStats(out, { engine: 'native', threads, ms: performance.now() - begun });
  return out;
}

/** The items whose values are truthy, in a new array. */
export async function keep(
  items: TypedArray,
  values: Values,
  host: StageHost,
  settings: CallSettings,
): Promise<TypedArray> {
  const begun = performance.now();
  const from = steady(items);
  const { program, columns, captured, cost } = values;
  const operation = native().filterOperation(from, program, columns, captured, levelInUse());
  const held: object[] = [from, columns, captured];
  const staged = { operation, held, ns: items.length * (cost + FILTER_NS) };
  // Also between the stages.
  const release = keepBusy(held);
  try {
    const threads = await runStages(staged, [0, 1], host, settings);
    const kept = emptyLike(items, native().filterCount(operation));
    held.push(kept);
    native().filterTarget(operation, kept);
    await runStages(staged, [1, 2], host, settings);
    addStats(kept, { engine: 'native', threads, ms: performance.now() - begun });
    return kept;
  } finally {
    release();
  }
}
