// The clock that all processes of a machine share, and the limit of Node's own.

/** Milliseconds of the system's monotonic clock: the same in every process and thread, unlike performance.now(). */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** setTimeout wraps around beyond this and would fire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;
