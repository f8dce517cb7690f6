// Resampling by a windowed sinc that reads a captured signal at computed places: a sound to another rate, hours to minutes.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { ThreadPool } from 'manyhands';

// What lies between the samples is the sum of 32 neighbours; beyond both ends the last sample goes on.
const resample = (samples, from, to) => (_, n) => {
  const place = (n * from) / to;
  const before = Math.floor(place);
  let sum = 0;
  let weights = 0;
  for (let k = before - 15; k <= before + 16; k++) {
    const turn = Math.PI * (place - k);
    const window = 0.42 + 0.5 * Math.cos(turn / 16) + 0.08 * Math.cos(turn / 8);
    const weight = turn === 0 ? 1 : (Math.sin(turn) / turn) * window;
    sum += weight * samples[Math.min(Math.max(k, 0), samples.length - 1)];
    weights += weight;
  }
  return sum / weights;
};

async function best(run) {
  let [ms, value] = [Infinity];
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    value = await run();
    ms = Math.min(ms, performance.now() - start);
  }
  return [value, `${ms.toFixed(1)} ms`];
}

// Times are taken once its workers are up.
const pool = await ThreadPool.create(2);
async function compare(name, samples, from, to) {
  const at = resample(samples, from, to);
  const blank = new Float64Array(Math.floor(((samples.length - 1) * to) / from) + 1);
  const [found, time] = await best(() => pool.map(at, blank));
  const [expected, plainTime] = await best(() => blank.map(at));
  const wrong = expected.findIndex((value, n) => !Object.is(found[n], value));
  assert.strictEqual(wrong, -1, `${name}: element ${wrong} is ${found[wrong]}, not ${expected[wrong]}`);
  const { engine, threads } = found.stats;
  assert.strictEqual(engine, 'native');
  console.log(`${name}: ${samples.length} samples become ${found.length}; the best times of three`);
  console.log(`  ${engine}, ${threads} threads: ${time}; plain JavaScript: ${plainTime}`);
  return found;
}

// A tone is known at any time.
const tone = (seconds) => Math.sin(2 * Math.PI * 1000 * seconds);
const sound = Float64Array.from({ length: 44_100 }, (_, n) => tone(n / 44_100));
const resampled = await compare('a tone of 1 kHz, from 44,100 to 48,000 Hz', sound, 44_100, 48_000);
const errors = resampled.map((value, n) => Math.abs(value - tone(n / 48_000))).subarray(32, -32);
const largest = await pool.reduce('max', errors);
assert(largest < 1e-4, String(largest));
console.log(`  off the tone by at most ${largest.toExponential(1)}`);

const file = new URL('../node_modules/vega-datasets/data/seattle-weather-hourly-normals.csv', import.meta.url);
const [, ...hours] = readFileSync(file, 'utf8').trim().split('\n');
const degrees = Float64Array.from(hours, (hour) => Number(hour.split(',')[2]));
const minutes = await compare('the temperatures of a year, from hours to minutes', degrees, 1, 60);
// The curve goes through what was measured.
assert(degrees.every((value, hour) => Math.abs(value - minutes[60 * hour]) < 1e-9));
const warmest = await pool.reduce('argmax', minutes);
const start = Date.parse(`${hours[0].split(',')[0]}Z`);
const moment = new Date(start + warmest * 60_000).toISOString().slice(5, 16).replace('T', ' ');
console.log(`  as a rule it is warmest in Seattle at ${moment}: ${minutes[warmest].toFixed(2)} degrees`);
pool.close();
await pool.join();
