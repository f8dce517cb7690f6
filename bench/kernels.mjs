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
import { casesOf, check, loopOf, PIXELS } from './kernels/cases.mjs';
import { Rival, takeTurns, times, turn } from './turns.mjs';

const { values: options } = parseArgs({
  options: { elements: { type: 'string', default: '1e7' }, only: { type: 'string' }, json: { type: 'string' } },
});
const { Pool, zip } = createRequire(import.meta.url)('../dist/index.js');
const N = Number(options.elements);
const ROUNDS = 4;
const here = fileURLToPath(new URL('.', import.meta.url));
const cases = casesOf(N).filter(([name]) => options.only === undefined || name === options.only);

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
const inJavaScript = new Rival(process.execPath, [join(here, 'kernels/javascript.mjs'), String(N)]);

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

/** In a process of JavaScript that has none of our native calls. */
const ELSEWHERE = ['V8 loop', 'typedArray.map', '2 workers'];

async function contest([name, fn, columns, Type]) {
  const { length } = columns[0];
  const [expected, out] = [new Type(length), new Type(length)];
  const [column] = columns;
  const single = columns.length === 1;
  const native = (given) =>
    single
      ? pool.map(fn, column, { engine: 'native', ...given })
      : pool.starmap(fn, zip(...columns), { engine: 'native', ...given });
  loopOf(fn, columns)(expected);
  await native({ out });
  for (let i = 0; i < length; i++)
    if (!Object.is(out[i], expected[i])) throw new Error(`${name}[${i}]: ${out[i]} is not ${expected[i]}`);
  const ours = {
    'native, out': () => native({ out }),
    'native, fast': () => native({ out, math: 'fast' }),
    ...(single && { native: () => native({}) }),
  };
  const contestants = {};
  for (const engine of ENGINES) {
    if (engine in ours) contestants[engine] = () => turn(ours[engine]);
    else if (engine in rivals) contestants[engine] = () => rivals[engine].turn(name);
    else if (ELSEWHERE.includes(engine)) contestants[engine] = () => inJavaScript.turn(`${engine}, ${name}`);
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
for (const contended of cases) {
  const [name] = contended;
  const row = await contest(contended);
  const ratio = (engine) => (row[engine] ? times(row[engine], row['native, out']).toFixed(2) : '').padStart(9);
  const shown = ENGINES.map((engine) => (row[engine]?.ms.toFixed(2) ?? '').padStart(16));
  console.log([name.padEnd(14), ...shown, ratio('gcc'), ratio('numba')].join(''));
  rows[name] = row;
}
await pool.terminate();
for (const rival of [...Object.values(rivals), inJavaScript, inPython]) rival?.end();
rmSync(folder, { recursive: true });
if (options.json) writeFileSync(options.json, JSON.stringify(rows, null, 2));
