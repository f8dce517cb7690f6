// The state of one translation, which the files for expressions, calls, statements and loops share.
import type { AnyNode, Expression, Statement } from 'acorn';
import type { Arithmetic } from './arithmetic.js';
import type { Builder } from './builder.js';
import type { Flow, Frame } from './flow.js';
import { Refusal } from './refusal.js';
import type { MathChoice, MathName } from './math-variants.js';
import { type Binding, lookup, type NumberTerm, type Scope, type Term, describe } from './term.js';
import type { Value } from './value.js';

export interface Translation {
  readonly builder: Builder;
  readonly numbers: Arithmetic;
  /** How a mathematical function runs. */
  math(name: MathName): MathChoice;
  /** What holds at the point reached. */
  flow: Flow;
  /** The function being translated. */
  frame: Frame;
  scope: Scope;
  /** Where a helper was called from in the kernel's own text; undefined in that text itself. */
  site: number | undefined;
  /** Functions around the point reached. */
  depth: number;
  expression(node: Expression): Term;
  statement(node: Statement): void;
}

export function refuse(t: Translation, node: AnyNode | undefined, reason: string, remedy: string): never {
  const { unit } = t.scope;
  const at = t.site ?? (node === undefined ? 0 : node.start - unit.offset);
  throw new Refusal(at, unit.helper === undefined ? reason : `in \`${unit.helper}\`: ${reason}`, remedy);
}

export const USE_WORKERS = 'Leave it to the workers, which run any function';

export function declare(t: Translation, name: string, mutable: boolean, term: Term): Binding {
  const binding: Binding = { name, mutable };
  t.scope.names.set(name, binding);
  t.flow.variables.set(binding, term);
  return binding;
}

/** What a name stands for at the point reached. */
export function read(t: Translation, node: AnyNode, name: string): Term {
  const binding = lookup(t.scope, name);
  if (binding !== undefined) {
    const term = t.flow.variables.get(binding);
    if (term === undefined) refuse(t, node, `\`${name}\` is used before it is declared`, 'Declare it before');
    return term;
  }
  const term = t.scope.unit.free(name);
  if (term === undefined)
    refuse(
      t,
      node,
      `\`${name}\` is not a number, boolean, typed array or function that kernels know`,
      `Pass it in: { with: { ${name} } }, or capture a number`,
    );
  return term;
}

/** ToNumber. */
export function numberOf(t: Translation, term: Term, node: AnyNode | undefined): Value {
  switch (term.kind) {
    case 'number':
      return term.value;
    case 'boolean':
      return t.numbers.int(term.value);
    case 'undefined':
      return t.builder.number(NaN);
    default:
      return refuse(
        t,
        node,
        `${describe(term)} stands where a number is needed`,
        term.kind === 'bigint' ? 'Use BigInts throughout (1n instead of 1), or numbers throughout' : USE_WORKERS,
      );
  }
}

/** ToBoolean. */
export function truthOf(t: Translation, term: Term, node: AnyNode | undefined): Value {
  switch (term.kind) {
    case 'number':
      return t.numbers.truth(term.value);
    case 'boolean':
      return term.value;
    case 'undefined':
      return t.builder.boolean(false);
    case 'bigint':
      if (term.exact === undefined)
        return refuse(
          t,
          node,
          'a computed BigInt is used as a condition, and beyond 64 bits it may differ',
          'Compare values of the arrays themselves',
        );
      if (typeof term.value.constant === 'bigint') return t.builder.boolean(term.value.constant !== 0n);
      return t.builder.make('bool.i64', 'bool', [term.value]);
    default:
      return refuse(t, node, `${describe(term)} is used as a condition`, 'Compare numbers');
  }
}

export const number = (value: Value): NumberTerm => ({ kind: 'number', value });
export const boolean = (value: Value): Term => ({ kind: 'boolean', value });

export function both(t: Translation, a: Value, b: Value): Value {
  if (typeof a.constant === 'boolean') return a.constant ? b : a;
  if (typeof b.constant === 'boolean') return b.constant ? a : b;
  return a === b ? a : t.builder.make('and.bool', 'bool', [a, b]);
}

export function either(t: Translation, a: Value, b: Value): Value {
  if (typeof a.constant === 'boolean') return a.constant ? a : b;
  if (typeof b.constant === 'boolean') return b.constant ? b : a;
  return a === b ? a : t.builder.make('or.bool', 'bool', [a, b]);
}

export function negation(t: Translation, a: Value): Value {
  if (typeof a.constant === 'boolean') return t.builder.boolean(!a.constant);
  const [inner] = a.args;
  return a.op === 'not.bool' && inner !== undefined ? inner : t.builder.make('not.bool', 'bool', [a]);
}
