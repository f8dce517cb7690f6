// Times kernels on one thread over 16,384 elements that stay in the caches: nanoseconds for one element, best of many runs,
// beside the same loop in V8. Usage: node bench/kernels/one-thread.mjs; needs `npm run build`. Every answer is checked.
import { createRequire } from 'node:module';
import { loopOf, price } from './cases.mjs';

const require = createRequire(import.meta.url);
const { compile, capturedArrays } = require('../../dist/internal/kernel/compile.js');
const { native } = require('../../dist/internal/native.js');

const N = 16_384;
const RUNS = 400;
const LIMIT_MS = 1500;
const [INT32, UINT8, FLOAT64] = [5, 1, 8];

const a = new Float64Array(N).map((_, i) => i * 0.0006 + 0.001);
const b = new Float64Array(N).map((_, i) => (N - i) * 0.0006);
const p = new Int32Array(N).map((_, i) => i % 1000);
const image = new Uint8Array(N).map((_, i) => i * 7);
const image2 = new Uint8Array(N).map((_, i) => i * 13);

const escape = (_, i) => {
  const cr = (i % 1000) / 400 - 2;
  const ci = Math.floor(i / 128) / 51.2 - 1.25;
  let zr = 0;
  let zi = 0;
  let n = 0;
  while (n < 100 && zr * zr + zi * zi <= 4) {
    const t = zr * zr - zi * zi + cr;
    zi = 2 * zr * zi + ci;
    zr = t;
    n++;
  }
  return n;
};

/** Name, function, columns, their kinds, type of the results. */
const CASES = [
  ['sqrt(x) * 2 + 1', (x) => Math.sqrt(x) * 2 + 1, [a], [FLOAT64]],
  ['x * x * x * 0.3 - x * x + 2 * x - 7', (x) => x * x * x * 0.3 - x * x + 2 * x - 7, [a], [FLOAT64]],
  ['x > 5 ? x * 2 : x / 3', (x) => (x > 5 ? x * 2 : x / 3), [a], [FLOAT64]],
  ['int32 a * b + c', (x, y, z) => x * y + z, [p, p, p], [INT32, INT32, INT32], Int32Array],
  ['sin(x) * exp(-x * x)', (x) => Math.sin(x) * Math.exp(-x * x), [a], [FLOAT64]],
  ['x ** 1.7', (x) => x ** 1.7, [a], [FLOAT64]],
  ['log(x)', (x) => Math.log(x), [a], [FLOAT64]],
  ['tan(x)', (x) => Math.tan(x), [a], [FLOAT64]],
  ['atan2(a, b)', (x, y) => Math.atan2(x, y), [a, b], [FLOAT64, FLOAT64]],
  ['cbrt(x)', (x) => Math.cbrt(x), [a], [FLOAT64]],
  ['hypot(a, b)', (x, y) => Math.hypot(x, y), [a, b], [FLOAT64, FLOAT64]],
  ['tanh(x)', (x) => Math.tanh(x), [a], [FLOAT64]],
  ['Black-Scholes', price, [a], [FLOAT64]],
  ['Mandelbrot', escape, [a], [FLOAT64, 'index']],
  ['blend of two images', (x, y) => x * 0.3 + y * 0.7, [image, image2], [UINT8, UINT8], Uint8Array],
];

function best(run) {
  let least = Infinity;
  const end = performance.now() + LIMIT_MS;
  for (let i = 0; i < RUNS && performance.now() < end; i++) {
    const start = process.hrtime.bigint();
    run();
    least = Math.min(least, Number(process.hrtime.bigint() - start));
  }
  return least / N;
}

const cells = (name, ...numbers) =>
  [name.padEnd(36), ...numbers.map((number) => number.toString().padStart(9))].join('');
console.log(cells('function', 'V8 loop', 'native', 'fast', 'ratio'));
for (const [name, fn, columns, kinds, Type = Float64Array] of CASES) {
  const [out, spare, expected] = [new Type(N), new Type(N), new Type(N)];
  const loop = loopOf(fn, columns);
  const inV8 = best(() => loop(expected));
  const timed = [false, true].map((fast) => {
    const kernel = compile(fn, kinds, 'stored', fast);
    return best(() => native().kernelMap(kernel.program, fast ? spare : out, columns, capturedArrays(kernel)));
  });
  const differs = out.findIndex((value, i) => !Object.is(value, expected[i]));
  if (differs !== -1) throw new Error(`${name}[${differs}]: ${out[differs]} is not ${expected[differs]}`);
  console.log(cells(name, inV8.toFixed(2), timed[0].toFixed(2), timed[1].toFixed(2), (inV8 / timed[0]).toFixed(1)));
}
