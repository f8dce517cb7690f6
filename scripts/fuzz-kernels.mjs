// Compares random functions of the numeric subset with this Node's own `map`, bit by bit, at every level of instructions.
// `npm run fuzz:kernels -- [--count 1e9] [--seed 1] [--json] [--edges]`; a failing function is made smaller and printed.
// --edges first crosses every operator, function and pair of types with the table of edge values.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { runInThisContext } from 'node:vm';
import { EDGES, Generator, print, Random, shrink } from './kernel-programs.mjs';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '1e9' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    edges: { type: 'boolean', default: false },
    // Multiplications and additions fused, which the comparison must notice.
    fused: { type: 'boolean', default: false },
  },
});
const require = createRequire(import.meta.url);
const { native } = require('../dist/internal/native.js');
const { compile, capturedArrays, forceLevel } = require('../dist/internal/kernel/compile.js');
const addon = native();

const CLASSES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
];
const BIG = [BigInt64Array, BigUint64Array];
const NUMBER = new Map([...CLASSES, ...BIG].map((type, number) => [type, number]));
const BIG_EDGES = [
  0n,
  1n,
  -1n,
  2n,
  255n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  1234567890123456789n,
];

const k = 2.5;
const b = 987654321987654321n;
const w = Float64Array.of(0, -0, 1.5, NaN, Infinity, -3, 1e300, 5e-324);
const u = Uint8Array.of(9, 200, 0, 255);
const h = (a) => (a > k ? a - k : a * 2);
const captured = { k, b, w, u, h };

function column(type, random, length) {
  const edges = type === BigInt64Array || type === BigUint64Array ? BIG_EDGES : EDGES;
  const array = new type(length);
  for (let i = 0; i < length; i++) {
    const roll = random.below(4);
    array[i] =
      roll > 0 || edges === BIG_EDGES
        ? random.pick(edges)
        : random.chance(0.5)
          ? random.next() * 20 - 10
          : random.below(300);
  }
  return array;
}

const functionOf = (source) => runInThisContext(`(k, b, w, u, h) => (${source}\n)`)(k, b, w, u, h);

const levels = Array.from({ length: addon.kernelLevel() + 1 }, (_, level) => level);

/** The first difference between native code and this Node, or why it was not compiled, or nothing. */
function compare(source, x, y, target) {
  let fn;
  try {
    fn = functionOf(source);
  } catch {
    return { refused: 'no function' };
  }
  if (typeof fn !== 'function') return { refused: 'no function' };
  const expected = new target(x.length);
  let begun = false;
  for (const level of levels) {
    forceLevel(level);
    const compiled = compile(
      fn,
      [NUMBER.get(x.constructor), NUMBER.get(y.constructor)],
      'stored',
      options.fused,
      captured,
    );
    if ('reason' in compiled) return { refused: compiled.reason };
    if (!compiled.exact && !options.fused) return { refused: 'a function with other bits than this Node' };
    if ((compiled.gives === 'bigint') !== BIG.includes(target)) return { refused: 'another type' };
    if (!begun) {
      begun = true;
      for (let i = 0; i < x.length; i++) expected[i] = fn(x[i], y[i]);
    }
    const got = new target(x.length);
    addon.kernelMap(
      compiled.program,
      got,
      compiled.columns.map((i) => (i === 0 ? x : y)),
      capturedArrays(compiled),
    );
    for (let i = 0; i < x.length; i++)
      if (!Object.is(got[i], expected[i]))
        return { level, i, x: x[i], y: y[i], got: got[i], expected: expected[i], target: target.name };
  }
  return {};
}

const count = Number(options.count);
const summary = { count: 0, compiled: 0, refused: {}, failures: [] };

const OPERATORS = '+ - * / % ** & | ^ << >> >>> < <= > >= === !== == != && ||'.split(' ');
const OF_ONE =
  'abs sqrt floor ceil trunc round sign fround clz32 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp expm1 log log1p log2 log10 cbrt hypot min max'.split(
    ' ',
  );
const OF_TWO = 'min max imul atan2 hypot pow'.split(' ');
const FORMS = [
  ...OPERATORS.map((operator) => [`(x, y) => x ${operator} y`, true]),
  ...OF_TWO.map((name) => [`(x, y) => Math.${name}(x, y)`, true]),
  ['(x, y) => Math.hypot(x, y, 3)', true],
  ['(x, y) => (x ?? y)', true],
  ['(x, y) => u[x] ?? y', true],
  ...OF_ONE.map((name) => [`(x) => Math.${name}(x)`, false]),
  ...'-x +x ~x !x x|0 x>>>0 x**2 x**0.5 x**-1 x/2 x/3 x%3 x*2-1 w[x] x?1:2'
    .split(' ')
    .map((text) => [`(x) => ${text}`, false]),
  ...'Number.isNaN Number.isFinite Number.isInteger Number.isSafeInteger isNaN isFinite Boolean Number'
    .split(' ')
    .map((name) => [`(x) => ${name}(x)`, false]),
];
const BIG_FORMS = '+ - * & | ^ < <= > >= === !=='.split(' ').map((operator) => `(x, y) => x ${operator} y`);

/** Every pair of values in two columns; of one value, the same table in both. */
function crossed(first, second, values, pairs) {
  const length = pairs ? values.length ** 2 : values.length;
  const [x, y] = [new first(length), new second(length)];
  for (let i = 0; i < length; i++) {
    x[i] = values[pairs ? Math.floor(i / values.length) : i];
    y[i] = values[i % values.length];
  }
  return [x, y];
}

function record(source, types, result) {
  summary.count += 1;
  if (result.refused !== undefined) summary.refused[result.refused] = (summary.refused[result.refused] ?? 0) + 1;
  else summary.compiled += 1;
  if (result.level === undefined) return;
  summary.failures.push({ types, source, ...result });
  if (!options.json) console.log(types.join(' '), source, result);
}

function crossEdges() {
  for (const [source, pairs] of FORMS)
    for (const first of CLASSES)
      for (const second of pairs ? CLASSES : [first]) {
        const [x, y] = crossed(first, second, EDGES, pairs);
        record(source, [first.name, second.name], compare(source, x, y, Float64Array));
      }
  // Every lane into every type: doubles, int32, uint32, booleans.
  for (const source of ['(x) => x', '(x) => x * 1.5', '(x) => x | 0', '(x) => x >>> 0', '(x) => x > 1'])
    for (const first of CLASSES)
      for (const target of CLASSES) {
        const [x, y] = crossed(first, first, EDGES, false);
        record(source, [first.name, target.name], compare(source, x, y, target));
      }
  for (const source of BIG_FORMS)
    for (const first of BIG)
      for (const target of [...BIG, Float64Array]) {
        const [x, y] = crossed(first, first, BIG_EDGES, true);
        record(source, [first.name, target.name], compare(source, x, y, target));
      }
}

if (options.edges) crossEdges();
const total = summary.count + count;
for (let seed = Number(options.seed); summary.count < total && summary.failures.length < 5; seed++) {
  const random = new Random(seed);
  const bigints = random.chance(0.08);
  const tree = new Generator(random, { bigints }).program();
  const types = bigints
    ? [random.pick(BIG), random.pick(BIG), random.pick(BIG)]
    : Array.from({ length: 3 }, () => (random.chance(0.5) ? Float64Array : random.pick(CLASSES)));
  const length = random.pick([1, 31, 32, 33, 100, 256, 300]);
  const [x, y] = [column(types[0], random, length), column(types[1], random, length)];
  const source = print(tree);
  let result;
  try {
    result = compare(source, x, y, types[2]);
  } catch (error) {
    result = { crash: error.stack };
  }
  summary.count += 1;
  if (result.refused !== undefined) summary.refused[result.refused] = (summary.refused[result.refused] ?? 0) + 1;
  else summary.compiled += 1;
  if (result.level === undefined && result.crash === undefined) continue;
  const fails = (text) => {
    try {
      return compare(text, x, y, types[2]).level !== undefined;
    } catch {
      return result.crash !== undefined;
    }
  };
  const small = print(shrink(tree, fails));
  let shown = result;
  try {
    shown = compare(small, x, y, types[2]);
  } catch (error) {
    shown = { crash: error.stack };
  }
  summary.failures.push({ seed, types: types.map(({ name }) => name), source: small, ...shown });
  if (!options.json) console.log(`seed ${seed}`, types.map(({ name }) => name).join(' '), `\n${small}\n`, shown);
}
if (options.json)
  console.log(
    JSON.stringify(summary, (_, value) =>
      typeof value === 'bigint'
        ? `${value}n`
        : Number.isNaN(value) || Math.abs(value) === Infinity || Object.is(value, -0)
          ? String(Object.is(value, -0) ? '-0' : value)
          : value,
    ),
  );
else
  console.log(
    `${summary.count} functions, ${summary.compiled} compiled, ${summary.failures.length} failed`,
    summary.refused,
  );
process.exitCode = summary.failures.length > 0 ? 1 : 0;
