// Rows of operations.mjs by `typedArray.map`, where it can give them, in a process of their own. Usage: node maps.mjs file; takes
// a turn for each name it reads.
import { takeTurnsByLine } from '../turns.mjs';
import { doublesOf } from './doubles.mjs';

const x = doublesOf(process.argv[2]);
const y = x.toReversed();

const maps = {
  'sum of (x - y) ** 2': () => x.map((v, i) => (v - y[i]) ** 2).reduce((a, b) => a + b),
};

/** The map for a row whose name is an expression. */
function mapOf(expression) {
  const fn = new Function('x', `return ${expression}`);
  return () => x.map(fn)[x.length >> 1];
}

await takeTurnsByLine((name) => {
  if (name.startsWith('Math.')) maps[name] ??= mapOf(name);
  return Object.hasOwn(maps, name) ? { run: maps[name] } : undefined;
});
