// The clock that all processes of a machine share, and the limit of Node's own.

// As it was when this package was loaded: a test that runs on a false one still gets its results.
const { hrtime } = process;

/** Milliseconds of the system's monotonic clock: the same in every process and thread, unlike performance.now(). */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** setTimeout wraps around beyond this and would fire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;
