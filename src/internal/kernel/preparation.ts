// Loads what the first call over a typed array needs, step by step, while a pool has nothing to do: the parser, the compiler,
// what V8 compiles of them when they first run, and the inspector. Together they take some 25 ms, once in a process.
import { later } from './later.js';

const compiler = (): typeof import('./explain.js') => require('./explain.js') as typeof import('./explain.js');

/** A step that compiles a function, and finds it again, which takes another way. */
function compiling(text: string): () => void {
  return () => {
    const sample = compiler().functionOf(text);
    for (let time = 0; time < 2; time++) compiler().explain(sample);
  };
}

/** What is left. Each step blocks the event loop for less than ten milliseconds, and is short where its part is loaded. */
const steps: (() => void)[] = [
  () => void require('acorn'),
  () => void compiler(),
  // The usual parts of programs, and functions of `Math` that Node is asked about.
  compiling('(x) => x * 2 + 1'),
  compiling(
    '(x, y) => { const z = Math.exp(-x * x) * Math.sin(y); return x > y ? z / 3 : Math.sqrt(z) + Math.log(y) - 1; }',
  ),
  compiling('(x) => { let y = x; for (let i = 0; i < 3; i++) y = (y + x / y) / 2; return y ** 1.5; }'),
  // For captured variables. It is not connected before there are some.
  () => void require('node:inspector'),
];

let isWaiting = false;

/** Takes the steps that are left, each in a turn of its own, as long as `isIdle` and none fails. */
export function prepareWhile(isIdle: () => boolean): void {
  if (isWaiting || steps.length === 0) return;
  isWaiting = true;
  later(() => {
    isWaiting = false;
    if (!isIdle()) return;
    steps.shift()?.();
    prepareWhile(isIdle);
  });
}
