// Loads what the first call over a typed array needs, step by step, while a pool has nothing to do: the parser, the compiler,
// and what V8 compiles of them when it first runs. Together they take some 20 ms, once in a process.
import { setTimeout } from '../memory/timers.js';

/** The usual parts of programs, and functions of `Math` that Node is asked about. */
const SAMPLE =
  '(x, y) => { const z = Math.exp(-x * x) * Math.sin(y); return x > y ? z / 3 : Math.sqrt(z) + Math.log(y) - 1; }';

const compiler = (): typeof import('./explain.js') => require('./explain.js') as typeof import('./explain.js');

let sample: Function;

/** Each blocks the event loop for less than ten milliseconds, and is short where its part has been needed before. */
const STEPS: readonly (() => void)[] = [
  () => void require('acorn'),
  () => void compiler(),
  () => void (sample = compiler().functionOf(SAMPLE)),
  () => void compiler().explain(sample),
  // Now it is known, which is found in another way.
  () => void compiler().explain(sample),
];

// Jest takes a file that is loaded after the end of a test for a mistake of the test, and loads all anew for each file.
let done = process.env['JEST_WORKER_ID'] === undefined ? 0 : STEPS.length;
let isWaiting = false;

/** Takes the steps that are left, one in each turn of the event loop, as long as `isIdle`; does not keep the program alive. */
export function prepareWhile(isIdle: () => boolean): void {
  if (isWaiting || done === STEPS.length) return;
  isWaiting = true;
  // An immediate that does not keep the program alive would wait for whatever wakes the event loop next.
  setTimeout(() => {
    isWaiting = false;
    if (!isIdle()) return;
    try {
      STEPS[done]?.();
      done += 1;
    } catch {
      // Nobody has asked for it: whoever does is told by the same error.
      done = STEPS.length;
    }
    prepareWhile(isIdle);
  }, 1).unref();
}
