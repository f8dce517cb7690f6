// What holds at a point of a kernel: the variables, and which lanes get there; and how two branches meet again.
import type { AnyNode } from 'acorn';
import { both, either, negation, refuse, type Translation, USE_WORKERS } from './translation.js';
import { type Binding, describe, type Term } from './term.js';
import type { Value } from './value.js';

export interface Flow {
  readonly variables: Map<Binding, Term>;
  /** Lanes that get here: of those that began the function, or the round of the loop around. */
  reach: Value;
}

/** Lanes that left early, and what they left with. */
export interface Leaving {
  readonly when: Value;
  readonly variables: ReadonlyMap<Binding, Term>;
}

/** The function being translated: what it has returned so far, and the loops around the point reached. */
export interface Frame {
  readonly returns: { readonly when: Value; readonly term: Term }[];
  readonly loops: { readonly breaks: Leaving[]; readonly continues: Leaving[]; readonly label: string | undefined }[];
}

export const copyOf = (flow: Flow): Flow => ({ variables: new Map(flow.variables), reach: flow.reach });

const isNever = (flow: Flow): boolean => flow.reach.constant === false;

/** Goes one way in the lanes where the condition holds and the other way in the rest; both give a term. */
export function branch(
  t: Translation,
  condition: Value,
  node: AnyNode,
  consequent: () => Term,
  alternate: () => Term,
): Term {
  if (typeof condition.constant === 'boolean') return condition.constant ? consequent() : alternate();
  const before = t.flow;
  const scope = t.scope;
  const way = (reach: Value, go: () => Term): { term: Term; flow: Flow } => {
    t.flow = { variables: new Map(before.variables), reach };
    t.scope = scope;
    const term = go();
    return { term, flow: t.flow };
  };
  const a = way(both(t, before.reach, condition), consequent);
  const b = way(both(t, before.reach, negation(t, condition)), alternate);
  t.scope = scope;
  t.flow = meet(t, condition, a.flow, b.flow, node);
  if (isNever(a.flow)) return b.term;
  if (isNever(b.flow)) return a.term;
  return choose(t, condition, a.term, b.term, node);
}

/** The flow after two branches. Variables of lanes that do not get there matter to nobody. */
function meet(t: Translation, condition: Value, a: Flow, b: Flow, node: AnyNode): Flow {
  if (isNever(a)) return b;
  if (isNever(b)) return a;
  return { variables: merged(t, condition, a.variables, b.variables, node), reach: either(t, a.reach, b.reach) };
}

export function merged(
  t: Translation,
  condition: Value,
  a: ReadonlyMap<Binding, Term>,
  b: ReadonlyMap<Binding, Term>,
  node: AnyNode,
): Map<Binding, Term> {
  const variables = new Map<Binding, Term>();
  for (const [binding, term] of a) {
    const other = b.get(binding);
    // Declared in one branch only: nobody can name it afterwards.
    if (other !== undefined) variables.set(binding, choose(t, condition, term, other, node));
  }
  return variables;
}

/** `condition ? a : b` in every lane. */
export function choose(t: Translation, condition: Value, a: Term, b: Term, node: AnyNode): Term {
  if (typeof condition.constant === 'boolean') return condition.constant ? a : b;
  if (a === b) return a;
  const { builder, numbers } = t;
  if (a.kind === 'boolean' && b.kind === 'boolean')
    return { kind: 'boolean', value: selectBoolean(t, condition, a.value, b.value) };
  if (a.kind === 'bigint' && b.kind === 'bigint') {
    if (a.value === b.value) return a;
    const exact = a.exact === 'both' ? b.exact : b.exact === 'both' || a.exact === b.exact ? a.exact : undefined;
    return {
      kind: 'bigint',
      value: builder.make('select.i64', 'i64', [condition, a.value, b.value]),
      ...(exact && { exact }),
    };
  }
  if (a.kind === 'undefined' && b.kind === 'undefined') return a;
  if (isNumeric(a) && isNumeric(b)) {
    const [x, y] = [numeric(t, a), numeric(t, b)];
    const value = x === y ? x : numbers.select(condition, x, y);
    const [none, all] = [builder.boolean(false), builder.boolean(true)];
    const missing = selectBoolean(
      t,
      condition,
      a.kind === 'undefined' ? all : (a.kind === 'number' && a.missing) || none,
      b.kind === 'undefined' ? all : (b.kind === 'number' && b.missing) || none,
    );
    const blurred =
      (a.kind === 'boolean') !== (b.kind === 'boolean') ||
      (a.kind === 'number' && a.blurred === true) ||
      (b.kind === 'number' && b.blurred === true);
    return {
      kind: 'number',
      value,
      ...(missing.constant !== false && { missing }),
      ...(blurred && { blurred }),
    };
  }
  if (sameThing(a, b)) return a;
  return refuse(t, node, `it is ${describe(a)} in one case and ${describe(b)} in the other`, USE_WORKERS);
}

function sameThing(a: Term, b: Term): boolean {
  if (a.kind === 'array') return b.kind === 'array' && a.index === b.index;
  if (a.kind === 'function') return b.kind === 'function' && a.node === b.node && a.scope === b.scope;
  if (a.kind === 'builtin' || a.kind === 'namespace') return b.kind === a.kind && a.name === b.name;
  return false;
}

type Numeric = Extract<Term, { kind: 'number' | 'boolean' | 'undefined' }>;

const isNumeric = (term: Term): term is Numeric =>
  term.kind === 'number' || term.kind === 'boolean' || term.kind === 'undefined';

const numeric = (t: Translation, term: Numeric): Value =>
  term.kind === 'number' ? term.value : term.kind === 'boolean' ? t.numbers.int(term.value) : t.builder.number(NaN);

function selectBoolean(t: Translation, condition: Value, a: Value, b: Value): Value {
  if (a === b) return a;
  if (a === condition || a.constant === true) return either(t, condition, b);
  if (a.constant === false) return both(t, negation(t, condition), b);
  if (b.constant === true) return either(t, negation(t, condition), a);
  if (b === condition || b.constant === false) return both(t, condition, a);
  return t.builder.make('select.bool', 'bool', [condition, a, b]);
}
