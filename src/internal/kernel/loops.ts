// Loops: unrolled where the number of rounds is known and small, else run until no lane is left.
import type { DoWhileStatement, Expression, ForStatement, WhileStatement, AnyNode } from 'acorn';
import { alikeIn } from './alike.js';
import { choose, copyOf, type Flow, type Leaving, merged } from './flow.js';
import { both, boolean, either, negation, number, refuse, type Translation, truthOf } from './translation.js';
import { type Binding, newScope, type Term } from './term.js';
import {
  fitsInt32,
  INT32,
  newRegion,
  NOTHING_KNOWN,
  type Facts,
  type Lane,
  type Loop,
  type Region,
  type Value,
} from './value.js';

/** A loop is unrolled up to so many rounds, and so many operations in all. */
const MOST_ROUNDS = 64;
const MOST_UNROLLED = 400;
/** From so many rounds on, a loop that lanes may leave early is better run than unrolled. */
const FEW_ROUNDS = 4;
/** Each attempt settles the lanes of at least one variable. */
const MOST_ATTEMPTS = 12;

interface Shape {
  readonly node: AnyNode;
  readonly test: Expression | undefined;
  readonly body: ForStatement['body'];
  readonly update: Expression | undefined;
}

export function forLoop(t: Translation, node: ForStatement | WhileStatement): void {
  const scope = t.scope;
  t.scope = newScope(scope);
  if (node.type === 'ForStatement' && node.init) {
    if (node.init.type === 'VariableDeclaration') t.statement(node.init);
    else t.expression(node.init);
  }
  const update = node.type === 'ForStatement' ? (node.update ?? undefined) : undefined;
  const shape: Shape = { node, test: node.test ?? undefined, body: node.body, update };
  if (!unrolled(t, shape)) runLoop(t, shape, true);
  t.scope = scope;
}

export function doLoop(t: Translation, node: DoWhileStatement): void {
  runLoop(t, { node, test: node.test, body: node.body, update: undefined }, false);
}

const testOf = (t: Translation, { test }: Shape): Value =>
  test === undefined ? t.builder.boolean(true) : truthOf(t, t.expression(test), test);

/** False: it is not to be unrolled, and nothing has happened. */
function unrolled(t: Translation, shape: Shape): boolean {
  const before = copyOf(t.flow);
  const { returns, loops } = t.frame;
  const returned = returns.length;
  const made = t.builder.count;
  const breaks: Leaving[] = [];
  const undo = (): false => {
    t.flow = before;
    returns.length = returned;
    return false;
  };
  for (let round = 0; ; round++) {
    const more = testOf(t, shape);
    if (more.constant === false) break;
    const early = breaks.length > 0 || returns.length > returned;
    if (more.constant !== true || round >= MOST_ROUNDS || (early && round >= FEW_ROUNDS)) return undo();
    if (t.builder.count - made > MOST_UNROLLED) return undo();
    const continues: Leaving[] = [];
    loops.push({ breaks, continues, label: undefined });
    t.statement(shape.body);
    loops.pop();
    t.flow = rejoined(t, t.flow, continues, shape.node);
    if (t.flow.reach.constant === false) break;
    if (shape.update) t.expression(shape.update);
  }
  t.flow = rejoined(t, t.flow, breaks, shape.node);
  return true;
}

/** The flow together with lanes that left it earlier. */
function rejoined(t: Translation, flow: Flow, leaving: readonly Leaving[], node: AnyNode): Flow {
  let { variables, reach } = flow;
  for (const one of leaving) {
    variables = reach.constant === false ? new Map(one.variables) : merged(t, one.when, one.variables, variables, node);
    reach = either(t, reach, one.when);
  }
  return { variables, reach };
}

interface Carried {
  readonly binding: Binding;
  readonly kind: 'number' | 'boolean' | 'bigint';
  readonly lane: Lane;
}

/** The value of a variable in its lanes, at the entry of the loop or at the end of a round. */
function inLanes(t: Translation, { kind, lane, binding }: Carried, term: Term | undefined, node: AnyNode): Value {
  if (term === undefined)
    return refuse(t, node, `\`${binding.name}\` is declared in some rounds only`, 'Declare it before the loop');
  if (kind === 'boolean' && term.kind === 'boolean') return term.value;
  if (kind === 'bigint' && term.kind === 'bigint') return term.value;
  if (kind === 'number') {
    const value =
      term.kind === 'number' ? term.value : term.kind === 'boolean' ? t.numbers.int(term.value) : t.builder.number(NaN);
    if (term.kind === 'number' || term.kind === 'boolean' || term.kind === 'undefined')
      return lane === 'i32' ? t.numbers.int(value) : t.numbers.double(value);
  }
  return refuse(
    t,
    node,
    `\`${binding.name}\` changes its type in the loop`,
    'Give it a value of the same type before the loop',
  );
}

/** What to assume of a variable before its first round. */
function assumed(binding: Binding, term: Term): Carried | undefined {
  if (term.kind === 'boolean' || term.kind === 'bigint')
    return { binding, kind: term.kind, lane: term.kind === 'bigint' ? 'i64' : 'bool' };
  if (term.kind === 'undefined') return { binding, kind: 'number', lane: 'f64' };
  if (term.kind !== 'number') return undefined;
  const { value } = term;
  const int = value.lane === 'i32' || (value.constant !== undefined && fitsInt32(value) && !value.minusZero);
  return { binding, kind: 'number', lane: int && term.missing === undefined ? 'i32' : 'f64' };
}

/** What is carried after all: only variables that change, wider where a round gave what the lanes cannot hold. */
type Verdict = { readonly settled: true } | { readonly settled: false; readonly carried: Carried[] };

/** Runs the loop natively; `first`: the test comes before the first round. */
function runLoop(t: Translation, shape: Shape, first: boolean): void {
  const { node } = shape;
  const outside = t.builder.region;
  const entry = first ? testOf(t, shape) : t.builder.boolean(true);
  if (entry.constant === false) return;
  const before = copyOf(t.flow);
  const blurred = new Set<Binding>();
  let carried: Carried[] = [];
  for (const [binding, term] of before.variables) {
    if (!binding.mutable) continue;
    const one = assumed(binding, term);
    if (one !== undefined) carried.push(one);
    if (term.kind === 'undefined' || (term.kind === 'number' && (term.missing ?? term.blurred))) blurred.add(binding);
  }
  const returned = t.frame.returns.length;
  for (let attempt = 0; ; attempt++) {
    const run = new LoopRun(t, shape, before, carried, blurred, entry, outside);
    const verdict = run.round();
    t.builder.region = outside;
    if (verdict.settled || attempt === MOST_ATTEMPTS) {
      if (!verdict.settled)
        refuse(t, node, 'the types of its variables do not settle', 'Declare loop variables with numbers');
      run.finish();
      run.setApart();
      return;
    }
    t.frame.returns.length = returned;
    ({ carried } = verdict);
  }
}

class LoopRun {
  readonly #t: Translation;
  readonly #shape: Shape;
  readonly #before: Flow;
  readonly #carried: readonly Carried[];
  /** Variables that are a boolean or undefined in some lanes. */
  readonly #blurred: Set<Binding>;
  readonly #entry: Value;
  readonly #outside: Region;
  readonly #loop: Loop;
  readonly #returned: number;
  /** Flow at the end of a round, before and after the test's answer. */
  #end: Flow | undefined;
  #breaks: Leaving[] = [];

  constructor(
    t: Translation,
    shape: Shape,
    before: Flow,
    carried: readonly Carried[],
    blurred: Set<Binding>,
    entry: Value,
    outside: Region,
  ) {
    this.#t = t;
    this.#shape = shape;
    this.#before = before;
    this.#carried = carried;
    this.#blurred = blurred;
    this.#entry = entry;
    this.#outside = outside;
    this.#loop = {
      body: newRegion(outside),
      entry: undefined,
      go: undefined,
      limit: undefined,
      alike: new Set(),
      carried: [],
      exits: [],
    };
    this.#returned = t.frame.returns.length;
  }

  /** Translates one round. */
  round(): Verdict {
    const t = this.#t;
    const { node, body, update } = this.#shape;
    const loop = this.#loop;
    t.builder.region = loop.body;
    const variables = new Map(this.#before.variables);
    const works: Value[] = [];
    for (const one of this.#carried) {
      const facts: Facts = one.lane === 'i32' ? INT32 : NOTHING_KNOWN;
      const work = t.builder.ofLoop('carried', one.lane, loop.body, loop, facts);
      works.push(work);
      variables.set(one.binding, this.#term(one, work));
    }
    t.flow = { variables, reach: t.builder.boolean(true) };
    const continues: Leaving[] = [];
    t.frame.loops.push({ breaks: this.#breaks, continues, label: undefined });
    t.statement(body);
    t.frame.loops.pop();
    t.flow = rejoined(t, t.flow, continues, node);
    if (update && t.flow.reach.constant !== false) t.expression(update);
    const go =
      t.flow.reach.constant === false ? t.builder.boolean(false) : both(t, t.flow.reach, testOf(t, this.#shape));
    this.#end = t.flow;
    loop.go = go;
    return this.#verdict(works);
  }

  #term({ kind, binding }: Carried, value: Value): Term {
    if (kind === 'boolean') return boolean(value);
    if (kind === 'bigint') return { kind, value };
    return this.#blurred.has(binding) ? { kind, value, blurred: true } : number(value);
  }

  #verdict(works: readonly Value[]): Verdict {
    const t = this.#t;
    const { variables } = this.#end as Flow;
    let settled = true;
    const next: Carried[] = [];
    const leaving = this.#breaks.map((one) => one.variables);
    for (const [i, one] of this.#carried.entries()) {
      const work = works[i];
      const terms = [variables, ...leaving].map((from) => from.get(one.binding));
      const unchanged = terms.every((term) => term !== undefined && 'value' in term && term.value === work);
      if (unchanged) {
        settled = false;
        continue;
      }
      const wide = terms.some(
        (term) =>
          term?.kind === 'number' &&
          !(
            term.value.lane === 'i32' ||
            (term.value.constant !== undefined && fitsInt32(term.value) && !term.value.minusZero)
          ),
      );
      const typed = terms.some((term) => term?.kind === 'undefined');
      const mixed = terms.some(
        (term) =>
          term?.kind !== one.kind || (term.kind === 'number' && (term.missing !== undefined || term.blurred === true)),
      );
      if (mixed && one.kind === 'number' && !this.#blurred.has(one.binding)) {
        this.#blurred.add(one.binding);
        settled = false;
      }
      if (one.kind === 'number' && one.lane === 'i32' && (wide || typed)) {
        settled = false;
        next.push({ ...one, lane: 'f64' });
      } else if (one.kind === 'boolean' && terms.some((term) => term?.kind === 'number')) {
        refuse(
          t,
          this.#shape.node,
          `\`${one.binding.name}\` changes its type in the loop`,
          'Give it a number before the loop',
        );
      } else next.push(one);
    }
    if (!settled) return { settled, carried: next };
    const end = this.#end as Flow;
    for (const [i, one] of this.#carried.entries()) {
      const work = works[i] as Value;
      const init = inLanes(t, one, this.#before.variables.get(one.binding), this.#shape.node);
      this.#loop.carried.push({ init, work, next: inLanes(t, one, end.variables.get(one.binding), this.#shape.node) });
    }
    return { settled: true };
  }

  /** Puts the loop in its place, and gives the variables their values after it. */
  finish(): void {
    const t = this.#t;
    const { builder } = t;
    const { node } = this.#shape;
    const loop = this.#loop;
    const end = this.#end as Flow;
    const returns = t.frame.returns.splice(this.#returned);
    // Exits are computed within the body; what stands outside of it is only put in its place.
    builder.region = loop.body;
    const last = rejoined(t, { variables: end.variables, reach: end.reach }, this.#breaks, node);
    const exits: { one: Carried; exit: Value }[] = [];
    for (const one of this.#carried) exits.push({ one, exit: inLanes(t, one, last.variables.get(one.binding), node) });
    let gone = builder.boolean(false);
    let result: Term | undefined;
    for (const { when, term } of returns.toReversed()) {
      gone = either(t, gone, when);
      result = result === undefined ? term : choose(t, when, term, result, node);
    }
    const returned = result && this.#leaving(result);
    const reach = this.#before.reach;
    const entered = both(t, reach, this.#entry);
    loop.entry = entered.constant === true ? undefined : entered;
    const go = loop.go as Value;
    if (go.constant === true) refuse(t, node, 'it never ends', 'Give the loop a condition or a break');
    builder.region = this.#outside;
    // From here on nothing is made that the loop reads: what stands outside of it stands before it.
    const marker = builder.ofLoop('loop', 'bool', this.#outside, loop);
    const resultOf = (init: Value, exit: Value): Value => {
      const value = builder.ofLoop('result', exit.lane, marker.home, loop, exit.lane === 'i32' ? INT32 : NOTHING_KNOWN);
      loop.exits.push({ init, exit, result: value });
      return value;
    };
    const variables = new Map(this.#before.variables);
    for (const [i, { one, exit }] of exits.entries()) {
      const { init } = loop.carried[i] as Loop['carried'][number];
      variables.set(one.binding, this.#term(one, resultOf(init, exit)));
    }
    t.flow = { variables, reach };
    if (returned === undefined) return;
    const left = resultOf(builder.boolean(false), gone);
    t.frame.returns.push({ when: both(t, reach, left), term: returned(resultOf) });
    t.flow.reach = both(t, reach, negation(t, left));
  }

  /** Sets what is the same in all lanes apart, also in the condition. */
  setApart(): void {
    const loop = this.#loop;
    const found = alikeIn(loop);
    if (found === undefined) return;
    const { values, limits, others } = found;
    // What is known outside of the loop is joined to what is not: alone it would stand behind the loop.
    const [first, ...rest] = others.toSorted((a, b) => b.home.depth - a.home.depth);
    if (first !== undefined && first.home !== loop.body && rest.length > 0) return;
    for (const part of limits) {
      loop.limit = loop.limit === undefined ? part : both(this.#t, loop.limit, part);
      values.add(loop.limit);
    }
    loop.go = rest.reduce((go, part) => both(this.#t, go, part), first ?? this.#t.builder.boolean(true));
    loop.alike = values;
  }

  /** What lanes return from within the loop: made ready now, and a result of the loop once it stands. */
  #leaving(term: Term): (resultOf: (init: Value, exit: Value) => Value) => Term {
    const { builder, numbers } = this.#t;
    if (term.kind === 'boolean') return (resultOf) => boolean(resultOf(builder.boolean(false), term.value));
    if (term.kind === 'bigint')
      return (resultOf) => ({ kind: 'bigint', value: resultOf(builder.bigint(0n), term.value) });
    if (term.kind !== 'number') return () => term;
    const value = term.value.lane === 'i32' ? term.value : numbers.double(term.value);
    const zero = value.lane === 'i32' ? builder.int(0) : builder.number(0);
    return (resultOf) => {
      const missing = term.missing && resultOf(builder.boolean(false), term.missing);
      return {
        kind: 'number',
        value: resultOf(zero, value),
        ...(missing && { missing }),
        ...(term.blurred && { blurred: true }),
      };
    };
  }
}
