// From a parsed function to values: wires the files for expressions, calls, statements and loops together.
import { Arithmetic } from './arithmetic.js';
import { exactness } from './bigints.js';
import { Builder } from './builder.js';
import type { CapturedArrays } from './captured-arrays.js';
import { KINDS } from './element-kinds.js';
import { expression } from './expressions.js';
import type { Flow } from './flow.js';
import type { Dependency, FreeValues } from './free-values.js';
import { inline, rootScope } from './inlining.js';
import { mathVariant } from './math-variants.js';
import { parseFunction } from './parsing.js';
import { Refusal } from './refusal.js';
import { statement } from './statements.js';
import { boolean, number, type Translation } from './translation.js';
import type { FunctionTerm, Term, Unit } from './term.js';
import type { Region } from './value.js';

/** What a parameter is: the elements of a column of this kind, or the index of the element. */
export type Parameter = number | 'index';

export interface Translated {
  readonly root: Region;
  readonly term: Term;
  readonly translation: Translation;
  /** Kinds of the columns that are read, in the order of their numbers. */
  readonly columns: readonly number[];
  /** Every mathematical function in it gives the bits of this Node. */
  readonly exact: boolean;
}

/** Throws Refusal. */
export function translate(
  values: FreeValues,
  parameters: readonly Parameter[],
  fast: boolean,
  arrays: CapturedArrays,
  dependencies: Dependency[],
): Translated {
  const builder = new Builder();
  let exact = true;
  const unitOf = (source: FreeValues, offset: number, helper: string | undefined): Unit => {
    const terms = new Map<string, Term | undefined>();
    return {
      text: source.text,
      offset,
      helper,
      free: (name) => {
        if (terms.has(name)) return terms.get(name);
        const found = source.find(name);
        if (found !== undefined) dependencies.push(found);
        const term = found && termOf(found, name);
        terms.set(name, term);
        return term;
      },
    };
  };
  const functions = new Map<unknown, FunctionTerm>();
  const functionTerm = (source: FreeValues, helper: string | undefined): FunctionTerm => {
    const known = functions.get(source.fn);
    if (known !== undefined) return known;
    const { node, offset } = parseFunction(source.text);
    const term: FunctionTerm = { kind: 'function', node, scope: rootScope(unitOf(source, offset, helper)) };
    functions.set(source.fn, term);
    return term;
  };
  /** Native functions and classes have no text of a function. */
  const helperTerm = (source: FreeValues, name: string): FunctionTerm | undefined => {
    try {
      return functionTerm(source, name);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  };
  const termOf = ({ value, source }: Dependency, name: string): Term | undefined => {
    switch (typeof value) {
      case 'number':
        return number(builder.number(value));
      case 'boolean':
        return boolean(builder.boolean(value));
      case 'undefined':
        return { kind: 'undefined' };
      case 'bigint':
        return { kind: 'bigint', value: builder.bigint(BigInt.asIntN(64, value)), ...exactness(value) };
      case 'function':
        return builtins().get(value) ?? helperTerm(source.of(value), name);
      default:
        return builtins().get(value) ?? arrays.term(value);
    }
  };
  const root = functionTerm(values, undefined);
  const flow: Flow = { variables: new Map(), reach: builder.boolean(true) };
  const t: Translation = {
    builder,
    numbers: new Arithmetic(builder, fast),
    math: (name) => {
      const choice = mathVariant(name, fast);
      exact &&= choice.exact;
      return choice;
    },
    flow,
    frame: { returns: [], loops: [] },
    scope: root.scope,
    site: undefined,
    depth: 0,
    expression: (node) => expression(t, node),
    statement: (node) => {
      statement(t, node);
    },
  };
  const columns: number[] = [];
  const args = parameters.map((parameter): Term => {
    if (parameter === 'index')
      return number(builder.make('iota', 'f64', [], { whole: true, low: 0, high: 2 ** 53, minusZero: false }));
    const { lane, load, bigints, low, high } = KINDS[parameter] as (typeof KINDS)[number];
    const facts = { whole: high !== Infinity && !bigints, low, high, minusZero: high === Infinity };
    const column = builder.make('column', lane, [], facts, [columns.length]);
    columns.push(parameter);
    if (bigints) return { kind: 'bigint', value: column, exact: low < 0 ? 'signed' : 'unsigned' };
    return number(load === undefined ? column : builder.make(load, lane, [column], facts));
  });
  const term = inline(t, root, args, undefined);
  return { root: builder.root, term, translation: t, columns, exact };
}

let table: Map<unknown, Term> | undefined;

/** The language's own functions and objects, by identity, as they were when the first kernel was compiled. */
function builtins(): ReadonlyMap<unknown, Term> {
  if (table !== undefined) return table;
  table = new Map<unknown, Term>();
  for (const [name, namespace] of Object.entries({ Math, Number, BigInt })) {
    for (const key of Object.getOwnPropertyNames(namespace)) {
      const value: unknown = Object.getOwnPropertyDescriptor(namespace, key)?.value;
      if (typeof value === 'function') table.set(value, { kind: 'builtin', name: `${name}.${key}` });
    }
    table.set(namespace, { kind: 'namespace', name });
  }
  for (const [name, value] of Object.entries({ isNaN, isFinite, Boolean })) table.set(value, { kind: 'builtin', name });
  return table;
}
