// Samples a running case, and says what the samples show.
import Benchmark from 'benchmark';

/** The effort for a look at whether an operation works at all. */
export const ONCE = { seconds: 0, least: 1 };

/**
 * Seconds for one operation, one entry for each sample of the `benchmark` package, which repeats short operations until
 * its clock can tell them apart.
 *
 * @param {() => Promise<unknown>} operation
 * @param {{ seconds: number, least: number }} effort
 */
export async function samples(operation, { seconds, least }) {
  if (seconds === 0) return [await timed(operation)];
  return new Promise((resolve, reject) => {
    const benchmark = new Benchmark({
      defer: true,
      maxTime: seconds,
      minSamples: least,
      fn: (deferred) => {
        operation().then(
          () => deferred.resolve(),
          (error) => {
            reject(error);
            benchmark.abort();
          },
        );
      },
      onComplete: () => resolve(benchmark.stats.sample),
    });
    benchmark.run({ async: true });
  });
}

/** Seconds of each of `count` operations, one after the other, timed one by one. */
export async function eachTimed(count, operation) {
  const times = [];
  for (let n = 0; n < count; n++) {
    const start = process.hrtime.bigint();
    await operation(n);
    times.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  return times;
}

/** Seconds of one operation. */
export async function timed(operation) {
  const start = process.hrtime.bigint();
  await operation();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Milliseconds of the system's clock, which is the same in every process and thread. */
export function monotonicMs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Seconds of one trip, for each of `count` batches of `size`. */
export function batchesTimed(count, size, trip) {
  const times = [];
  for (let batch = 0; batch < count; batch++) {
    const start = process.hrtime.bigint();
    for (let n = 0; n < size; n++) trip(n);
    times.push(Number(process.hrtime.bigint() - start) / 1e9 / size);
  }
  return times;
}

export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** The middle of the samples and the spread between their tenth and ninetieth percentile. */
export function summary(values) {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.1),
    high: quantile(values, 0.9),
    samples: values.length,
  };
}
