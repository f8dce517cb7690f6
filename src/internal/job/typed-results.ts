// Results over typed arrays: what runs over columns, and the statistics that such results carry.
import type { TypedArray } from '../typed-array.js';
import { isTypedArray } from './items.js';
import type { MapOutcome } from './map-job.js';
import { Zip } from './zip.js';

/** How a result over typed arrays came about; its `stats`, not enumerable. */
export interface ResultStats {
  /** What ran the function: native threads, or the workers. */
  readonly engine: 'native' | 'workers';
  /** How many of them the call had at most. */
  readonly threads: number;
  /** From the call until its result was there. */
  readonly ms: number;
}

/** The typed arrays that a call runs over, side by side; undefined: it runs over other things. */
export function columnsOf(items: unknown, spread: boolean): readonly TypedArray[] | undefined {
  if (spread) return items instanceof Zip ? items.typed() : undefined;
  return isTypedArray(items) ? [items] : undefined;
}

export function addStats(result: object, stats: ResultStats): void {
  // An `out` that had some before keeps its property: to define it anew costs more than a short call.
  if (Object.hasOwn(result, 'stats') && Reflect.set(result, 'stats', stats)) return;
  const property = { value: stats, enumerable: false, configurable: true, writable: true };
  // Neither throws for an array that is sealed, as `out` may be: what is stored in it counts.
  if (!Reflect.defineProperty(result, 'stats', property)) Reflect.set(result, 'stats', stats);
}

/** The same outcome, with statistics of the workers on its result. */
export function withStats(
  outcome: MapOutcome,
  threads: number,
  convert: ((results: unknown[]) => unknown[] | TypedArray) | undefined,
  begun: number,
): MapOutcome {
  return {
    fulfilled: (results) => {
      let result;
      try {
        result = convert && Array.isArray(results) ? convert(results) : results;
      } catch (error) {
        outcome.rejected(error);
        return;
      }
      addStats(result, { engine: 'workers', threads, ms: performance.now() - begun });
      outcome.fulfilled(result);
    },
    rejected: outcome.rejected,
  };
}

/** Results over columns as native code gives them: numbers in a Float64Array, BigInts in a BigInt64Array; others stay in their list. */
export function unconverted(results: unknown[]): unknown[] | TypedArray {
  const doubles = new Float64Array(results.length);
  let stored = 0;
  for (; stored < doubles.length; stored++) {
    const value = results[stored];
    if (typeof value !== 'number' && typeof value !== 'boolean' && value !== undefined) break;
    doubles[stored] = value as number;
  }
  if (stored === doubles.length) return doubles;
  return results.every((value) => typeof value === 'bigint') ? BigInt64Array.from(results) : results;
}
