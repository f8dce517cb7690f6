// A shared counter and a stop event: the parent watches how far a bootstrap has come and ends it when it is precise enough.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Event, Pool, RawArray, Value } from 'manyhands';

const file = new URL('../node_modules/vega-datasets/data/movies.json', import.meta.url);
const known = JSON.parse(readFileSync(file, 'utf8')).flatMap((film) => film['IMDB Rating'] ?? []);
const ratings = new RawArray('float64', known);
const mean = known.reduce((sum, rating) => sum + rating) / known.length;

const done = new Value('int32');
const squares = new Value('float64');
const stop = new Event();

// How far from the mean of all films are the means of samples?
function resample() {
  const films = ratings.array;
  let count = 0;
  for (; count < 1_000 && !stop.isSet(); count++) {
    let sum = 0;
    for (let n = 0; n < films.length; n++) sum += films[Math.floor(Math.random() * films.length)];
    squares.add((sum / films.length - mean) ** 2);
    done.add(1);
  }
  return count;
}

const tasks = 200;
const pool = await Pool.create(2);
const results = pool.map(resample, Array(tasks).keys(), { chunksize: 1 });
const precision = () => 1 / Math.sqrt(2 * done.value); // of the estimate, as a part of it
const estimate = () => Math.sqrt(squares.value / done.value);
while (precision() > 0.005) {
  await delay(100);
  console.log(`${done.value} samples: ${estimate().toFixed(5)}, ${(100 * precision()).toFixed(2)} % more or less`);
}
stop.set();
const counts = await results;
pool.close();
await pool.join();

assert.strictEqual(
  counts.reduce((sum, count) => sum + count),
  done.value,
);
assert(done.value < tasks * 1_000);
const variance = known.reduce((sum, rating) => sum + (rating - mean) ** 2, 0) / known.length;
const exact = Math.sqrt(variance / known.length);
assert(Math.abs(estimate() / exact - 1) < 6 * precision());
console.log(
  `the mean rating is ${mean.toFixed(2)}, its standard error ${estimate().toFixed(5)} (exactly: ${exact.toFixed(5)})`,
);
