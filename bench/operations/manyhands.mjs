// The rows of operations.mjs as we run them. Usage: node manyhands.mjs file threads; takes a turn for each name it reads. Needs
// `npm run build`.
import { ThreadPool, zip } from '../../dist/index.mjs';
import { takeTurnsByLine } from '../turns.mjs';
import { doublesOf } from './doubles.mjs';

const x = doublesOf(process.argv[2]);
const y = x.toReversed();
const out = new Float64Array(x.length);
const pool = new ThreadPool(Number(process.argv[3]));

const last = (array) => array.at(-1);
const middle = (array) => array[array.length >> 1];
// Compiled once, as those of the others are; what compiling costs is measured elsewhere.
const squaredDistance = (a, b) => (a - b) ** 2;
const isPositive = (v) => v > 0;
const rows = {
  sum: { run: () => pool.reduce('sum', x) },
  mean: { run: () => pool.reduce('mean', x) },
  variance: { run: () => pool.reduce('variance', x) },
  argmax: { run: () => pool.reduce('argmax', x) },
  'sum of (x - y) ** 2': { run: () => pool.mapReduce(squaredDistance, 'sum', zip(x, y)) },
  sort: { run: async () => middle(await pool.sort(x)) },
  'sort in place': { run: async () => middle(await pool.sort(out, { inPlace: true })), prepare: () => out.set(x) },
  'filter x > 0': { run: async () => (await pool.filter(isPositive, x)).length },
  'cumulative sum': { run: async () => last(await pool.scan('sum', x, { out })) },
  'histogram of 256': { run: async () => (await pool.histogram(x, { bins: 256, range: [-1, 1] })).counts[100] },
};

/** The map for a row whose name is an expression. */
function mapOf(expression) {
  const fn = new Function('x', `return ${expression}`);
  return { run: async () => middle(await pool.map(fn, x, { out, engine: 'native' })) };
}

await takeTurnsByLine((name) => {
  if (name.startsWith('Math.')) rows[name] ??= mapOf(name);
  return rows[name];
});
await pool.terminate();
