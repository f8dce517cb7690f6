// `npm run demo`: sets up a clone, then bootstraps 200,000 real flights one after the other and on a Pool, and compares.
import { readFileSync } from 'node:fs';
import { setUp } from './set-up.mjs';

setUp();
const { Pool, ThreadPool, availableCpuCount } = await import('../dist/index.mjs');

const file = new URL('../node_modules/vega-datasets/data/flights-200k.json', import.meta.url);
const flights = JSON.parse(readFileSync(file, 'utf8'));
const delays = Int16Array.from(flights, (flight) => flight.delay);
const rounds = 240;
const draws = 8 * delays.length;

/** The mean delay of one resample of all flights; its random numbers depend on the seed alone. */
function resample(seed) {
  let state = (seed + 1) * 0x9e3779b1;
  let sum = 0;
  for (let n = 0; n < draws; n++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    sum += delays[(state >>> 0) % delays.length];
  }
  return sum / draws;
}

async function timed(run) {
  const start = performance.now();
  const means = await run();
  return { means, ms: performance.now() - start };
}

function onPool(PoolClass) {
  return timed(async () => {
    const pool = new PoolClass();
    const means = await pool.map(resample, seeds, { progress: PoolClass.name });
    pool.close();
    await pool.join();
    return means;
  });
}

const seeds = Array.from({ length: rounds }, (_, seed) => seed);
console.log(`\n${flights.length} flights, ${rounds} bootstrap samples, ${availableCpuCount()} processors`);
console.log('one after the other ...');
const alone = await timed(() => seeds.map(resample));
const runs = { 'one after the other': alone };
for (const PoolClass of [Pool, ThreadPool]) runs[PoolClass.name] = await onPool(PoolClass);

const table = {};
for (const [name, { means, ms }] of Object.entries(runs)) {
  table[name] = {
    seconds: Number((ms / 1000).toFixed(2)),
    'speed-up': Number((alone.ms / ms).toFixed(2)),
    'same answer': means.every((mean, n) => Object.is(mean, alone.means[n])),
  };
}
console.table(table);
const sorted = alone.means.toSorted((a, b) => a - b);
const [low, high] = [sorted[Math.floor(rounds * 0.025)], sorted[Math.floor(rounds * 0.975)]];
console.log(`mean delay, 95 % interval: ${low.toFixed(2)} to ${high.toFixed(2)} minutes`);
process.exitCode = Object.values(table).every((row) => row['same answer']) ? 0 : 1;
