// The rows of operations.mjs as loops and methods of JavaScript, in a process of their own: what they leave to the collector of
// V8 is nobody else's to wait for. Usage: node loops.mjs file; takes a turn for each name it reads.
import { takeTurnsByLine } from '../turns.mjs';
import { doublesOf } from './doubles.mjs';

const x = doublesOf(process.argv[2]);
const y = x.toReversed();
const out = new Float64Array(x.length);
const N = x.length;

const loops = {
  sum: () => x.reduce((a, b) => a + b),
  mean: () => x.reduce((a, b) => a + b) / N,
  variance: () => {
    let sum = 0;
    for (let i = 0; i < N; i++) sum += x[i];
    let squares = 0;
    for (let i = 0; i < N; i++) squares += (x[i] - sum / N) ** 2;
    return squares / N;
  },
  argmax: () => {
    let place = 0;
    for (let i = 1; i < N; i++) if (x[i] > x[place]) place = i;
    return place;
  },
  'sum of (x - y) ** 2': () => {
    let sum = 0;
    for (let i = 0; i < N; i++) sum += (x[i] - y[i]) ** 2;
    return sum;
  },
  sort: () => x.slice().sort()[N >> 1],
  'filter x > 0': () => x.filter((v) => v > 0).length,
  'cumulative sum': () => {
    let sum = 0;
    for (let i = 0; i < N; i++) out[i] = sum += x[i];
    return sum;
  },
  'histogram of 256': () => {
    const counts = new Float64Array(256);
    for (let i = 0; i < N; i++) counts[Math.min(255, Math.floor((x[i] + 1) * 128))]++;
    return counts[100];
  },
};

/** The loop for a row whose name is an expression. */
function loopOf(expression) {
  const loop = new Function(
    'xs',
    'out',
    `for (let i = 0; i < xs.length; i++) { const x = xs[i]; out[i] = ${expression}; }`,
  );
  return () => (loop(x, out), out[N >> 1]);
}

await takeTurnsByLine((name) => {
  if (name.startsWith('Math.')) loops[name] ??= loopOf(name);
  return name in loops ? { run: loops[name] } : undefined;
});
