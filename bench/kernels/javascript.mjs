// The kernels of kernels.mjs as JavaScript runs them: as a loop, by `typedArray.map`, and on two workers, in a process of their
// own: what they leave to the collector of V8 is nobody else's to wait for. Usage: node javascript.mjs elements; takes a turn
// for each `engine, name` that it reads. Needs `npm run build`.
import { createRequire } from 'node:module';
import { takeTurnsByLine } from '../turns.mjs';
import { casesOf, check, loopOf } from './cases.mjs';

const { Pool } = createRequire(import.meta.url)('../../dist/index.js');
const cases = new Map(casesOf(Number(process.argv[2])).map(([name, ...rest]) => [name, rest]));
const pool = new Pool(2);

const ENGINES = {
  'V8 loop': (fn, columns, Type) => {
    const [loop, out] = [loopOf(fn, columns), new Type(columns[0].length)];
    return { run: () => loop(out), answer: () => check(out) };
  },
  'typedArray.map': (fn, [column, ...others]) => {
    let results;
    if (others.length > 0) return undefined;
    return { run: () => void (results = column.map(fn)), answer: () => check(results) };
  },
  '2 workers': (fn, [column, ...others], Type) => {
    if (others.length > 0 || Type !== column.constructor) return undefined;
    const out = new Type(column.length);
    return { run: () => pool.map(fn, column, { out, engine: 'workers' }), answer: () => check(out) };
  },
};

/** Rows of the case at hand: those of others are garbage. */
let [current, rows] = ['', {}];

await takeTurnsByLine((line) => {
  const [engine, name] = line.split(', ');
  if (name !== current) [current, rows] = [name, {}];
  if (!(engine in rows)) rows[engine] = ENGINES[engine](...cases.get(name));
  return rows[engine];
});
await pool.terminate();
