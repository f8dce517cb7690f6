// The kernels of kernels.mjs as JavaScript runs them: as a loop, by `typedArray.map`, and on two workers, in a process of their
// own: what they leave to the collector of V8 is nobody else's to wait for. Usage: node javascript.mjs elements; takes a turn
// for each `engine, name` that it reads. Needs `npm run build`.
import { createRequire } from 'node:module';
import { takeTurnsByLine } from '../turns.mjs';
import { casesOf, check, loopOf, mapperOf } from './cases.mjs';

const { Pool, zip } = createRequire(import.meta.url)('../../dist/index.js');
const cases = new Map(casesOf(Number(process.argv[2])).map(([name, ...rest]) => [name, rest]));
const pool = new Pool(2);

const ENGINES = {
  'V8 loop': (fn, columns, Type) => {
    const [loop, out] = [loopOf(fn, columns), new Type(columns[0].length)];
    return { run: () => loop(out), answer: () => check(out) };
  },
  'typedArray.map': (fn, columns) => {
    const [map, column] = [mapperOf(fn, columns), columns[0]];
    let results;
    return { run: () => void (results = column.map(map)), answer: () => check(results) };
  },
  '2 workers': (fn, columns, Type) => {
    const [column, ...others] = columns;
    const given = { out: new Type(column.length), engine: 'workers' };
    const run = () =>
      others.length === 0 ? pool.map(fn, column, given) : pool.starmap(fn, zip(column, ...others), given);
    return { run, answer: () => check(given.out) };
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
