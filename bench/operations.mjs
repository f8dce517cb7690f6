// Operations over 10 million numbers beside V8's loops, numpy, numba and a C loop, in turns, answers checked.
// Usage: node bench/operations.mjs [--quick] [--python path] [--json file] [part of a row's name ...]
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ThreadPool, zip } from '../dist/index.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    python: { type: 'string', default: process.env.PYTHON ?? 'python3' },
    json: { type: 'string' },
  },
});
const N = flags.quick ? 100_000 : 10_000_000;
const ROUNDS = flags.quick ? 2 : 9;
const THREADS = 2;
/** Before each measurement: the threads of OpenMP go on spinning for milliseconds after their work. */
const PAUSE_MS = 20;

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

/** A program that measures one row for each line it is sent, and answers `ms answer`, or `-` where it has no such row. */
class Rival {
  #child;
  #lines;

  constructor(command, args) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async measure(row) {
    await pause(PAUSE_MS);
    this.#child.stdin.write(`${row}\n`);
    const { value = '-' } = await this.#lines.next();
    const [ms, answer] = value.split(' ').map(Number);
    return Number.isFinite(ms) ? { ms, answer } : undefined;
  }

  end() {
    this.#child.stdin.end();
  }
}

const rivals = new Map();
for (const engine of ['numpy', 'numba']) {
  if (spawnSync(flags.python, ['-c', `import ${engine}`]).status !== 0) continue;
  rivals.set(engine, new Rival(flags.python, [new URL('operations.py', import.meta.url).pathname, engine, file]));
}
if (spawnSync('gcc', ['--version']).status === 0) {
  const binary = join(folder, 'limit');
  const source = new URL('operations.c', import.meta.url).pathname;
  execFileSync('gcc', ['-O3', '-march=native', '-ffast-math', '-fopenmp', source, '-o', binary, '-lm']);
  rivals.set('C', new Rival(binary, [file, String(THREADS)]));
}

/** Rows: what we do, what a loop in JavaScript does; both give one number to be compared. */
const last = (array) => array.at(-1);
const middle = (array) => array[array.length >> 1];
// Compiled once, as those of the others are; what compiling costs is measured elsewhere.
const squaredDistance = (a, b) => (a - b) ** 2;
const isPositive = (v) => v > 0;
const rows = {
  sum: [() => pool.reduce('sum', x), () => x.reduce((a, b) => a + b)],
  mean: [() => pool.reduce('mean', x), () => x.reduce((a, b) => a + b) / N],
  variance: [() => pool.reduce('variance', x), varianceLoop],
  argmax: [() => pool.reduce('argmax', x), argmaxLoop],
  'sum of (x - y) ** 2': [() => pool.mapReduce(squaredDistance, 'sum', zip(x, y)), distanceLoop],
  sort: [async () => middle(await pool.sort(x)), () => middle(x.slice().sort())],
  'sort in place': [async () => middle(await pool.sort(out, { inPlace: true })), undefined, () => out.set(x)],
  'filter x > 0': [async () => (await pool.filter(isPositive, x)).length, () => x.filter(isPositive).length],
  'cumulative sum': [async () => last(await pool.scan('sum', x, { out })), cumulativeLoop],
  'histogram of 256': [async () => (await pool.histogram(x, { bins: 256, range: [-1, 1] })).counts[100], histogramLoop],
};
for (const name of ['sin', 'exp', 'log', 'tan', 'cbrt', 'tanh', 'atan', 'pow']) {
  const call = name === 'pow' ? 'Math.abs(v) ** 1.7' : name === 'log' ? 'Math.log(Math.abs(v))' : `Math.${name}(v * 5)`;
  const fn = new Function('v', `return ${call}`);
  const loop = new Function('x', 'out', `for (let i = 0; i < x.length; i++) { const v = x[i]; out[i] = ${call}; }`);
  const sample = () => out[N >> 1];
  rows[call.replaceAll('v', 'x')] = [
    async () => (await pool.map(fn, x, { out, engine: 'native' }), sample()),
    () => (loop(x, out), sample()),
  ];
}

function varianceLoop() {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += x[i];
  let squares = 0;
  for (let i = 0; i < N; i++) squares += (x[i] - sum / N) ** 2;
  return squares / N;
}

function distanceLoop() {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += (x[i] - y[i]) ** 2;
  return sum;
}

function argmaxLoop() {
  let place = 0;
  for (let i = 1; i < N; i++) if (x[i] > x[place]) place = i;
  return place;
}

function cumulativeLoop() {
  let sum = 0;
  for (let i = 0; i < N; i++) out[i] = sum += x[i];
  return sum;
}

function histogramLoop() {
  const counts = new Float64Array(256);
  for (let i = 0; i < N; i++) counts[Math.min(255, Math.floor((x[i] + 1) * 128))]++;
  return counts[100];
}

async function timed(run, prepare) {
  prepare?.();
  await pause(PAUSE_MS);
  const begun = performance.now();
  const answer = await run();
  return { ms: performance.now() - begun, answer };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const engines = ['manyhands', 'V8 loop', ...rivals.keys()];
console.log(`${N} doubles, ${THREADS} threads, ${ROUNDS} rounds in turns; median ms (least)`);
console.log(['row'.padEnd(24), ...engines.map((name) => name.padStart(18))].join(''));
let wrong = 0;
const table = {};
for (const [name, [ours, loop, prepare]] of Object.entries(rows)) {
  if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
  const samples = Object.fromEntries(engines.map((engine) => [engine, []]));
  const answers = {};
  for (let round = 0; round < ROUNDS; round++) {
    const results = { manyhands: await timed(ours, prepare) };
    if (loop !== undefined) results['V8 loop'] = await timed(loop);
    for (const [engine, rival] of rivals) results[engine] = await rival.measure(name);
    for (const [engine, result] of Object.entries(results)) {
      // The first round compiles and warms up.
      if (result === undefined || (round === 0 && ROUNDS > 2)) continue;
      samples[engine].push(result.ms);
      answers[engine] = result.answer;
    }
  }
  for (const [engine, answer] of Object.entries(answers)) {
    const distance = Math.abs(answer - answers.manyhands) / Math.max(1e-300, Math.abs(answers.manyhands));
    if (distance > 1e-9) {
      wrong++;
      console.error(`${name}: ${engine} gives ${answer}, manyhands ${answers.manyhands}`);
    }
  }
  const shown = engines.map((engine) => {
    const values = samples[engine];
    return (values.length === 0 ? '' : `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)})`).padStart(18);
  });
  const measured = engines.filter((engine) => samples[engine].length > 0);
  table[name] = Object.fromEntries(measured.map((engine) => [engine, median(samples[engine])]));
  console.log([name.padEnd(24), ...shown].join(''));
}
for (const rival of rivals.values()) rival.end();
rmSync(folder, { recursive: true });
pool.close();
await pool.join();
if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(table));
process.exitCode = wrong === 0 ? 0 : 1;
