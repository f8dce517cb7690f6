// Calls: functions of `Math` and `Number`, helpers inlined, and elements of captured arrays.
import type { AnyNode, CallExpression, Expression } from 'acorn';
import { inline } from './inlining.js';
import type { MathName } from './math-variants.js';
import { mathFunction, power } from './powers.js';
import { boolean, number, numberOf, read, refuse, type Translation, USE_WORKERS } from './translation.js';
import { describe, type Term, UNDEFINED } from './term.js';
import { NOTHING_KNOWN, type Facts, type Value } from './value.js';

export function call(t: Translation, node: CallExpression): Term {
  if (node.optional) return refuse(t, node, '`?.` is outside the numeric subset', USE_WORKERS);
  if (node.callee.type === 'Super') return refuse(t, node, '`super` is outside the numeric subset', USE_WORKERS);
  const callee = calleeOf(t, node.callee);
  const args: Term[] = [];
  for (const argument of node.arguments) {
    if (argument.type === 'SpreadElement')
      return refuse(t, argument, 'a spread argument is outside the numeric subset', 'Pass arguments one by one');
    args.push(t.expression(argument));
  }
  if (callee.kind === 'function') return inline(t, callee, args, node);
  if (callee.kind === 'builtin' || callee.kind === 'namespace') return builtin(t, callee.name, args, node);
  return refuse(
    t,
    node,
    `it calls ${describe(callee)}`,
    'Call functions of Math, or captured functions that are themselves in the subset',
  );
}

function calleeOf(t: Translation, node: Expression): Term {
  if (
    node.type === 'MemberExpression' &&
    !node.computed &&
    node.property.type === 'Identifier' &&
    node.object.type === 'Identifier'
  ) {
    const object = read(t, node.object, node.object.name);
    if (object.kind === 'namespace') return { kind: 'builtin', name: `${object.name}.${node.property.name}` };
    if (object.kind === 'array' && node.property.name === 'at')
      return refuse(t, node, '`.at()` is outside the numeric subset', 'Read elements as array[index]');
  }
  return t.expression(node);
}

/** `Math.PI`, `array.length`; undefined: no such member. */
export function constantMember(t: Translation, object: Term, name: string): Term | undefined {
  if (object.kind === 'array' && name === 'length') return number(t.builder.number(object.length));
  if (object.kind !== 'namespace') return undefined;
  const namespace = object.name === 'Math' ? Math : object.name === 'Number' ? Number : undefined;
  const value: unknown = namespace && Object.getOwnPropertyDescriptor(namespace, name)?.value;
  if (typeof value === 'number') return number(t.builder.number(value));
  return typeof value === 'function' ? { kind: 'builtin', name: `${object.name}.${name}` } : undefined;
}

/** An element of a captured array; `undefined` in lanes where the array has no such place. */
export function gather(t: Translation, array: Extract<Term, { kind: 'array' }>, place: Term, node: AnyNode): Term {
  const { builder, numbers } = t;
  // `true` is the name of a property, and of none.
  if (place.kind === 'boolean') return UNDEFINED;
  if (place.kind === 'number' && place.blurred === true)
    return refuse(t, node, 'an array is read at a place that may be a boolean', 'Make it a number: w[+i]');
  const index = numberOf(t, place, node);
  const inside = index.whole && index.low >= 0 && index.high < array.length;
  const at = numbers.double(index);
  if (array.bigints) {
    if (!inside)
      return refuse(
        t,
        node,
        'a BigInt array is read at a place that may be outside of it',
        `Make the index provably less than ${array.length}: w[i & 63] for a length of 64`,
      );
    const value = builder.make('gather', 'i64', [at], NOTHING_KNOWN, [array.index]);
    return { kind: 'bigint', value, exact: array.facts.low < 0 ? 'signed' : 'unsigned' };
  }
  const facts: Facts = inside ? array.facts : NOTHING_KNOWN;
  const value = builder.make('gather', 'f64', [at], facts, [array.index]);
  if (inside) return number(value);
  const there = builder.make('and.bool', 'bool', [
    builder.make('integer.f64', 'bool', [at]),
    builder.make('and.bool', 'bool', [
      numbers.compare('le', builder.number(0), at),
      numbers.compare('lt', at, builder.number(array.length)),
    ]),
  ]);
  return { kind: 'number', value, missing: builder.make('not.bool', 'bool', [there]) };
}

const ONE_TO_ONE: ReadonlySet<string> = new Set(
  'sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp expm1 log log1p log2 log10 cbrt'.split(' '),
);

function builtin(t: Translation, name: string, args: readonly Term[], node: CallExpression): Term {
  const { builder, numbers } = t;
  const [owner, method] = name.split('.') as [string, string?];
  const x = (index: number): Value => numberOf(t, args[index] ?? UNDEFINED, node);
  if (owner === 'Math' && method !== undefined) return number(mathCall(t, method, args, x, node));
  switch (name) {
    case 'Number.isNaN':
    case 'Number.isFinite':
    case 'Number.isInteger':
    case 'Number.isSafeInteger': {
      // Unlike the global functions these convert nothing: what is no number is not NaN, not finite, not an integer.
      const [term = UNDEFINED] = args;
      if (term.kind !== 'number') return boolean(builder.boolean(false));
      const { value, missing } = term;
      if (term.blurred === true)
        return refuse(
          t,
          node,
          'it asks about something that is a boolean or undefined in some cases',
          'Make it a number in every case',
        );
      const test = predicate(t, method ?? '', value);
      if (missing === undefined || method !== 'isNaN') return boolean(test);
      return boolean(builder.make('and.bool', 'bool', [test, builder.make('not.bool', 'bool', [missing])]));
    }
    case 'isNaN':
      return boolean(predicate(t, 'isNaN', x(0)));
    case 'isFinite':
      return boolean(predicate(t, 'isFinite', x(0)));
    case 'Number':
      if (args.length === 0) return number(builder.number(0));
      return number(x(0));
    case 'Boolean': {
      const [term = UNDEFINED] = args;
      return boolean(term.kind === 'boolean' ? term.value : numbers.truth(x(0)));
    }
    case 'BigInt.asIntN':
    case 'BigInt.asUintN': {
      const [bits, value] = args;
      if (value?.kind !== 'bigint' || bits?.kind !== 'number' || bits.value.constant !== 64) break;
      return { kind: 'bigint', value: value.value, exact: method === 'asIntN' ? 'signed' : 'unsigned' };
    }
  }
  return refuse(t, node, `\`${name}\` is outside the numeric subset`, USE_WORKERS);
}

function predicate(t: Translation, method: string, value: Value): Value {
  if (typeof value.constant === 'number')
    return t.builder.boolean((Number[method as 'isNaN'] as (x: unknown) => boolean)(value.constant));
  if (value.whole && method !== 'isSafeInteger') return t.builder.boolean(method !== 'isNaN');
  const op =
    { isNaN: 'nan.f64', isFinite: 'finite.f64', isInteger: 'integer.f64', isSafeInteger: 'safe.f64' }[method] ?? '';
  return t.builder.make(op, 'bool', [t.numbers.double(value)]);
}

const ROUNDING: Readonly<Record<string, (x: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  round: Math.round,
};

function mathCall(
  t: Translation,
  method: string,
  args: readonly Term[],
  x: (index: number) => Value,
  node: AnyNode,
): Value {
  const { builder, numbers } = t;
  const unary = (op: string, facts: Facts, exact: (x: number) => number): Value => {
    const value = x(0);
    if (typeof value.constant === 'number') return builder.number(exact(value.constant));
    return builder.make(`${op}.f64`, 'f64', [numbers.double(value)], facts);
  };
  if (ONE_TO_ONE.has(method)) return mathFunction(t, method as MathName, [x(0)]);
  switch (method) {
    case 'pow':
      return power(t, x(0), x(1));
    case 'atan2':
      return mathFunction(t, 'atan2', [x(0), x(1)]);
    case 'floor':
    case 'ceil':
    case 'trunc':
    case 'round':
      // What is whole already stays as it is.
      return x(0).whole ? x(0) : unary(method, NOTHING_KNOWN, ROUNDING[method] ?? Math.floor);
    case 'sqrt':
      return unary('sqrt', NOTHING_KNOWN, Math.sqrt);
    case 'fround':
      return x(0).whole && Math.abs(x(0).low) <= 2 ** 24 && Math.abs(x(0).high) <= 2 ** 24
        ? x(0)
        : unary('fround', NOTHING_KNOWN, Math.fround);
    case 'sign':
      return unary(
        'sign',
        x(0).whole ? { whole: true, low: -1, high: 1, minusZero: x(0).minusZero } : NOTHING_KNOWN,
        Math.sign,
      );
    case 'abs': {
      const value = x(0);
      const high = Math.max(Math.abs(value.low), Math.abs(value.high));
      const facts = value.whole ? { whole: true, low: 0, high, minusZero: false } : NOTHING_KNOWN;
      if (value.lane === 'i32' && high < 2 ** 31) return builder.make('abs.i32', 'i32', [value], facts);
      return unary('abs', facts, Math.abs);
    }
    case 'min':
    case 'max':
      return extreme(
        t,
        method,
        args.map((_, index) => x(index)),
      );
    case 'imul':
      return product32(t, x(0), x(1));
    case 'clz32': {
      const value = numbers.uint(x(0));
      if (typeof value.constant === 'number') return builder.int(Math.clz32(value.constant));
      return builder.make('clz.i32', 'i32', [value], { whole: true, low: 0, high: 32, minusZero: false });
    }
    case 'hypot':
      return hypot(
        t,
        args.map((_, index) => x(index)),
      );
    case 'random':
      return refuse(t, node, '`Math.random` gives another number each time', 'Pass random numbers in as a column');
    default:
      return refuse(t, node, `\`Math.${method}\` is outside the numeric subset`, USE_WORKERS);
  }
}

function product32(t: Translation, x: Value, y: Value): Value {
  const [a, b] = [t.numbers.int(x), t.numbers.int(y)];
  if (typeof a.constant === 'number' && typeof b.constant === 'number')
    return t.builder.int(Math.imul(a.constant, b.constant));
  return t.builder.make('mul.i32', 'i32', [a, b], {
    whole: true,
    low: -(2 ** 31),
    high: 2 ** 31 - 1,
    minusZero: false,
  });
}

function extreme(t: Translation, method: 'min' | 'max', values: readonly Value[]): Value {
  const { builder, numbers } = t;
  let best = builder.number(method === 'min' ? Infinity : -Infinity);
  for (const [index, value] of values.entries()) {
    // Alone it is itself, but a boolean's lanes are not doubles.
    if (index === 0) {
      best = value;
      continue;
    }
    if (typeof best.constant === 'number' && typeof value.constant === 'number') {
      best = builder.number(Math[method](best.constant, value.constant));
      continue;
    }
    const facts: Facts =
      best.whole && value.whole
        ? {
            whole: true,
            low: Math[method](best.low, value.low),
            high: Math[method](best.high, value.high),
            minusZero: best.minusZero || value.minusZero,
          }
        : NOTHING_KNOWN;
    const ints = [best, value].map((one) =>
      one.lane === 'i32'
        ? one
        : typeof one.constant === 'number' && one.whole && !one.minusZero && Math.abs(one.low) < 2 ** 31
          ? builder.int(one.constant)
          : undefined,
    );
    const [a, b] = ints;
    best =
      a !== undefined && b !== undefined
        ? builder.make(`${method}.i32`, 'i32', [a, b], facts)
        : builder.make(`${method}.f64`, 'f64', [numbers.double(best), numbers.double(value)], facts);
  }
  return best;
}

/** V8's own way: scaled by the largest, summed with compensation. */
function hypot(t: Translation, values: readonly Value[]): Value {
  const { builder, numbers } = t;
  const zero = builder.number(0);
  if (values.length === 0) return zero;
  const sizes = values.map((value) => builder.make('abs.f64', 'f64', [numbers.double(value)]));
  let largest = zero;
  for (const size of sizes) largest = numbers.select(numbers.compare('lt', largest, size), size, largest);
  let sum = zero;
  let compensation = zero;
  for (const size of sizes) {
    const part = numbers.divide(size, largest);
    const summand = numbers.subtract(numbers.multiply(part, part), compensation);
    const preliminary = numbers.add(sum, summand);
    compensation = numbers.subtract(numbers.subtract(preliminary, sum), summand);
    sum = preliminary;
  }
  const length = numbers.multiply(builder.make('sqrt.f64', 'f64', [sum]), largest);
  // Zero has no scale (0 / 0), and an infinity is longer than NaN.
  let result = numbers.select(numbers.compare('eq', largest, zero), zero, length);
  for (const size of sizes)
    result = numbers.select(builder.make('nan.f64', 'bool', [size]), builder.number(NaN), result);
  return numbers.select(numbers.compare('eq', largest, builder.number(Infinity)), builder.number(Infinity), result);
}
