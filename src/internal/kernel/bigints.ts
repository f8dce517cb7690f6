// BigInts modulo 2^64. Sums, products and bits wrap as the arrays that store them do; what depends on higher bits is refused.
import type { AnyNode } from 'acorn';
import { negation, refuse, type Translation } from './translation.js';
import type { BigIntTerm, Term } from './term.js';
import type { Value } from './value.js';

const OPERATIONS: Readonly<Record<string, string>> = {
  '+': 'add.i64',
  '-': 'sub.i64',
  '*': 'mul.i64',
  '&': 'and.i64',
  '|': 'or.i64',
  '^': 'xor.i64',
  '<<': 'shl.i64',
};

const MIXED = 'Use BigInts throughout (1n instead of 1), or numbers throughout';

const folded = (operator: string, a: bigint, b: bigint): bigint => {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    default:
      return b < 64n ? a << b : 0n;
  }
};

/** Which comparisons of its 64 bits are comparisons of the number. */
export function exactness(value: bigint): { exact?: 'signed' | 'unsigned' | 'both' } {
  const signed = BigInt.asIntN(64, value) === value;
  const unsigned = BigInt.asUintN(64, value) === value;
  return signed && unsigned ? { exact: 'both' } : signed ? { exact: 'signed' } : unsigned ? { exact: 'unsigned' } : {};
}

export function bigUnary(t: Translation, operator: string, term: BigIntTerm, node: AnyNode): Term {
  if (operator === '+') refuse(t, node, 'unary plus of a BigInt throws', MIXED);
  const op = operator === '-' ? 'neg.i64' : 'not.i64';
  const { constant } = term.value;
  if (typeof constant === 'bigint') {
    const result = operator === '-' ? -constant : ~constant;
    const known = term.exact === 'both' || term.exact === 'signed' ? exactness(result) : {};
    return { kind: 'bigint', value: t.builder.bigint(BigInt.asIntN(64, result)), ...known };
  }
  return {
    kind: 'bigint',
    value: t.builder.make(op, 'i64', [term.value]),
    // The complement of an int64 is an int64.
    ...(operator === '~' && term.exact === 'signed' && { exact: 'signed' }),
  };
}

export function bigBinary(t: Translation, operator: string, a: Term, b: Term, node: AnyNode): Term {
  if (a.kind !== 'bigint' || b.kind !== 'bigint')
    return refuse(t, node, 'it mixes BigInts and numbers, which throws', MIXED);
  const op = OPERATIONS[operator];
  if (op === undefined)
    return refuse(
      t,
      node,
      `\`${operator}\` of BigInts depends on bits beyond 64`,
      'Use + - * & | ^ ~ <<, or leave it to the workers',
    );
  const { value: left } = a;
  const { value: right } = b;
  if (operator === '<<' && !(typeof right.constant === 'bigint' && right.constant >= 0n && b.exact !== undefined))
    return refuse(t, node, 'a BigInt is shifted by a computed amount', 'Shift by a literal such as 3n');
  if (typeof left.constant === 'bigint' && typeof right.constant === 'bigint')
    return {
      kind: 'bigint',
      value: t.builder.bigint(BigInt.asIntN(64, folded(operator, left.constant, right.constant))),
    };
  const bits = operator === '&' || operator === '|' || operator === '^';
  const exact =
    bits && (a.exact === b.exact || b.exact === 'both') ? a.exact : bits && a.exact === 'both' ? b.exact : undefined;
  return { kind: 'bigint', value: t.builder.make(op, 'i64', [left, right]), ...(exact && { exact }) };
}

export function bigCompare(t: Translation, operator: string, a: Term, b: Term, node: AnyNode): Value {
  if (a.kind !== 'bigint' || b.kind !== 'bigint')
    return refuse(t, node, 'it compares a BigInt with a number', 'Compare BigInts with BigInts');
  const exact = a.exact === 'both' ? b.exact : b.exact === 'both' || a.exact === b.exact ? a.exact : undefined;
  if (exact === undefined)
    return refuse(
      t,
      node,
      'it compares computed BigInts, which may be longer than 64 bits',
      'Compare elements of the arrays themselves',
    );
  const { value: x } = a;
  const { value: y } = b;
  if (typeof x.constant === 'bigint' && typeof y.constant === 'bigint') {
    const [p, q] =
      exact === 'unsigned'
        ? [BigInt.asUintN(64, x.constant), BigInt.asUintN(64, y.constant)]
        : [x.constant, y.constant];
    return t.builder.boolean(
      operator === '<'
        ? p < q
        : operator === '<='
          ? p <= q
          : operator === '>'
            ? p > q
            : operator === '>='
              ? p >= q
              : p === q,
    );
  }
  const lanes = exact === 'unsigned' ? 'u64' : 'i64';
  const compare = (op: string, left: Value, right: Value): Value => t.builder.make(op, 'bool', [left, right]);
  switch (operator) {
    case '<':
      return compare(`lt.${lanes}`, x, y);
    case '<=':
      return compare(`le.${lanes}`, x, y);
    case '>':
      return compare(`lt.${lanes}`, y, x);
    case '>=':
      return compare(`le.${lanes}`, y, x);
    case '!==':
      return negation(t, compare('eq.i64', x, y));
    default:
      return compare('eq.i64', x, y);
  }
}
