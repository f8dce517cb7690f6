// Functions of the subset called from within: their bodies stand in place of the call.
import type { AnyNode, Pattern } from 'acorn';
import { choose, type Frame } from './flow.js';
import { declare, refuse, type Translation, USE_WORKERS } from './translation.js';
import { hoisted } from './hoisting.js';
import { type FunctionTerm, newScope, type Scope, type Term, UNDEFINED } from './term.js';
import type { Value } from './value.js';

const DEEPEST_CALL = 32;

/** The term that a call of `fn` gives. */
export function inline(t: Translation, fn: FunctionTerm, args: readonly Term[], node: AnyNode | undefined): Term {
  const { scope, frame, site, depth, flow } = t;
  if (depth >= DEEPEST_CALL)
    refuse(t, node, 'it calls itself, or functions are nested too deeply', 'Write the recursion as a loop');
  const before = flow.reach;
  const inner: Frame = { returns: [], loops: [] };
  // Reasons inside a helper are told at its call, where the text that the user gave can show a place.
  if (fn.scope.unit !== scope.unit && site === undefined && node !== undefined) t.site = node.start - scope.unit.offset;
  t.scope = newScope(fn.scope);
  t.frame = inner;
  t.depth = depth + 1;
  t.flow = { variables: flow.variables, reach: t.builder.boolean(true) };
  const { node: definition } = fn;
  if (definition.async || definition.generator)
    refuse(t, definition, 'async functions and generators are outside the numeric subset', USE_WORKERS);
  definition.params.forEach((param, index) => parameter(t, param, args[index] ?? UNDEFINED));
  if (definition.type !== 'ArrowFunctionExpression' && definition.id && !t.scope.names.has(definition.id.name))
    declare(t, definition.id.name, false, fn);
  let result: Term;
  if (definition.body.type === 'BlockStatement') {
    for (const name of hoisted(definition.body)) if (!t.scope.names.has(name)) declare(t, name, true, UNDEFINED);
    t.statement(definition.body);
    result = returned(t, inner, node ?? definition);
  } else result = t.expression(definition.body);
  t.flow = { variables: t.flow.variables, reach: before };
  t.scope = scope;
  t.frame = frame;
  t.site = site;
  t.depth = depth;
  return result;
}

function parameter(t: Translation, param: Pattern, given: Term): void {
  if (param.type === 'Identifier') {
    declare(t, param.name, true, given);
    return;
  }
  if (param.type === 'AssignmentPattern' && param.left.type === 'Identifier') {
    if (given.kind === 'number' && given.missing !== undefined)
      refuse(t, param, 'a parameter with a default is given an element that may be missing', 'Use ?? at the call');
    declare(t, param.left.name, true, given.kind === 'undefined' ? t.expression(param.right) : given);
    return;
  }
  refuse(
    t,
    param,
    param.type === 'RestElement'
      ? 'rest parameters are outside the numeric subset'
      : 'destructured parameters are outside the numeric subset',
    'Name the parameters one by one',
  );
}

/** What the returns give together; lanes that reach the end give undefined. */
function returned(t: Translation, { returns }: Frame, node: AnyNode): Term {
  let result: Term | undefined = t.flow.reach.constant === false ? undefined : UNDEFINED;
  for (let i = returns.length - 1; i >= 0; i--) {
    const { when, term } = returns[i] as (typeof returns)[number];
    // Lanes that returned before are chosen after this one, so that they need not be excluded here.
    const before = new Set(returns.slice(0, i).map((earlier) => earlier.when));
    result = result === undefined ? term : choose(t, without(when, before), term, result, node);
  }
  return result ?? UNDEFINED;
}

function without(when: Value, before: ReadonlySet<Value>): Value {
  const [a, b] = when.args;
  if (when.op !== 'and.bool' || a === undefined || b === undefined) return when;
  const excludes = (value: Value): boolean => {
    const [inner] = value.args;
    return value.op === 'not.bool' && inner !== undefined && before.has(inner);
  };
  return excludes(a) ? without(b, before) : excludes(b) ? without(a, before) : when;
}

export function rootScope(unit: Scope['unit']): Scope {
  return { parent: undefined, names: new Map(), unit };
}
