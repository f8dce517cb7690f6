// Operations that give an array of the type of the items: prefixes, sorted and kept elements.
import { keepBusy } from '../busy-memory.js';
import type { CallSettings } from '../job/job.js';
import { addStats } from '../job/typed-results.js';
import { emptyLike, mayShrink, viewLike } from '../kernel/arrays.js';
import { fromReusedMemory, LARGE_BYTES, ownBuffer } from '../kernel/result-memory.js';
import { native } from '../native.js';
import type { NativeHandle } from '../native-kernels.js';
import type { TypedArray } from '../typed-array.js';
import { allStages, runStages, type StageHost } from './stages.js';
import { levelInUse, steady, type Values } from './values.js';

/** In the order of the numbers that native code uses. */
export const SCAN_OPS = ['sum', 'prod', 'min', 'max'] as const;

export type ScanOp = (typeof SCAN_OPS)[number];

/** Estimated ns for one element. */
const SCAN_NS = 1;
const SORT_NS = 12;
const FILTER_NS = 1;
/** Items of a filter in room: shorter ones stay in the caches from counting to moving. */
const ROOM_BYTES = 4 * LARGE_BYTES;
/** Estimated ns up to which no value takes much longer than another. */
const EVEN_NS = 4;

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
  const staged = { operation, held: [from, to, out], ns: ns * items.length, ends: true };
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
  const { program, columns, captured, cost, ends } = values;
  const held: object[] = [from, columns, captured];
  const given = [from, program, columns, captured, levelInUse()] as const;
  // Chunks in room wait for each other, which costs nothing only where they take equally long.
  const fits = items.byteLength >= ROOM_BYTES && cost <= EVEN_NS;
  const inRoom = fits ? fromReusedMemory(() => native().filterInRoomOperation(...given)) : undefined;
  const operation = inRoom ?? native().filterOperation(...given);
  const staged = { operation, held, ns: items.length * (cost + FILTER_NS), ends };
  // Also between the stages.
  const release = keepBusy(held);
  try {
    const threads = await runStages(staged, [0, 1], host, settings);
    const count = native().filterCount(operation);
    const isLarge = count * items.BYTES_PER_ELEMENT >= LARGE_BYTES;
    const buffer = inRoom !== undefined && isLarge ? ownBuffer(native().filterResult(inRoom)) : null;
    const kept = buffer === null ? emptyLike(items, count) : viewLike(items, buffer);
    if (buffer === null) {
      held.push(kept);
      native().filterTarget(operation, kept);
      await runStages(staged, [1, 2], host, settings);
    }
    addStats(kept, { engine: 'native', threads, ms: performance.now() - begun });
    return kept;
  } finally {
    release();
    native().filterEnd(operation);
  }
}
