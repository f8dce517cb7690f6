// Operations over 10 million numbers beside V8's loops, `typedArray.map`, numpy, numba and C, in turns, answers checked; each in a process of its own.
// Usage: node bench/operations.mjs [--quick] [--python path] [--json file] [part of a row's name ...]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeDoubles } from './operations/doubles.mjs';
import { Rival, takeTurns, times } from './turns.mjs';

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

const ROWS = [
  ...['sum', 'mean', 'variance', 'argmax', 'sum of (x - y) ** 2'],
  ...['sort', 'sort in place', 'filter x > 0', 'cumulative sum', 'histogram of 256'],
  ...['Math.sin(x * 5)', 'Math.exp(x * 5)', 'Math.log(Math.abs(x))', 'Math.tan(x * 5)'],
  ...['Math.cbrt(x * 5)', 'Math.tanh(x * 5)', 'Math.atan(x * 5)', 'Math.abs(x) ** 1.7'],
];

const folder = mkdtempSync(join(tmpdir(), 'operations-'));
const file = join(folder, 'x.bin');
writeDoubles(file, N);
const programs = fileURLToPath(new URL('operations/', import.meta.url));

const inNode = (program, env) => new Rival(process.execPath, [join(programs, program), file, String(THREADS)], env);
const inPython = (engine, env) => new Rival(flags.python, [join(programs, 'peers.py'), engine, file], env);
const contestants = new Map([
  ['manyhands', inNode('manyhands.mjs')],
  // numpy asks the system for such pages by itself; Node has to be told.
  ['large pages', inNode('manyhands.mjs', { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' })],
  ['V8 loop', inNode('loops.mjs')],
  ['typedArray.map', inNode('maps.mjs')],
]);
for (const engine of ['numpy', 'numba']) {
  if (spawnSync(flags.python, ['-c', `import ${engine}`]).status !== 0) continue;
  contestants.set(engine, inPython(engine));
}
if (spawnSync('gcc', ['--version']).status === 0) {
  const binary = join(folder, 'limit');
  const options = ['-O3', '-march=native', '-ffast-math', '-fopenmp'];
  execFileSync('gcc', [...options, join(programs, 'native.c'), '-o', binary, '-lm']);
  contestants.set('C', new Rival(binary, [file, String(THREADS)]));
}

/** On some machines numpy sorts several times as fast by AVX2 as by what it chooses. It is let choose the faster. */
const numpyByAvx2 = contestants.has('numpy')
  ? inPython('numpy', { NPY_DISABLE_CPU_FEATURES: 'X86_V4 AVX512_ICL AVX512_SPR', PYTHONWARNINGS: 'ignore' })
  : undefined;

async function withFasterSort(row) {
  if (numpyByAvx2 === undefined) return contestants;
  const [chosen, avx2] = [await contestants.get('numpy').turn(row), await numpyByAvx2.turn(row)];
  return avx2.ms < chosen.ms ? new Map([...contestants, ['numpy', numpyByAvx2]]) : contestants;
}

/** In this order in each round. */
const engines = ['C', 'manyhands', 'numba', 'large pages', 'numpy', 'V8 loop', 'typedArray.map'];
console.log(`${N} doubles, ${THREADS} threads, ${ROUNDS} turns; median ms (least)`);
console.log(['row'.padEnd(24), ...engines.map((name) => name.padStart(18))].join(''));
let wrong = 0;
const table = {};
for (const name of ROWS) {
  if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
  const those = name.startsWith('sort') ? await withFasterSort(name) : contestants;
  const turns = engines
    .filter((engine) => those.has(engine))
    .map((engine) => [engine, () => those.get(engine).turn(name)]);
  const results = await takeTurns(Object.fromEntries(turns), ROUNDS);
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
  const ratios = ['C', 'numba', 'numpy', 'typedArray.map'].filter((engine) => engine in results);
  const compared = ratios.map((engine) => `${engine} ${times(results[engine], results.manyhands).toFixed(2)}x`);
  if ('numba' in results)
    compared.push(`numba / large pages ${times(results.numba, results['large pages']).toFixed(2)}x`);
  console.log([name.padEnd(24), ...shown, '  ', compared.join(', ')].join(''));
  table[name] = results;
}
for (const program of [...contestants.values(), numpyByAvx2]) program?.end();
rmSync(folder, { recursive: true });
if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(table));
process.exitCode = wrong === 0 ? 0 : 1;
