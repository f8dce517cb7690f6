// Operations over 10 million numbers beside V8's loops, numpy, numba and a C loop, in turns, answers checked.
// Usage: node bench/operations.mjs [--quick] [--python path] [--json file] [part of a row's name ...]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ThreadPool, zip } from '../dist/index.mjs';
import { Rival, takeTurns, times, turn } from './turns.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    python: { type: 'string', default: process.env.PYTHON ?? 'python3' },
    json: { type: 'string' },
  },
});
const N = flags.quick ? 100_000 : 10_000_000;
const ROUNDS = flags.quick ? 2 : 4;
const THREADS = 2;

const x = new Float64Array(N);
let state = 0x9e3779b9;
for (let i = 0; i < N; i++) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  // In [-1, 1): half of them pass `x > 0`.
  x[i] = (state >>> 0) / 2 ** 31 - 1;
}
const folder = mkdtempSync(join(tmpdir(), 'operations-'));
const file = join(folder, 'x.bin');
writeFileSync(file, new Uint8Array(x.buffer));
const y = x.toReversed();
const out = new Float64Array(N);
const pool = new ThreadPool(THREADS);

const inPython = (engine, env) =>
  new Rival(flags.python, [new URL('operations.py', import.meta.url).pathname, engine, file], env);
const rivals = new Map();
for (const engine of ['numpy', 'numba']) {
  if (spawnSync(flags.python, ['-c', `import ${engine}`]).status !== 0) continue;
  rivals.set(engine, inPython(engine));
}
if (spawnSync('gcc', ['--version']).status === 0) {
  const binary = join(folder, 'limit');
  const source = new URL('operations.c', import.meta.url).pathname;
  execFileSync('gcc', ['-O3', '-march=native', '-ffast-math', '-fopenmp', source, '-o', binary, '-lm']);
  rivals.set('C', new Rival(binary, [file, String(THREADS)]));
}
rivals.set(
  'V8 loop',
  new Rival(process.execPath, [fileURLToPath(new URL('operations-loops.mjs', import.meta.url)), file]),
);

/** On some machines numpy sorts several times as fast by AVX2 as by what it chooses. It is let choose the faster. */
const numpyByAvx2 = rivals.has('numpy')
  ? inPython('numpy', { NPY_DISABLE_CPU_FEATURES: 'X86_V4 AVX512_ICL AVX512_SPR', PYTHONWARNINGS: 'ignore' })
  : undefined;

async function withFasterSort(row) {
  if (numpyByAvx2 === undefined) return rivals;
  const [chosen, avx2] = [await rivals.get('numpy').turn(row), await numpyByAvx2.turn(row)];
  return avx2.ms < chosen.ms ? new Map([...rivals, ['numpy', numpyByAvx2]]) : rivals;
}

/** Rows: what we do, which gives one number to be compared, and what goes before. */
const last = (array) => array.at(-1);
const middle = (array) => array[array.length >> 1];
// Compiled once, as those of the others are; what compiling costs is measured elsewhere.
const squaredDistance = (a, b) => (a - b) ** 2;
const isPositive = (v) => v > 0;
const rows = {
  sum: [() => pool.reduce('sum', x)],
  mean: [() => pool.reduce('mean', x)],
  variance: [() => pool.reduce('variance', x)],
  argmax: [() => pool.reduce('argmax', x)],
  'sum of (x - y) ** 2': [() => pool.mapReduce(squaredDistance, 'sum', zip(x, y))],
  sort: [async () => middle(await pool.sort(x))],
  'sort in place': [async () => middle(await pool.sort(out, { inPlace: true })), () => out.set(x)],
  'filter x > 0': [async () => (await pool.filter(isPositive, x)).length],
  'cumulative sum': [async () => last(await pool.scan('sum', x, { out }))],
  'histogram of 256': [async () => (await pool.histogram(x, { bins: 256, range: [-1, 1] })).counts[100]],
};
for (const name of ['sin', 'exp', 'log', 'tan', 'cbrt', 'tanh', 'atan', 'pow']) {
  const call = name === 'pow' ? 'Math.abs(x) ** 1.7' : name === 'log' ? 'Math.log(Math.abs(x))' : `Math.${name}(x * 5)`;
  const fn = new Function('x', `return ${call}`);
  rows[call] = [async () => middle(await pool.map(fn, x, { out, engine: 'native' }))];
}

const engines = ['C', 'manyhands', 'numba', 'numpy', 'V8 loop'];
console.log(`${N} doubles, ${THREADS} threads, ${ROUNDS} turns; median ms (least)`);
console.log(['row'.padEnd(24), ...engines.map((name) => name.padStart(18))].join(''));
let wrong = 0;
const table = {};
for (const [name, [ours, prepare]] of Object.entries(rows)) {
  if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
  const others = name.startsWith('sort') ? await withFasterSort(name) : rivals;
  const contestants = {};
  for (const engine of engines) {
    const rival = others.get(engine);
    if (engine === 'manyhands') contestants[engine] = () => turn(ours, prepare);
    else if (rival !== undefined) contestants[engine] = () => rival.turn(name);
  }
  const results = await takeTurns(contestants, ROUNDS);
  for (const [engine, { answer }] of Object.entries(results)) {
    const right = results.manyhands.answer;
    if (Math.abs(answer - right) > 1e-9 * Math.max(1e-300, Math.abs(right))) {
      wrong++;
      console.error(`${name}: ${engine} gives ${answer}, manyhands ${right}`);
    }
  }
  const shown = engines.map((engine) => {
    const { ms, turns } = results[engine] ?? {};
    return (ms === undefined ? '' : `${ms.toFixed(2)} (${Math.min(...turns).toFixed(2)})`).padStart(18);
  });
  const ratios = ['C', 'numba', 'numpy'].filter((engine) => engine in results);
  const compared = ratios.map((engine) => `${engine} ${times(results[engine], results.manyhands).toFixed(2)}x`);
  console.log([name.padEnd(24), ...shown, '  ', compared.join(', ')].join(''));
  table[name] = results;
}
for (const rival of [...rivals.values(), numpyByAvx2]) rival?.end();
rmSync(folder, { recursive: true });
pool.close();
await pool.join();
if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(table));
process.exitCode = wrong === 0 ? 0 : 1;
