// Statistics of 200,000 real flights on native threads: each mean and variance is that of exact arithmetic, rounded once.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { kernel, ThreadPool, zip } from 'manyhands';

const file = new URL('../node_modules/vega-datasets/data/flights-200k.json', import.meta.url);
const flights = JSON.parse(readFileSync(file, 'utf8'));
const delay = Int16Array.from(flights, (flight) => flight.delay);
const distance = Int16Array.from(flights, (flight) => flight.distance);
const hour = Float64Array.from(flights, (flight) => flight.time);

// Times are taken once its workers are up.
const pool = await ThreadPool.create(2);
const describe = async (x) => ({
  moments: [await pool.reduce('mean', x), await pool.reduce('variance', x)],
  sorted: await pool.sort(x),
});

function describePlainly(x) {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  return { moments: [mean, x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length], sorted: x.toSorted() };
}

// Every element is a multiple of 2^-60, or BigInt() throws: the sums are integers, and the quotients alone are rounded.
function exactMoments(x) {
  const n = BigInt(x.length);
  let [sum, squares] = [0n, 0n];
  for (const v of x) {
    const scaled = BigInt(v * 2 ** 60);
    sum += scaled;
    squares += scaled * scaled;
  }
  const quotient = (a, b) => Number((a << 100n) / b) / 2 ** 100;
  return [quotient(sum, n << 60n), quotient(n * squares - sum * sum, (n * n) << 120n)];
}

// As numpy has it: between two elements lies a straight line.
function percentile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  return sorted[below] + (sorted[Math.ceil(place)] - sorted[below]) * (place - below);
}

async function best(run) {
  let [ms, value] = [Infinity];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    value = await run();
    ms = Math.min(ms, performance.now() - start);
  }
  return [value, `${ms.toFixed(2)} ms`];
}

console.log(`${flights.length.toLocaleString('en')} flights; times are the best of five`);
for (const [name, x] of Object.entries({ delay, distance, hour })) {
  const [found, time] = await best(() => describe(x));
  const [plain, plainTime] = await best(() => describePlainly(x));
  // The plain sums have lost their last digits on the way, so the exact ones judge.
  assert.deepStrictEqual(found.moments, exactMoments(x));
  const wrong = plain.sorted.findIndex((value, n) => !Object.is(found.sorted[n], value));
  assert.strictEqual(wrong, -1, `${name}: sorted, element ${wrong} is ${found.sorted[wrong]}`);
  const { engine, threads } = found.sorted.stats;
  const [low, median, high] = [0.05, 0.5, 0.95].map((share) => percentile(found.sorted, share).toFixed(1));
  console.log(`\n${name}: the median is ${median}, nine in ten are from ${low} to ${high}`);
  console.log(`  mean               ${found.moments[0]} (a plain loop: ${plain.moments[0]})`);
  console.log(`  standard deviation ${Math.sqrt(found.moments[1])} (a plain loop: ${Math.sqrt(plain.moments[1])})`);
  console.log(`  ${engine}, ${threads} threads: ${time}; plain JavaScript: ${plainTime}`);
}

const { counts, edges } = await pool.histogram(delay, { bins: 12, range: [-60, 180] });
const expected = new Float64Array(12);
for (const v of delay) if (v >= -60 && v <= 180) expected[Math.min(Math.floor((v + 60) / 20), 11)]++;
assert.deepStrictEqual(counts, expected);
console.log('\ndelay in minutes');
for (const [n, count] of counts.entries()) {
  console.log(`${String(edges[n]).padStart(5)} ${'#'.repeat(Math.ceil(count / 1500))} ${count}`);
}

const isLate = kernel((minutes) => minutes > 15);
const late = await pool.mapReduce(isLate, 'count', delay);
assert.strictEqual(late, delay.filter(isLate).length);
console.log(`\n${late} flights are late by more than 15 minutes`);

const product = kernel((a, b) => a * b);
const products = await pool.mapReduce(product, 'sum', zip(delay, distance));
const loop = delay.reduce((sum, minutes, n) => sum + product(minutes, distance[n]), 0);
assert.strictEqual(products, loop); // Integers below 2^53 on both sides.
const [a, b] = [await describe(delay), await describe(distance)];
const covariance = products / delay.length - a.moments[0] * b.moments[0];
const correlation = (covariance / Math.sqrt(a.moments[1] * b.moments[1])).toFixed(4);
assert.strictEqual(correlation, '-0.0135'); // As np.corrcoef has it.
console.log(`delay and distance correlate by ${correlation}`);
pool.close();
await pool.join();
