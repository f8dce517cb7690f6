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
import { Rival, takeTurns, times, turn } from './turns.mjs';

const { values: options } = parseArgs({
  options: { elements: { type: 'string', default: '1e7' }, only: { type: 'string' }, json: { type: 'string' } },
});
const { Pool, zip } = createRequire(import.meta.url)('../dist/index.js');
const N = Number(options.elements);
const PIXELS = 8_294_400;
const ROUNDS = 5;
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

const folder = mkdtempSync(join(tmpdir(), 'manyhands-bench-'));
const rivals = {};
for (const [label, flags] of [
  // Nobody looks at errno; without this, gcc calls a function for each square root.
  ['gcc', ['-fno-math-errno']],
  ['gcc -ffast-math', ['-ffast-math']],
]) {
  const binary = join(folder, label);
  const source = join(here, 'kernels/native.c');
  const built = spawnSync('gcc', ['-O3', '-march=native', '-fopenmp', ...flags, source, '-o', binary, '-lm']);
  if (built.status === 0) rivals[label] = new Rival(binary, [String(N)], { OMP_NUM_THREADS: '2' });
}
const python = process.env.PYTHON ?? 'python3';
const peers = ['numba', 'numexpr', 'numpy'].filter((name) => spawnSync(python, ['-c', `import ${name}`]).status === 0);
const inPython = peers.length > 0 ? new Rival(python, [join(here, 'kernels/peers.py'), String(N)]) : undefined;

const pool = new Pool(2);
/** In this order in each round: those that are compared most run next to each other. */
const ENGINES = [
  'gcc',
  'native, out',
  'numba',
  'gcc -ffast-math',
  'native, fast',
  'native',
  'V8 loop',
  'typedArray.map',
  '2 workers',
  'numexpr',
  'numpy',
];

async function contest([name, fn, columns, Type]) {
  const { length } = columns[0];
  const [expected, out] = [new Type(length), new Type(length)];
  const loop = loopOf(fn, columns);
  const [column] = columns;
  const single = columns.length === 1;
  const native = (given) =>
    single
      ? pool.map(fn, column, { engine: 'native', ...given })
      : pool.starmap(fn, zip(...columns), { engine: 'native', ...given });
  loop(expected);
  await native({ out });
  for (let i = 0; i < length; i++)
    if (!Object.is(out[i], expected[i])) throw new Error(`${name}[${i}]: ${out[i]} is not ${expected[i]}`);
  const ours = {
    'native, out': () => native({ out }),
    'native, fast': () => native({ out, math: 'fast' }),
    'V8 loop': () => loop(expected),
    ...(single && { native: () => native({}), 'typedArray.map': () => column.map(fn) }),
    ...(single &&
      Type === column.constructor && { '2 workers': () => pool.map(fn, column, { out, engine: 'workers' }) }),
  };
  const contestants = {};
  for (const engine of ENGINES) {
    if (engine in ours) contestants[engine] = () => turn(ours[engine]);
    else if (engine in rivals) contestants[engine] = () => rivals[engine].turn(name);
    else if (peers.includes(engine)) contestants[engine] = () => inPython.turn(`${engine} ${name}`);
  }
  const results = await takeTurns(contestants, ROUNDS);
  const right = check(expected);
  for (const [engine, { answer }] of Object.entries(results))
    if (typeof answer === 'number' && Math.abs(answer - right) > Math.abs(right) * 1e-9 + 1e-6 * (PIXELS / 9973))
      console.error(`${engine} has another answer for ${name}: ${answer}, not ${right}`);
  return results;
}

console.log(
  `${cpus()[0].model}, ${cpus().length} CPUs, Node ${process.version}, ${N} elements, ${ROUNDS} turns, median, ms\n`,
);
console.log(['case'.padEnd(14), ...ENGINES.map((engine) => engine.padStart(16)), '   gcc, numba / ours'].join(''));
const rows = {};
for (const contended of CASES) {
  const [name] = contended;
  const row = await contest(contended);
  const ratio = (engine) => (row[engine] ? times(row[engine], row['native, out']).toFixed(2) : '').padStart(9);
  const shown = ENGINES.map((engine) => (row[engine]?.ms.toFixed(2) ?? '').padStart(16));
  console.log([name.padEnd(14), ...shown, ratio('gcc'), ratio('numba')].join(''));
  rows[name] = row;
}
await pool.terminate();
for (const rival of [...Object.values(rivals), inPython]) rival?.end();
rmSync(folder, { recursive: true });
if (options.json) writeFileSync(options.json, JSON.stringify(rows, null, 2));
