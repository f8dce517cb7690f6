// The Mandelbrot set: a loop that ends at another round for each pixel, then colours from a table. `--keep` leaves the picture.
import assert from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ThreadPool } from 'manyhands';
import { PNG } from 'pngjs';

const [width, height, rounds] = [1200, 900, 500];
const side = 2.5 / height;

function escapeTime(_, i) {
  const re = ((i % width) + 0.5) * side - 2.3;
  const im = (Math.floor(i / width) + 0.5) * side - 1.25;
  let x = 0;
  let y = 0;
  let n = 0;
  while (n < rounds && x * x + y * y <= 4) {
    const next = x * x - y * y + re;
    y = 2 * x * y + im;
    x = next;
    n++;
  }
  return n;
}

// Red, green, blue and opacity for each time; what never escapes is black.
const palette = Uint8ClampedArray.from({ length: 4 * (rounds + 1) }, (_, i) => {
  if (i % 4 === 3) return 255;
  return i >= 4 * rounds ? 0 : 127.5 - 127.5 * Math.cos(0.7 * Math.sqrt(i >> 2) + [0.2, 0.7, 1.2][i % 4]);
});

async function best(run) {
  let [ms, value] = [Infinity];
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    value = await run();
    ms = Math.min(ms, performance.now() - start);
  }
  return [value, `${ms.toFixed(1)} ms`];
}

async function compare(name, onPool, plainly) {
  const [found, time] = await best(onPool);
  const [expected, plainTime] = await best(plainly);
  const wrong = expected.findIndex((value, i) => value !== found[i]);
  assert.strictEqual(wrong, -1, `${name}: element ${wrong} is ${found[wrong]}, not ${expected[wrong]}`);
  const { engine, threads } = found.stats;
  assert.strictEqual(engine, 'native');
  console.log(`${name.padEnd(13)}${engine}, ${threads} threads: ${time}; plain JavaScript: ${plainTime}`);
  return found;
}

console.log(`${width} x ${height} pixels, at most ${rounds} rounds; times are the best of three`);
// Times are taken once its workers are up.
const pool = await ThreadPool.create(2);
const blank = new Uint16Array(width * height);
const times = await compare(
  'escape times',
  () => pool.map(escapeTime, blank),
  () => blank.map(escapeTime),
);
const colour = (_, i) => palette[4 * times[i >> 2] + (i % 4)];
const canvas = new Uint8ClampedArray(4 * width * height);
const picture = await compare(
  'colours',
  () => pool.map(colour, canvas),
  () => canvas.map(colour),
);
const inside = await pool.mapReduce((time) => time === rounds, 'count', times);
pool.close();
await pool.join();

// Counting pixels gives the published area, 1.5066, but for the pixels of the border.
const area = inside * side * side;
assert(Math.abs(area - 1.5066) < 0.02, String(area));
console.log(`the area of the set is about ${area.toFixed(3)}`);

const folder = mkdtempSync(join(tmpdir(), 'mandelbrot-'));
writeFileSync(join(folder, 'mandelbrot.png'), PNG.sync.write({ width, height, data: picture }, { deflateLevel: 1 }));
const keep = process.argv.includes('--keep');
if (!keep) rmSync(folder, { recursive: true });
console.log(`the picture ${keep ? 'is' : 'was'} in ${folder}`);
