// What the text of a function says: its shape, its free variables, and what of its surroundings it uses.
import type { AnyNode } from 'acorn';
import { META_NAME, SUPER_NAME } from './graph.js';
import { ScopeWalk } from './scope-walk.js';
import { named } from './naming.js';
import { quickScan } from './quick-scan.js';

/** How a free variable is used. */
export interface FreeVariable {
  assigned: boolean;
  /** Only under `typeof`: it need not exist. */
  typeofOnly: boolean;
  /** Used other than as `name.member`. */
  whole: boolean;
  /** A member of it is called, with it as `this`. */
  called: boolean;
  readonly members: Set<string>;
}

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export type Shape = 'arrow' | 'function' | 'class' | 'method' | 'native';

export interface Analysis {
  readonly shape: Shape;
  /** `text` between `before` and `after` is an expression that gives the function. */
  readonly before: string;
  readonly text: string;
  readonly after: string;
  /** Where `text` begins in the function's own text. */
  readonly start: number;
  /** Where V8 says that the function begins, in the function's own text. */
  readonly anchor: number;
  readonly free: ReadonlyMap<string, FreeVariable>;
  /** A class that extends something: the name that stands for it in `text`. */
  readonly heritage: boolean;
  readonly usesMeta: boolean;
  readonly importsDynamically: boolean;
  /** Async functions and generators have no `arguments` of their own to tell strict code by. */
  readonly plainFunction: boolean;
  /** Why it cannot be taken out of its surroundings. */
  readonly obstacle: string | undefined;
  /** Reads or writes a property of itself by its own name. */
  readonly touchesItself: boolean;
}

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;
const MOST_ANALYSES = 4096;
const analyses = new Map<string, Analysis>();

export const sourceText = (fn: Function): string => Function.prototype.toString.call(fn);

/** The analysis of a function's text; functions of one text and name share it. Throws SyntaxError. */
export function analyse(text: string, name: string): Analysis {
  const key = `${name}\0${text}`;
  let analysis = analyses.get(key);
  if (analysis === undefined) {
    if (analyses.size >= MOST_ANALYSES) analyses.clear();
    analysis = NATIVE.test(text) ? NATIVE_ANALYSIS : (quickScan(text, name) ?? parsed(text, name));
    analyses.set(key, analysis);
  }
  return analysis;
}

const NATIVE_ANALYSIS: Analysis = {
  shape: 'native',
  before: '',
  text: '',
  after: '',
  start: 0,
  anchor: 0,
  free: new Map(),
  heritage: false,
  usesMeta: false,
  importsDynamically: false,
  plainFunction: false,
  obstacle: undefined,
  touchesItself: false,
};

type FunctionNode = Extract<AnyNode, { type: 'FunctionExpression' | 'ArrowFunctionExpression' }>;

interface Literal {
  readonly shape: Shape;
  readonly node: AnyNode;
  /** Length of what was put before the function's text to parse it. */
  readonly offset: number;
  readonly before: string;
  readonly after: string;
  /** `text` is the node's own text rather than the whole. */
  readonly own: boolean;
}

function parse(text: string): AnyNode {
  // acorn takes some 10 ms to load, which most programs never need at start.
  const acorn = require('acorn') as typeof import('acorn');
  const options = { ecmaVersion: 'latest', allowSuperOutsideMethod: true } as const;
  try {
    return acorn.parse(text, { ...options, sourceType: 'module' });
  } catch (moduleError) {
    try {
      return acorn.parse(text, { ...options, sourceType: 'script' });
    } catch {
      throw moduleError;
    }
  }
}

/** The expression that a program consists of. */
function expression(text: string): AnyNode | undefined {
  const program = parse(text);
  if (program.type !== 'Program') return undefined;
  const [statement] = program.body;
  return statement?.type === 'ExpressionStatement' ? statement.expression : undefined;
}

/** A function's text is an expression, or a member of an object or class literal. */
function literal(text: string, name: string): Literal {
  let failure: unknown;
  try {
    const node = expression(`(${text}\n)`);
    if (node?.type === 'ArrowFunctionExpression')
      return { shape: 'arrow', node, offset: 1, ...named(name, true), own: false };
    if (node?.type === 'FunctionExpression')
      return { shape: 'function', node, offset: 1, ...named(name, !node.id), own: false };
    if (node?.type === 'ClassExpression') {
      // A static member `name` is the class's own; naming it from outside would hide that.
      return { shape: 'class', node, offset: 1, ...named(name, !node.id), own: false };
    }
  } catch (error) {
    failure = error;
  }
  for (const opening of ['({', '(class{', '(class{static ']) {
    try {
      const node = expression(`${opening}${text}\n})`);
      const member =
        node?.type === 'ObjectExpression'
          ? node.properties[0]
          : node?.type === 'ClassExpression'
            ? node.body.body[0]
            : undefined;
      if (member?.type !== 'Property' && member?.type !== 'MethodDefinition') continue;
      const { value } = member;
      if (value.type !== 'FunctionExpression') continue;
      // A method of a fixed key, so that a computed one need not be evaluated again.
      const key = JSON.stringify(name.replace(/^[gs]et /, ''));
      if (member.kind === 'get' || member.kind === 'set') {
        const after = `},${key}).${member.kind}`;
        return {
          shape: 'method',
          node: value,
          offset: opening.length,
          before: `Object.getOwnPropertyDescriptor({${member.kind} [${key}]`,
          after,
          own: true,
        };
      }
      const prefix = `${value.async ? 'async ' : ''}${value.generator ? '*' : ''}`;
      return {
        shape: 'method',
        node: value,
        offset: opening.length,
        before: `({${prefix}[${key}]`,
        after: `})[${key}]`,
        own: true,
      };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure ?? new SyntaxError('not the text of a function');
}

function parsed(text: string, name: string): Analysis {
  const { shape, node, offset, before, after, own } = literal(text, name);
  const free = new Map<string, FreeVariable>();
  const edits: Edit[] = [];
  let usesMeta = false;
  let importsDynamically = false;
  let obstacle: string | undefined;
  let touchesItself = false;
  const walk = new ScopeWalk({
    use(variable, scope, how, _at, member) {
      const binding = scope.find(variable);
      if (binding !== undefined) {
        if (binding.kind === 'own-name' && binding.node === node && how !== 'read') touchesItself = true;
        return;
      }
      let known = free.get(variable);
      if (known === undefined) {
        known = { assigned: false, typeofOnly: true, whole: false, called: false, members: new Set() };
        free.set(variable, known);
      }
      record(known, how, member);
    },
    surroundings(at, owned) {
      if (at.type === 'ImportExpression') importsDynamically = true;
      else if (at.type === 'MetaProperty' && at.meta.name === 'import') {
        usesMeta = true;
        edits.push({ start: at.start - offset, end: at.end - offset, text: META_NAME });
      } else if (at.type === 'CallExpression')
        obstacle ??= 'it calls `eval` directly, so its variables cannot be known';
      else if (at.type === 'WithStatement') obstacle ??= 'it uses `with`, so its variables cannot be known';
      else if (at.type === 'Super' && shape === 'method')
        obstacle ??= 'it uses `super`, and the object it belongs to cannot be read from the method alone';
      else if (!owned && at.type === 'ThisExpression')
        obstacle ??=
          'it uses the `this` of the function around it, which cannot be read; write `const self = this` outside and use `self`';
      else if (!owned && at.type === 'MetaProperty') obstacle ??= 'it uses the `new.target` of the function around it';
      else if (!owned && at.type === 'Identifier') obstacle ??= 'it uses the `arguments` of the function around it';
      else if (!owned && at.type === 'Super') obstacle ??= 'it uses the `super` of the method around it';
    },
  });
  const heritage = node.type === 'ClassExpression' && node.superClass ? node.superClass : undefined;
  walk.literal(node, heritage !== undefined);
  if (heritage) edits.push({ start: heritage.start - offset, end: heritage.end - offset, text: SUPER_NAME });
  const start = own ? node.start - offset : 0;
  const end = own ? node.end - offset : text.length;
  return {
    shape,
    before,
    text: edited(text, start, end, edits),
    after: `\n${after}`,
    start,
    anchor: anchor(node) - offset,
    free,
    heritage: heritage !== undefined,
    usesMeta,
    importsDynamically,
    plainFunction: shape === 'function' && node.type === 'FunctionExpression' && !node.async && !node.generator,
    obstacle,
    touchesItself,
  };
}

function record(known: FreeVariable, how: string, member: string | undefined): void {
  if (how === 'write') known.assigned = true;
  if (how !== 'typeof') known.typeofOnly = false;
  if (how !== 'member' && how !== 'call-member') known.whole = true;
  if (how === 'call-member') known.called = true;
  if (member !== undefined) known.members.add(member);
}

/** V8 places a function at its parameters and a class at its constructor or its beginning. */
function anchor(node: AnyNode): number {
  if (node.type === 'ClassExpression') {
    for (const member of node.body.body)
      if (member.type === 'MethodDefinition' && member.kind === 'constructor') return member.value.start;
    return node.start;
  }
  const fn = node as FunctionNode;
  if (fn.type === 'FunctionExpression' && fn.id) return fn.id.end;
  return fn.start;
}

function edited(text: string, start: number, end: number, edits: Edit[]): string {
  let out = '';
  let from = start;
  for (const edit of edits.sort((a, b) => a.start - b.start)) {
    out += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return out + text.slice(from, end);
}
