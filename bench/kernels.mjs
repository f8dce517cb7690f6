// Times kernels over typed arrays beside `typedArray.map`, a V8 loop, 2 JS workers, C with OpenMP, numpy, numexpr and numba.
// Usage: node bench/kernels.mjs [--elements 1e7] [--only name] [--json file]; PYTHON names a Python that has the peers.
// Needs `npm run build`; gcc and the Python packages are left out where they are missing. Every answer is checked.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { elements: { type: 'string', default: '1e7' }, only: { type: 'string' }, json: { type: 'string' } },
});
const { Pool, zip } = createRequire(import.meta.url)('../dist/index.js');
const N = Number(options.elements);
const PIXELS = 8_294_400;
const ROUNDS = 9;
const WARM_UP_MS = 50;
const here = fileURLToPath(new URL('.', import.meta.url));

const fill = (array, value) => {
  for (let i = 0; i < array.length; i++) array[i] = value(i);
  return array;
};
const a = fill(new Float64Array(N), (i) => (i + 1) * 1e-6);
const b = fill(new Float64Array(N), (i) => (N - i) * 1e-6);
const [p, q, w] = [1000, 777, 12345].map((m) => fill(new Int32Array(N), (i) => i % m));
const [image, image2] = [7, 13].map((m) => fill(new Uint8Array(PIXELS), (i) => i * m));
const plane = new Float64Array(1_000_000);

const erf = (x) => {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const y =
    1 -
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
  return x < 0 ? -y : y;
};
const price = (s) => {
  const k = 5;
  const r = 0.02;
  const v = 0.3;
  const t = 1;
  const d1 = (Math.log(s / k) + (r + (v * v) / 2) * t) / (v * Math.sqrt(t));
  const d2 = d1 - v * Math.sqrt(t);
  return s * 0.5 * (1 + erf(d1 / Math.SQRT2)) - k * Math.exp(-r * t) * 0.5 * (1 + erf(d2 / Math.SQRT2));
};
const escape = (_, i) => {
  const cr = (i % 1000) / 400 - 2;
  const ci = Math.floor(i / 1000) / 400 - 1.25;
  let zr = 0;
  let zi = 0;
  let n = 0;
  while (n < 100 && zr * zr + zi * zi <= 4) {
    const t = zr * zr - zi * zi + cr;
    zi = 2 * zr * zi + ci;
    zr = t;
    n++;
  }
  return n;
};

/** Name, function, columns, type of the results. */
const CASES = [
  ['sqrt', (x) => Math.sqrt(x) * 2 + 1, [a], Float64Array],
  ['poly', (x) => x * x * x * 0.3 - x * x + 2 * x - 7, [a], Float64Array],
  ['select', (x) => (x > 5 ? x * 2 : x / 3), [a], Float64Array],
  ['int32', (x, y, z) => x * y + z, [p, q, w], Int32Array],
  ['sinexp', (x) => Math.sin(x) * Math.exp(-x * x), [a], Float64Array],
  ['pow', (x) => x ** 1.7, [a], Float64Array],
  ['log', (x) => Math.log(x), [a], Float64Array],
  ['tan', (x) => Math.tan(x), [a], Float64Array],
  ['atan2', (x, y) => Math.atan2(x, y), [a, b], Float64Array],
  ['cbrt', (x) => Math.cbrt(x), [a], Float64Array],
  ['hypot', (x, y) => Math.hypot(x, y), [a, b], Float64Array],
  ['tanh', (x) => Math.tanh(x), [a], Float64Array],
  ['black-scholes', price, [a], Float64Array],
  ['mandelbrot', escape, [plane], Float64Array],
  ['gamma', (x) => 255 * (x / 255) ** 2.2, [image], Uint8Array],
  ['threshold', (x) => (x > 128 ? 255 : 0), [image], Uint8Array],
  ['blend', (x, y) => x * 0.3 + y * 0.7, [image, image2], Uint8Array],
].filter(([name]) => options.only === undefined || name === options.only);

async function median(run) {
  const times = [];
  // Until V8 has compiled what is called.
  const begun = performance.now();
  let result = await run();
  while (performance.now() - begun < WARM_UP_MS) result = await run();
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    result = await run();
    times.push(performance.now() - start);
  }
  return { ms: times.sort((x, y) => x - y)[ROUNDS >> 1], result };
}

/** The loop as V8 compiles it, for a function of its own, so that no other case's types disturb it. */
function loopOf(fn, columns) {
  const names = columns.map((_, i) => `c${i}`);
  const args = names.length === 1 ? 'c0[i], i' : names.map((name) => `${name}[i]`).join(', ');
  return new Function('fn', ...names, 'out', `for (let i = 0; i < out.length; i++) out[i] = fn(${args});`).bind(
    null,
    fn,
    ...columns,
  );
}

function check(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i += 9973) sum += Number(values[i]);
  return sum;
}

function gcc(flags) {
  const folder = mkdtempSync(join(tmpdir(), 'manyhands-bench-'));
  try {
    const built = spawnSync('gcc', [
      '-O3',
      '-march=native',
      '-fopenmp',
      ...flags,
      join(here, 'kernels/native.c'),
      '-o',
      join(folder, 'native'),
      '-lm',
    ]);
    if (built.status !== 0) return undefined;
    const ran = spawnSync(join(folder, 'native'), [String(N)], {
      env: { ...process.env, OMP_NUM_THREADS: '2' },
      encoding: 'utf8',
    });
    return JSON.parse(ran.stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function python() {
  const ran = spawnSync(process.env.PYTHON ?? 'python3', [join(here, 'kernels/peers.py'), String(N)], {
    encoding: 'utf8',
  });
  return ran.status === 0 ? JSON.parse(ran.stdout) : undefined;
}

const pool = new Pool(2);
const rows = new Map();
for (const [name, fn, columns, Type] of CASES) {
  const row = {};
  rows.set(name, row);
  const { length } = columns[0];
  const [expected, out] = [new Type(length), new Type(length)];
  const loop = loopOf(fn, columns);
  row['V8 loop'] = (await median(() => loop(expected))).ms;
  const [column] = columns;
  if (columns.length === 1) row['typedArray.map'] = (await median(() => column.map(fn))).ms;
  const native = (given) =>
    columns.length === 1
      ? pool.map(fn, column, { engine: 'native', ...given })
      : pool.starmap(fn, zip(...columns), { engine: 'native', ...given });
  const exact = await median(() => native({ out }));
  row['native, out'] = exact.ms;
  for (let i = 0; i < length; i++)
    if (!Object.is(out[i], expected[i])) throw new Error(`${name}[${i}]: ${out[i]} is not ${expected[i]}`);
  if (columns.length === 1) row.native = (await median(() => native({}))).ms;
  row['native, fast'] = (await median(() => native({ out, math: 'fast' }))).ms;
  if (columns.length === 1 && Type === column.constructor)
    row['2 workers'] = (await median(() => pool.map(fn, column, { out, engine: 'workers' }))).ms;
  row.check = check(expected);
}
await pool.terminate();

for (const [label, flags] of [
  // Nobody looks at errno; without this, gcc calls a function for each square root.
  ['gcc', ['-fno-math-errno']],
  ['gcc -ffast-math', ['-ffast-math']],
]) {
  const measured = gcc(flags) ?? {};
  for (const [name, row] of rows) if (measured[name]) row[label] = measured[name].ms;
  for (const [name, row] of rows)
    if (
      measured[name] &&
      Math.abs(measured[name].check - row.check) > Math.abs(row.check) * 1e-9 + 1e-6 * (PIXELS / 9973)
    )
      console.error(`${label} has another answer for ${name}: ${measured[name].check}, not ${row.check}`);
}
for (const [name, engines] of Object.entries(python() ?? {})) {
  const row = rows.get(name);
  for (const [engine, { ms }] of row ? Object.entries(engines) : []) row[engine] = ms;
}

const COLUMNS = [
  'native, out',
  'native',
  'native, fast',
  'V8 loop',
  'typedArray.map',
  '2 workers',
  'gcc',
  'gcc -ffast-math',
  'numba',
  'numexpr',
  'numpy',
];
console.log(
  `${cpus()[0].model}, ${cpus().length} CPUs, Node ${process.version}, ${N} elements, median of ${ROUNDS}, ms\n`,
);
console.log(['case'.padEnd(14), ...COLUMNS.map((column) => column.padStart(15))].join(''));
for (const [name, row] of rows)
  console.log([name.padEnd(14), ...COLUMNS.map((column) => (row[column]?.toFixed(1) ?? '').padStart(15))].join(''));
if (options.json) writeFileSync(options.json, JSON.stringify(Object.fromEntries(rows), null, 2));
