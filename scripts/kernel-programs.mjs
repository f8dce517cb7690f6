// Makes random functions of the numeric subset as trees, prints them, and makes failing ones smaller.

/** A repeatable source of random numbers (xorshift32). */
export class Random {
  constructor(seed) {
    this.state = (Math.imul(seed, 0x9e3779b9) ^ 0x6a09e667) >>> 0 || 1;
  }

  next() {
    this.state ^= this.state << 13;
    this.state >>>= 0;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state / 4294967296;
  }

  below(n) {
    return Math.floor(this.next() * n);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  chance(p) {
    return this.next() < p;
  }
}

export const EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  0.49999999999999994,
  3,
  7,
  -7,
  10,
  100,
  127,
  128,
  -128,
  -129,
  255,
  255.5,
  256,
  32767,
  32768,
  65535,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 52,
  2 ** 52 + 0.5,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  2 ** 63,
  1e10,
  1e20,
  1e300,
  -1e300,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1e-310,
  1.7976931348623157e308,
  NaN,
  Infinity,
  -Infinity,
  0.1,
  Math.PI,
  -Math.E,
  709.8,
  -745.2,
];

const CONSTANTS = [
  '0',
  '-0',
  '1',
  '2',
  '3',
  '0.5',
  '-1',
  '7',
  '10',
  '255',
  '256',
  '31',
  '1.7',
  '2147483648',
  '4294967295',
  '1e300',
  '5e-324',
  'NaN',
  'Infinity',
  '-Infinity',
  '0.1',
  'Math.PI',
  'Number.EPSILON',
];
const ARITHMETIC = ['+', '-', '*', '/', '%', '+', '-', '*'];
const BITS = ['&', '|', '^', '<<', '>>', '>>>'];
const COMPARISONS = ['<', '<=', '>', '>=', '===', '!==', '==', '!='];
const EXACT = ['abs', 'sqrt', 'floor', 'ceil', 'trunc', 'round', 'sign', 'fround', 'clz32'];
const CURVES = [
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'cbrt',
];
const TESTS = ['Number.isNaN', 'Number.isFinite', 'Number.isInteger', 'Number.isSafeInteger', 'isNaN', 'isFinite'];

const leaf = (text) => ({ text, parts: [], make: () => text });
const node = (parts, make) => ({ parts, make });

/** One random function: `{ parts, make }` all the way down. */
export class Generator {
  constructor(random, { bigints = false } = {}) {
    this.random = random;
    this.bigints = bigints;
    this.locals = [];
    this.fixed = [];
    this.names = 0;
    this.loops = 0;
  }

  program() {
    const { random } = this;
    if (this.bigints) return node([this.big(4)], (a) => `(x, y) => ${a}`);
    if (random.chance(0.4)) return node([this.number(5)], (a) => `(x, y) => ${a}`);
    const statements = this.statements(2 + random.below(4), 2);
    return node([statements, this.number(3)], (body, last) => `(x, y) => {\n${body}return ${last};\n}`);
  }

  number(depth) {
    const { random } = this;
    if (depth <= 0 || random.chance(0.12)) return this.atom();
    const sub = () => this.number(depth - 1);
    switch (random.below(22)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5: {
        const operator = random.pick(ARITHMETIC);
        return node([sub(), sub()], (a, b) => `(${a} ${operator} ${b})`);
      }
      case 6:
      case 7: {
        const operator = random.pick(BITS);
        return node([sub(), sub()], (a, b) => `(${a} ${operator} ${b})`);
      }
      case 8:
        return node([sub()], (a) => `(-(${a}))`);
      case 9:
        return node([sub()], (a) => `(~(${a}))`);
      case 10: {
        const name = random.pick(EXACT);
        return node([sub()], (a) => `Math.${name}(${a})`);
      }
      case 11: {
        const name = random.pick(CURVES);
        return node([sub()], (a) => `Math.${name}(${a})`);
      }
      case 12: {
        const name = random.pick(['min', 'max', 'imul', 'atan2', 'hypot', 'pow']);
        return node([sub(), sub()], (a, b) => `Math.${name}(${a}, ${b})`);
      }
      case 13: {
        const name = random.pick(['min', 'max', 'hypot']);
        return node([sub(), sub(), sub()], (a, b, c) => `Math.${name}(${a}, ${b}, ${c})`);
      }
      case 14:
        return node([sub(), random.chance(0.4) ? leaf('2') : sub()], (a, b) => `((${a}) ** (${b}))`);
      case 15:
      case 16:
        return node([this.condition(depth - 1), sub(), sub()], (c, a, b) => `(${c} ? ${a} : ${b})`);
      case 17: {
        const operator = random.pick(['&&', '||']);
        return node([sub(), sub()], (a, b) => `(${a} ${operator} ${b})`);
      }
      case 18:
        return random.chance(0.5)
          ? node([sub()], (a) => `w[(${a}) & 7]`)
          : // Truths are names of properties, of which an array has none.
            node([random.chance(0.1) ? this.condition(1) : sub(), sub()], (a, b) => `(u[${a}] ?? ${b})`);
      case 19:
        return node([sub()], (a) => `h(${a})`);
      case 20:
        return node([this.condition(depth - 1), sub()], (c, a) => `(+(${c}) + ${a})`);
      default:
        return node([sub()], (a) => `(${a} | 0)`);
    }
  }

  atom() {
    const { random } = this;
    const names = [...this.locals, ...this.fixed];
    const roll = random.below(10);
    if (roll < 4) return leaf('x');
    if (roll < 5) return leaf('y');
    if (roll < 7 && names.length > 0) return leaf(random.pick(names));
    if (roll < 8) return leaf('k');
    return leaf(`(${random.pick(CONSTANTS)})`);
  }

  condition(depth) {
    const { random } = this;
    if (depth <= 0 || random.chance(0.6)) {
      const operator = random.pick(COMPARISONS);
      return node([this.number(depth - 1), this.number(depth - 1)], (a, b) => `(${a} ${operator} ${b})`);
    }
    switch (random.below(4)) {
      case 0:
        return node([this.condition(depth - 1)], (c) => `!${c}`);
      case 1: {
        const operator = random.pick(['&&', '||']);
        return node([this.condition(depth - 1), this.condition(depth - 1)], (a, b) => `(${a} ${operator} ${b})`);
      }
      case 2: {
        const name = random.pick(TESTS);
        return node([this.number(depth - 1)], (a) => `${name}(${a})`);
      }
      default:
        return node([this.number(depth - 1)], (a) => `(!!(${a}))`);
    }
  }

  statements(count, depth) {
    const list = [];
    const { length } = this.locals;
    const fixed = this.fixed.length;
    for (let i = 0; i < count; i++) list.push(this.statement(depth));
    this.locals.length = depth === 2 ? this.locals.length : length;
    this.fixed.length = depth === 2 ? this.fixed.length : fixed;
    return node(list, (...texts) => texts.join(''));
  }

  statement(depth) {
    const { random } = this;
    const roll = random.below(12);
    if (roll < 3 || this.locals.length === 0) {
      const name = `v${this.names++}`;
      const value = this.number(3);
      this.locals.push(name);
      return node([value], (a) => `let ${name} = ${a};\n`);
    }
    if (roll < 5) {
      const name = random.pick(this.locals);
      const operator = random.pick(['=', '+=', '-=', '*=', '|=', '^=', '&&=', '||=']);
      return node([this.number(3)], (a) => `${name} ${operator} ${a};\n`);
    }
    if (roll < 7 && depth > 0)
      return node(
        [
          this.condition(2),
          this.statements(1 + random.below(2), depth - 1),
          this.statements(random.below(2), depth - 1),
        ],
        (c, a, b) => (b === '' ? `if (${c}) {\n${a}}\n` : `if (${c}) {\n${a}} else {\n${b}}\n`),
      );
    if (roll < 8) return node([this.condition(2), this.number(2)], (c, a) => `if (${c}) return ${a};\n`);
    if (roll < 9 && this.loops > 0) {
      const jump = random.pick(['break', 'continue']);
      return node([this.condition(2)], (c) => `if (${c}) ${jump};\n`);
    }
    if (depth > 0 && this.loops < 2) {
      const i = `i${this.names++}`;
      this.loops += 1;
      this.fixed.push(i);
      const body = this.statements(1 + random.below(2), depth - 1);
      const limit = this.condition(1);
      this.fixed.splice(this.fixed.indexOf(i), 1);
      this.loops -= 1;
      const most = random.pick([1, 2, 3, 5, 20, 70]);
      switch (random.below(3)) {
        case 0:
          return node([body], (a) => `for (let ${i} = 0; ${i} < ${most}; ${i}++) {\n${a}}\n`);
        case 1:
          return node([body, limit], (a, c) => `for (let ${i} = 0; ${i} < ${most} && ${c}; ${i}++) {\n${a}}\n`);
        default:
          return node([body, limit], (a, c) => `{ let ${i} = 0; while (${i}++ < ${most} && ${c}) {\n${a}} }\n`);
      }
    }
    const name = random.pick(this.locals);
    return node([this.number(2)], (a) => `${name} = ${a};\n`);
  }

  big(depth) {
    const { random } = this;
    if (depth <= 0 || random.chance(0.15))
      return leaf(random.pick(['x', 'y', '3n', '-1n', '12345678901234567890n', 'b']));
    const sub = () => this.big(depth - 1);
    switch (random.below(8)) {
      case 0:
        return node([sub()], (a) => `(-(${a}))`);
      case 1:
        return node([sub()], (a) => `(~(${a}))`);
      case 2: {
        const by = random.below(70);
        return node([sub()], (a) => `((${a}) << ${by}n)`);
      }
      case 3: {
        const operator = random.pick(['<', '<=', '>', '===']);
        return node([sub(), sub()], (a, b) => `(x ${operator} y ? ${a} : ${b})`);
      }
      default: {
        const operator = random.pick(['+', '-', '*', '&', '|', '^']);
        return node([sub(), sub()], (a, b) => `(${a} ${operator} ${b})`);
      }
    }
  }
}

export const print = (tree) => tree.make(...tree.parts.map(print));

/** Every tree that is one step smaller: a part in place of the whole, a constant, or nothing. */
function* smaller(tree, wrap) {
  for (const part of tree.parts) yield wrap(part);
  if (tree.parts.length > 0) yield wrap(leaf('x'));
  if (tree.text !== undefined && tree.text !== 'x' && tree.text !== '1') yield wrap(leaf('1'));
  yield wrap(leaf(''));
  for (const [i, part] of tree.parts.entries())
    yield* smaller(part, (replaced) =>
      wrap({ ...tree, parts: tree.parts.map((old, j) => (i === j ? replaced : old)) }),
    );
}

/** The smallest tree found for which `fails` still holds. Trees that do not parse are taken as not failing. */
export function shrink(tree, fails, steps = 2000) {
  let best = tree;
  let left = steps;
  for (let found = true; found && left > 0;) {
    found = false;
    for (const candidate of smaller(best, (whole) => whole)) {
      if (left-- <= 0) break;
      if (print(candidate).length >= print(best).length || !fails(print(candidate))) continue;
      best = candidate;
      found = true;
      break;
    }
  }
  return best;
}
