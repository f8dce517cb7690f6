// How time and memory of native operations grow from 10^3 to 10^8 doubles: ns for one element, MB beside arrays. Elements
// come from memory in calls of every size, which go on through one long array; collections of earlier results are counted.
// Usage: node bench/kernels/growth.mjs [--most 1e8] [--json file] [part of a case's name ...]; each case runs in a process of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ThreadPool } from '../../dist/index.mjs';
import { randomNumbers } from '../operations/doubles.mjs';
import { takeTurns } from '../turns.mjs';
import { answerOf, idlePool } from './alone.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    most: { type: 'string', default: '1e8' },
    json: { type: 'string' },
    alone: { type: 'string' },
    size: { type: 'string' },
  },
});
const THREADS = 2;
const ROUNDS = 9;
const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8].filter((size) => size <= Number(flags.most));
/** In one turn, which short calls share. */
const ELEMENTS = 1e8;
/** Calls that memory is measured of. */
const LARGE = SIZES.filter((size) => size >= 1e7);

const line = (v) => Math.sqrt(v) * 2 + 1;
const wave = (v) => Math.sin(v) * Math.exp(-v * v);
const half = (v) => v > 0.5;

/** What to do with `x`; `out` is as long, and what it gives beside that is counted as output. */
const CASES = {
  'Math.sqrt(x) * 2 + 1': (pool, x, out) => pool.map(line, x, { out, engine: 'native' }),
  'Math.sin(x) * Math.exp(-x * x)': (pool, x, out) => pool.map(wave, x, { out, engine: 'native' }),
  sum: (pool, x) => pool.reduce('sum', x),
  'sort in place': (pool, x, out) => pool.sort(out, { inPlace: true }),
  'filter x > 0.5': (pool, x) => pool.filter(half, x),
  'cumulative sum': (pool, x, out) => pool.scan('sum', x, { out }),
  'histogram of 256': (pool, x) => pool.histogram(x, { bins: 256, range: [0, 1] }),
};
/** What a call needs beforehand, which is not counted. */
const PREPARE = { 'sort in place': (x, out) => out.set(x) };

const resident = (field) =>
  Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status'))[1]) * 1024;

/** Bytes that the first call over `size` elements needs at once beside the arrays. */
async function beside(name, size) {
  const pool = await idlePool(THREADS);
  const x = randomNumbers(size);
  const out = x.slice();
  // Loads the rest and compiles.
  await CASES[name](pool, x.subarray(0, 1000), out.subarray(0, 1000));
  out.set(x);
  globalThis.gc();
  const before = resident('VmRSS');
  // Resets the greatest resident size of this process.
  writeFileSync('/proc/self/clear_refs', '5');
  const result = await CASES[name](pool, x, out);
  const given = result === out || !ArrayBuffer.isView(result) ? 0 : result.byteLength;
  const bytes = Math.max(0, resident('VmHWM') - before - given);
  await pool.terminate();
  return bytes;
}

/** Nanoseconds for one element at each size. Sizes take turns, since the machine may be twice as fast a second later. */
async function times(name) {
  const pool = new ThreadPool(THREADS);
  const all = randomNumbers(SIZES.at(-1));
  const target = new Float64Array(all.length);
  const contestant = (size) => {
    let start = 0;
    const call = async () => {
      if (start + size > all.length) start = 0;
      const [x, out] = [all, target].map((array) => array.subarray(start, start + size));
      start += size;
      PREPARE[name]?.(x, out);
      const begun = performance.now();
      await CASES[name](pool, x, out);
      return performance.now() - begun;
    };
    return async () => {
      // Wakes the threads, which a long call does not notice.
      if (size < all.length) await call();
      let [ms, calls] = [0, 0];
      for (; calls * size < ELEMENTS; calls++) ms += await call();
      return { ms: ms / calls };
    };
  };
  const contestants = Object.fromEntries(SIZES.map((size) => [`of ${size}`, contestant(size)]));
  const turns = Object.values(await takeTurns(contestants, ROUNDS));
  await pool.terminate();
  return SIZES.map((size, i) => (turns[i].ms / size) * 1e6);
}

/** The same in a process of its own. */
const alone = (name, ...more) =>
  answerOf(import.meta.url, ['--alone', name, '--most', flags.most, ...more], ['--expose-gc']);

if (flags.alone !== undefined) {
  const answer = flags.size === undefined ? await times(flags.alone) : await beside(flags.alone, Number(flags.size));
  console.log(JSON.stringify(answer));
} else {
  const table = {};
  const shown = (values) => values.map((value) => value.toFixed(3).padStart(12)).join('');
  const heads = [...SIZES, ...LARGE.map((size) => `MB at ${size.toExponential(0)}`)];
  console.log(`${'ns for one element of'.padEnd(32)}${heads.map((head) => String(head).padStart(12)).join('')}`);
  for (const name of Object.keys(CASES)) {
    if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
    const ns = alone(name);
    const bytes = LARGE.map((size) => alone(name, '--size', String(size)));
    table[name] = { ns, bytes };
    console.log(`${name.padEnd(32)}${shown(ns)}${shown(bytes.map((count) => count / 1e6))}`);
  }
  if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify({ sizes: SIZES, large: LARGE, table }));
}
