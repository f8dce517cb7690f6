// Expressions: operators, names, assignments, members. Short circuits branch, so what they assign happens in their lanes only.
import type {
  AnyNode,
  AssignmentExpression,
  BinaryExpression,
  Expression,
  MemberExpression,
  UnaryExpression,
  UpdateExpression,
} from 'acorn';
import { bigBinary, bigCompare, bigUnary, exactness } from './bigints.js';
import { call, constantMember, gather } from './calls.js';
import { branch } from './flow.js';
import { power } from './powers.js';
import {
  boolean,
  negation,
  number,
  numberOf,
  read,
  refuse,
  type Translation,
  truthOf,
  USE_WORKERS,
} from './translation.js';
import { describe, lookup, type Term, UNDEFINED } from './term.js';

export function expression(t: Translation, node: Expression): Term {
  switch (node.type) {
    case 'Literal':
      return literal(t, node);
    case 'Identifier':
      return read(t, node, node.name);
    case 'ParenthesizedExpression':
      return t.expression(node.expression);
    case 'SequenceExpression': {
      let last: Term = UNDEFINED;
      for (const part of node.expressions) last = t.expression(part);
      return last;
    }
    case 'UnaryExpression':
      return unary(t, node);
    case 'UpdateExpression':
      return update(t, node);
    case 'BinaryExpression':
      return binaryNode(t, node);
    case 'LogicalExpression':
      return logical(t, node.operator, t.expression(node.left), () => t.expression(node.right), node);
    case 'ConditionalExpression':
      return branch(
        t,
        truthOf(t, t.expression(node.test), node.test),
        node,
        () => t.expression(node.consequent),
        () => t.expression(node.alternate),
      );
    case 'AssignmentExpression':
      return assignment(t, node);
    case 'MemberExpression':
      return member(t, node);
    case 'CallExpression':
      return call(t, node);
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return { kind: 'function', node, scope: t.scope };
    default:
      return refuse(t, node, `${NAMES[node.type] ?? `a ${node.type}`} is outside the numeric subset`, USE_WORKERS);
  }
}

const NAMES: Readonly<Record<string, string>> = {
  ThisExpression: '`this`',
  ArrayExpression: 'an array literal',
  ObjectExpression: 'an object literal',
  TemplateLiteral: 'a string',
  TaggedTemplateExpression: 'a tagged template',
  NewExpression: '`new`',
  ClassExpression: 'a class',
  AwaitExpression: '`await`',
  YieldExpression: '`yield`',
  ChainExpression: '`?.`',
  ImportExpression: '`import()`',
  MetaProperty: '`import.meta` or `new.target`',
};

function literal(t: Translation, node: Extract<Expression, { type: 'Literal' }>): Term {
  const { value } = node;
  if (typeof value === 'number') return number(t.builder.number(value));
  if (typeof value === 'boolean') return boolean(t.builder.boolean(value));
  if (typeof value === 'bigint')
    return {
      kind: 'bigint',
      value: t.builder.bigint(BigInt.asIntN(64, value)),
      ...exactness(value),
    };
  const what = typeof value === 'string' ? 'a string' : value === null ? '`null`' : 'a regular expression';
  return refuse(
    t,
    node,
    `${what} is outside the numeric subset`,
    value === null ? 'Use undefined or NaN' : USE_WORKERS,
  );
}

function unary(t: Translation, node: UnaryExpression): Term {
  if (node.operator === 'delete') refuse(t, node, '`delete` is outside the numeric subset', USE_WORKERS);
  if (node.operator === 'typeof')
    refuse(
      t,
      node,
      '`typeof` is outside the numeric subset',
      'Elements are always numbers (or always BigInts): leave the test out',
    );
  const term = t.expression(node.argument);
  if (node.operator === 'void') return UNDEFINED;
  if (node.operator === '!') return boolean(negation(t, truthOf(t, term, node.argument)));
  if (term.kind === 'bigint') return bigUnary(t, node.operator, term, node);
  const value = numberOf(t, term, node.argument);
  if (node.operator === '-') return number(t.numbers.negate(value));
  if (node.operator === '+') return number(value);
  return number(t.numbers.not(value));
}

function binaryNode(t: Translation, node: BinaryExpression): Term {
  if (node.left.type === 'PrivateIdentifier')
    return refuse(t, node, 'a private name is outside the numeric subset', USE_WORKERS);
  const left = t.expression(node.left);
  return binary(t, node.operator, left, t.expression(node.right), node);
}

function binary(t: Translation, operator: string, left: Term, right: Term, node: AnyNode): Term {
  if (operator === '===' || operator === '!==' || operator === '==' || operator === '!=') {
    const equal = equality(t, operator.length === 3, left, right, node);
    return boolean(operator.startsWith('!') ? negation(t, equal) : equal);
  }
  const ordering = operator === '<' || operator === '<=' || operator === '>' || operator === '>=';
  if (left.kind === 'bigint' || right.kind === 'bigint')
    return ordering ? boolean(bigCompare(t, operator, left, right, node)) : bigBinary(t, operator, left, right, node);
  const a = numberOf(t, left, node);
  const b = numberOf(t, right, node);
  const { numbers } = t;
  switch (operator) {
    case '+':
      return number(numbers.add(a, b));
    case '-':
      return number(numbers.subtract(a, b));
    case '*':
      return number(numbers.multiply(a, b));
    case '/':
      return number(numbers.divide(a, b));
    case '%':
      return number(numbers.remainder(a, b));
    case '**':
      return number(power(t, a, b));
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
    case '>>>':
      return number(numbers.bits(operator, a, b));
    case '<':
      return boolean(numbers.compare('lt', a, b));
    case '<=':
      return boolean(numbers.compare('le', a, b));
    case '>':
      return boolean(numbers.compare('lt', b, a));
    case '>=':
      return boolean(numbers.compare('le', b, a));
    default:
      return refuse(t, node, `\`${operator}\` is outside the numeric subset`, USE_WORKERS);
  }
}

function equality(t: Translation, strict: boolean, a: Term, b: Term, node: AnyNode): ReturnType<typeof truthOf> {
  const { builder } = t;
  for (const term of [a, b])
    if (term.kind === 'number' && term.blurred === true && strict)
      refuse(
        t,
        node,
        'it compares what is a number in some cases and a boolean or undefined in others',
        'Make it a number in every case',
      );
  if (a.kind === 'undefined' || b.kind === 'undefined') {
    const other = a.kind === 'undefined' ? b : a;
    if (other.kind === 'number') return other.missing ?? builder.boolean(false);
    return builder.boolean(other.kind === 'undefined');
  }
  if (a.kind === 'bigint' && b.kind === 'bigint') return bigCompare(t, '===', a, b, node);
  if (a.kind === 'bigint' || b.kind === 'bigint')
    return refuse(t, node, 'it compares a BigInt with a number', 'Compare BigInts with BigInts');
  if (a.kind === 'number' && b.kind === 'number' && (a.missing ?? b.missing) !== undefined)
    refuse(
      t,
      node,
      'it compares an element that may be missing (undefined)',
      'Give it a value first: (w[i] ?? 0) === x',
    );
  if (a.kind !== b.kind && strict && isPrimitive(a) && isPrimitive(b)) return builder.boolean(false);
  if (a.kind === 'boolean' && b.kind === 'boolean') {
    if (typeof a.value.constant === 'boolean') return a.value.constant ? b.value : negation(t, b.value);
    if (typeof b.value.constant === 'boolean') return b.value.constant ? a.value : negation(t, a.value);
    return negation(t, builder.make('xor.bool', 'bool', [a.value, b.value]));
  }
  return t.numbers.compare('eq', numberOf(t, a, node), numberOf(t, b, node));
}

const isPrimitive = (term: Term): boolean => term.kind === 'number' || term.kind === 'boolean';

function logical(t: Translation, operator: '&&' | '||' | '??', left: Term, right: () => Term, node: AnyNode): Term {
  if (operator === '??') {
    if (left.kind === 'undefined') return right();
    if (left.kind === 'number' && left.blurred === true)
      refuse(
        t,
        node,
        'it asks whether something is undefined that has become a number',
        'Test for NaN with Number.isNaN',
      );
    if (left.kind !== 'number' || left.missing === undefined) return left;
    const { missing } = left;
    return branch(t, missing, node, right, () => number(left.value));
  }
  const truth = truthOf(t, left, node);
  return operator === '&&' ? branch(t, truth, node, right, () => left) : branch(t, truth, node, () => left, right);
}

function assignment(t: Translation, node: AssignmentExpression): Term {
  const { left, operator } = node;
  if (left.type !== 'Identifier')
    return refuse(
      t,
      node,
      left.type === 'MemberExpression'
        ? 'it writes to a member or element'
        : 'destructuring is outside the numeric subset',
      left.type === 'MemberExpression' ? 'Return the value instead: map stores it' : 'Assign names one by one',
    );
  if (operator === '=') return assign(t, node, left.name, t.expression(node.right));
  const before = read(t, left, left.name);
  if (operator === '&&=' || operator === '||=' || operator === '??=')
    return logical(
      t,
      operator.slice(0, 2) as '&&' | '||' | '??',
      before,
      () => assign(t, node, left.name, t.expression(node.right)),
      node,
    );
  return assign(t, node, left.name, binary(t, operator.slice(0, -1), before, t.expression(node.right), node));
}

function assign(t: Translation, node: AnyNode, name: string, term: Term): Term {
  const binding = lookup(t.scope, name);
  if (binding === undefined)
    return refuse(
      t,
      node,
      `it writes to \`${name}\`, which is captured`,
      'Return the value, or reduce with pool.reduce or pool.mapReduce',
    );
  if (!binding.mutable) return refuse(t, node, `it writes to the constant \`${name}\``, 'Declare it with let');
  t.flow.variables.set(binding, term);
  return term;
}

function update(t: Translation, node: UpdateExpression): Term {
  const { argument } = node;
  if (argument.type !== 'Identifier')
    return refuse(t, node, 'it writes to a member or element', 'Return the value instead: map stores it');
  const before = read(t, argument, argument.name);
  const operator = node.operator === '++' ? '+' : '-';
  if (before.kind === 'bigint') {
    const one: Term = { kind: 'bigint', value: t.builder.bigint(1n), exact: 'both' };
    const after = assign(t, node, argument.name, binary(t, operator, before, one, node));
    return node.prefix ? after : before;
  }
  const old = number(numberOf(t, before, argument));
  const after = assign(t, node, argument.name, binary(t, operator, old, number(t.builder.number(1)), node));
  return node.prefix ? after : old;
}

function member(t: Translation, node: MemberExpression): Term {
  if (node.object.type === 'Super') return refuse(t, node, '`super` is outside the numeric subset', USE_WORKERS);
  const object = t.expression(node.object);
  if (node.property.type === 'PrivateIdentifier' || node.optional)
    return refuse(t, node, 'it reads a private or optional member', USE_WORKERS);
  if (!node.computed && node.property.type === 'Identifier') {
    const found = constantMember(t, object, node.property.name);
    if (found !== undefined) return found;
    return refuse(
      t,
      node,
      `\`.${node.property.name}\` of ${describe(object)} is outside the numeric subset`,
      'Take it out into a constant before the function',
    );
  }
  if (object.kind !== 'array')
    return refuse(t, node, `it reads an element of ${describe(object)}`, 'Capture a typed array');
  return gather(t, object, t.expression(node.property), node);
}
