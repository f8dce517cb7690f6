// Compares the native mathematical functions with Math of the Node that runs it, bit by bit, at every level of instructions.
// `node scripts/check-math.mjs [--count 1e8] [--seed 1] [--only sin] [--level 2] [--float32] [--json]`; --float32 takes all
// floats: minutes for each function at one level, much more at level 0, which has no vectors.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { runInThisContext } from 'node:vm';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '1e6' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    level: { type: 'string' },
    float32: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const { native } = createRequire(import.meta.url)('../dist/internal/native.js');
const addon = native();

const FUNCTIONS =
  'sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp expm1 log log1p log2 log10 cbrt pow atan2'.split(
    ' ',
  );
const OF_TWO = new Set(['pow', 'atan2']);
// Where most arguments of real programs lie; a share of the random ones is drawn from here.
const USUAL = {
  sin: 1e6,
  cos: 1e6,
  tan: 1e6,
  asin: 1,
  acos: 1,
  atanh: 1,
  sinh: 30,
  cosh: 30,
  tanh: 25,
  exp: 750,
  expm1: 750,
};
const CHUNK = 1 << 16;

const edges = [
  0, 0.25, 0.3, 1 / 3, 0.4375, 0.5, 0.6744, 0.6875, 0.75, 0.78125, 0.975, 1, 1.1875, 1.5, 2, 2.4375, 3, 4, 5, 7, 8, 10, 20, 22,
  32, 38.8, 52, 100, 1000, 1e5, 1e10, 1e15, 1e22, 1e100, 1e300, Math.PI / 4, Math.PI / 2, Math.PI, 3 * Math.PI / 4,
  5 * Math.PI / 4, 1000 * Math.PI, Math.E, Math.LN2 / 2, Math.LN2, 1.5 * Math.LN2, Math.SQRT2, Math.SQRT1_2,
  Math.SQRT2 - 1, 1 - Math.SQRT1_2, 708, 709.782712893384, 710.4758600739439, 745.1332191019411, 823549.6, 1024, 1074,
  2 ** -1, 2 ** -20, 2 ** -27, 2 ** -28, 2 ** -29, 2 ** -54, 2 ** -57, 2 ** 19, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 52,
  2 ** 53, 2 ** 60, 2 ** 64, 2 ** 66, 2 ** -1022, 2 ** -1074, Number.MAX_VALUE, Infinity, NaN,
]; // prettier-ignore

/** Each edge with its neighbours, of both signs. */
function aroundEdges() {
  const number = new Float64Array(1);
  const bits = new BigInt64Array(number.buffer);
  const all = new Set();
  for (const edge of edges) {
    for (const step of [0n, 1n, -1n]) {
      number[0] = edge;
      if (Number.isFinite(edge) && bits[0] + step >= 0n) bits[0] += step;
      all.add(number[0]).add(-number[0]);
    }
  }
  return [...all, -0];
}

/** xorshift128, so that a seed gives the same arguments everywhere. */
function generator(seed) {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed | 1];
  const next = () => {
    let t = d;
    [d, c, b] = [c, b, a];
    t ^= t << 11;
    t ^= t >>> 8;
    a = t ^ a ^ (a >>> 19);
    return a >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/** Random arguments: any bits, the usual range, around one, integers and halves. */
function filler(name, next) {
  const usual = USUAL[name] ?? 10;
  const words = new Uint32Array(2);
  const number = new Float64Array(words.buffer);
  const one = (kind) => {
    words[0] = next();
    words[1] = next();
    if (kind === 0) return number[0];
    if (kind === 1) return (words[1] / 2 ** 31 - 1 + words[0] / 2 ** 63) * usual;
    if (kind === 2) return (words[1] >> 20) / 2;
    words[1] = (words[1] & 0x80ffffff) | 0x3f000000;
    return number[0];
  };
  return (x, y) => {
    for (let i = 0; i < x.length; i++) {
      x[i] = one(i & 3);
      y[i] = one((i >> 2) & 3);
    }
  };
}

function* batches(name) {
  const special = aroundEdges();
  if (OF_TWO.has(name)) {
    for (const first of special) {
      yield [new Float64Array(special.length).fill(first), Float64Array.from(special)];
    }
  } else {
    yield [Float64Array.from(special), new Float64Array(special.length)];
  }
  const x = new Float64Array(CHUNK);
  const y = new Float64Array(CHUNK);
  if (options.float32 && !OF_TWO.has(name)) {
    const words = new Uint32Array(CHUNK);
    const floats = new Float32Array(words.buffer);
    for (let start = 0; start < 2 ** 32; start += CHUNK) {
      for (let i = 0; i < CHUNK; i++) words[i] = start + i;
      x.set(floats);
      yield [x, y];
    }
    return;
  }
  const fill = filler(name, generator(Number(options.seed)));
  for (let done = 0; done < Number(options.count); done += CHUNK) {
    fill(x, y);
    yield [x, y];
  }
}

// One function object per name, so that V8 optimises each call site for itself, as in a user's loop.
const reference = (name) =>
  runInThisContext(
    `(x, y, out) => { for (let i = 0; i < x.length; i++) out[i] = Math.${name}(x[i]${OF_TWO.has(name) ? ', y[i]' : ''}); }`,
  );

function compare(name) {
  const all = Array.from({ length: addon.kernelLevel() + 1 }, (_, level) => level);
  const levels = options.level === undefined ? all : [Number(options.level)];
  const found = { name, compared: 0, differing: {}, examples: [] };
  const run = reference(name);
  const buffers = [new Float64Array(CHUNK), new Float64Array(CHUNK)];
  for (const [x, y] of batches(name)) {
    const [expected, out] = buffers.map((buffer) => buffer.subarray(0, x.length));
    run(x, y, expected);
    found.compared += x.length;
    for (const variant of [0, 1]) {
      for (const level of levels) {
        if (!addon.evaluateMath(FUNCTIONS.indexOf(name), variant, level, x, y, out)) continue;
        const key = `variant ${variant} level ${level}`;
        found.differing[key] ??= 0;
        for (let i = 0; i < x.length; i++) {
          if (Object.is(out[i], expected[i])) continue;
          found.differing[key]++;
          if (found.examples.length < 5)
            found.examples.push({ key, x: x[i], y: y[i], got: out[i], expected: expected[i] });
        }
      }
    }
  }
  return found;
}

const results = FUNCTIONS.filter((name) => options.only === undefined || name === options.only).map((name) => {
  const result = compare(name);
  if (!options.json) console.log(name.padEnd(6), result.compared, JSON.stringify(result.differing));
  return result;
});
if (options.json) console.log(JSON.stringify(results));
