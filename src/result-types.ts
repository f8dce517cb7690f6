// What calls over typed arrays give, as the compiler sees it.
import type { ResultStats } from './internal/job/typed-results.js';

export type { ResultStats };

/** A result over typed arrays, which tells in `stats` what ran the call, on how many threads, and how many ms it took. */
export type Measured<X> = X & { readonly stats: ResultStats };

/** What a call over columns of typed arrays gives, by what its function gives: numbers and BigInts are not left in a list. */
export type ColumnResults<R> = [R] extends [number | boolean | undefined]
  ? Float64Array<ArrayBuffer>
  : [R] extends [bigint]
    ? BigInt64Array<ArrayBuffer>
    : R[];
