// The kernels that kernels.mjs times, and the numbers they run over.

/** Of an image; 10 million would be no usual one. */
export const PIXELS = 8_294_400;

const fill = (array, value) => {
  for (let i = 0; i < array.length; i++) array[i] = value(i);
  return array;
};
const erf = (x) => {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const y =
    1 -
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
  return x < 0 ? -y : y;
};
/** The price of a call by the formula of Black and Scholes. */
export const price = (s) => {
  const k = 5;
  const r = 0.02;
  const v = 0.3;
  const t = 1;
  const d1 = (Math.log(s / k) + (r + (v * v) / 2) * t) / (v * Math.sqrt(t));
  const d2 = d1 - v * Math.sqrt(t);
  return s * 0.5 * (1 + erf(d1 / Math.SQRT2)) - k * Math.exp(-r * t) * 0.5 * (1 + erf(d2 / Math.SQRT2));
};
const escape = (_, i) => {
  const cr = (i % 1000) / 400 - 2;
  const ci = Math.floor(i / 1000) / 400 - 1.25;
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

/** For so many elements: name, function, columns, type of the results. */
export function casesOf(N) {
  const a = fill(new Float64Array(N), (i) => (i + 1) * 1e-6);
  const b = fill(new Float64Array(N), (i) => (N - i) * 1e-6);
  const [p, q, w] = [1000, 777, 12345].map((m) => fill(new Int32Array(N), (i) => i % m));
  const [image, image2] = [7, 13].map((m) => fill(new Uint8Array(PIXELS), (i) => i * m));
  const plane = new Float64Array(1_000_000);

  return [
    ['sqrt', (x) => Math.sqrt(x) * 2 + 1, [a], Float64Array],
    ['poly', (x) => x * x * x * 0.3 - x * x + 2 * x - 7, [a], Float64Array],
    ['select', (x) => (x > 5 ? x * 2 : x / 3), [a], Float64Array],
    ['int32', (x, y, z) => x * y + z, [p, q, w], Int32Array],
    ['sinexp', (x) => Math.sin(x) * Math.exp(-x * x), [a], Float64Array],
    ['pow', (x) => x ** 1.7, [a], Float64Array],
    ['log', (x) => Math.log(x), [a], Float64Array],
    ['tan', (x) => Math.tan(x), [a], Float64Array],
    ['atan2', (x, y) => Math.atan2(x, y), [a, b], Float64Array],
    ['cbrt', (x) => Math.cbrt(x), [a], Float64Array],
    ['hypot', (x, y) => Math.hypot(x, y), [a, b], Float64Array],
    ['tanh', (x) => Math.tanh(x), [a], Float64Array],
    ['black-scholes', price, [a], Float64Array],
    ['mandelbrot', escape, [plane], Float64Array],
    ['gamma', (x) => 255 * (x / 255) ** 2.2, [image], Uint8Array],
    ['threshold', (x) => (x > 128 ? 255 : 0), [image], Uint8Array],
    ['blend', (x, y) => x * 0.3 + y * 0.7, [image, image2], Uint8Array],
  ];
}

/** A number to compare results by. */
export function check(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i += 9973) sum += Number(values[i]);
  return sum;
}

/** The loop as V8 compiles it, for a function of its own, so that no other case's types disturb it. */
export function loopOf(fn, columns) {
  const names = columns.map((_, i) => `c${i}`);
  const args = names.length === 1 ? 'c0[i], i' : names.map((name) => `${name}[i]`).join(', ');
  return new Function('fn', ...names, 'out', `for (let i = 0; i < out.length; i++) out[i] = fn(${args});`).bind(
    null,
    fn,
    ...columns,
  );
}

/** What `typedArray.map` of the first column takes: the function itself, or one that looks up the other columns. */
export function mapperOf(fn, [, ...others]) {
  if (others.length === 0) return fn;
  const names = others.map((_, i) => `c${i + 1}`);
  const args = ['x', ...names.map((name) => `${name}[i]`)].join(', ');
  return new Function('fn', ...names, `return (x, i) => fn(${args});`)(fn, ...others);
}
