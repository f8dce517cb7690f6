// `npm run demo`: sets up a clone, then bootstraps 200,000 real flights one after the other and on a Pool, and compares.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setUp } from './set-up.mjs';

// Before the set-up, which is work of our own.
const [loadBefore] = loadavg();
setUp();
const { Pool, ThreadPool, availableCpuCount } = await import('../dist/index.mjs');

const file = new URL('../node_modules/vega-datasets/data/flights-200k.json', import.meta.url);
const flights = JSON.parse(readFileSync(file, 'utf8'));
const delays = Int16Array.from(flights, (flight) => flight.delay);
const rounds = 240;
const turns = 3;
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

/** A way to get the means of many resamples, and the time that it has taken so far. */
class Way {
  ms = 0;
  means = [];

  constructor(name, map, end = () => undefined) {
    Object.assign(this, { name, map, end });
  }

  async take(seeds) {
    const start = performance.now();
    this.means.push(...(await this.map(seeds)));
    this.ms += performance.now() - start;
  }
}

function onPool(PoolClass) {
  const pool = new PoolClass();
  const end = () => pool[Symbol.asyncDispose]();
  return new Way(PoolClass.name, (seeds) => pool.map(resample, seeds, { progress: PoolClass.name.padEnd(10) }), end);
}

console.log(
  `\nThe mean delay of ${flights.length.toLocaleString('en')} real flights: ${rounds} bootstrap samples of it,`,
);
console.log(`in one thread and on ${availableCpuCount()} processors with the same function. Each way is timed.`);

// In turns, so that whatever else the machine does meets all three alike.
const alone = new Way('one after the other', (seeds) => seeds.map(resample));
const ways = [alone, onPool(Pool), onPool(ThreadPool)];
for (let start = 0; start < rounds; start += rounds / turns) {
  console.log(`samples ${start + 1} to ${start + rounds / turns} ...`);
  for (const way of ways) await way.take(Array.from({ length: rounds / turns }, (_, n) => start + n));
}
for (const way of ways) await way.end();

const same = ({ means }) => means.every((mean, n) => Object.is(mean, alone.means[n]));
const row = (...cells) => console.log(cells.map((cell, n) => (n === 0 ? cell.padEnd(20) : cell.padStart(12))).join(''));
console.log();
row('', 'seconds', 'speed-up', 'same answer');
for (const way of ways) {
  row(way.name, (way.ms / 1000).toFixed(2), `${(alone.ms / way.ms).toFixed(2)} x`, same(way) ? 'yes' : 'NO');
}
const sorted = alone.means.toSorted((a, b) => a - b);
const [low, high] = [sorted[Math.floor(rounds * 0.025)], sorted[Math.floor(rounds * 0.975)]];
console.log(`\nMean delay: between ${low.toFixed(2)} and ${high.toFixed(2)} minutes, with 95 % confidence.`);
if (loadBefore > 1) {
  console.log(
    `Other programs kept this machine busy (load ${loadBefore.toFixed(1)}): without them the speed-up is higher.`,
  );
}
process.exitCode = ways.every(same) ? 0 : 1;
