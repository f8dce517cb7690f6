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
): MapOutcome {
  const begun = performance.now();
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

/**
 * How the results of tuples come back: stored in `out` as its type stores them, or numbers in a Float64Array and BigInts
 * in a BigInt64Array, as native code gives them; anything else stays in its array.
 */
export function tupleResults(out: TypedArray | undefined): (results: unknown[]) => unknown[] | TypedArray {
  if (out === undefined) return unconverted;
  return (results) => {
    // One view for all element types; a BigInt where numbers are stored, or the other way round, throws.
    const target = out as Float64Array;
    for (let i = 0; i < results.length; i++) target[i] = results[i] as number;
    return out;
  };
}

function unconverted(results: unknown[]): unknown[] | TypedArray {
  const numeric = (value: unknown): boolean =>
    typeof value === 'number' || typeof value === 'boolean' || value === undefined;
  if (results.every(numeric)) return Float64Array.from(results as number[], Number);
  if (results.every((value) => typeof value === 'bigint')) return BigInt64Array.from(results);
  return results;
}
