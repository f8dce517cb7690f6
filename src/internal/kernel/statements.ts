// Statements: declarations, branches, returns, and where control leaves a loop.
import type { FunctionDeclaration, Statement, VariableDeclaration } from 'acorn';
import { branch, copyOf } from './flow.js';
import { doLoop, forLoop } from './loops.js';
import { declare, refuse, type Translation, truthOf, USE_WORKERS } from './translation.js';
import { lookup, newScope, UNDEFINED } from './term.js';

export function statement(t: Translation, node: Statement): void {
  // Nothing gets here any more in any lane.
  if (t.flow.reach.constant === false && node.type !== 'FunctionDeclaration') return;
  switch (node.type) {
    case 'EmptyStatement':
      return;
    case 'BlockStatement':
      block(t, node.body);
      return;
    case 'ExpressionStatement':
      if (node.directive === undefined) t.expression(node.expression);
      return;
    case 'VariableDeclaration':
      declaration(t, node);
      return;
    case 'FunctionDeclaration':
      return;
    case 'ReturnStatement': {
      const term = node.argument ? t.expression(node.argument) : UNDEFINED;
      t.frame.returns.push({ when: t.flow.reach, term });
      t.flow.reach = t.builder.boolean(false);
      return;
    }
    case 'IfStatement': {
      const { alternate } = node;
      branch(
        t,
        truthOf(t, t.expression(node.test), node.test),
        node,
        () => inOwnScope(t, node.consequent),
        () => (alternate ? inOwnScope(t, alternate) : UNDEFINED),
      );
      return;
    }
    case 'ForStatement':
      forLoop(t, node);
      return;
    case 'WhileStatement':
      forLoop(t, node);
      return;
    case 'DoWhileStatement':
      doLoop(t, node);
      return;
    case 'BreakStatement':
    case 'ContinueStatement': {
      if (node.label)
        refuse(
          t,
          node,
          'a labelled jump is outside the numeric subset',
          'Put the inner loop into a function that returns',
        );
      const loop = t.frame.loops.at(-1);
      if (loop === undefined) return refuse(t, node, 'it jumps out of what is no loop', USE_WORKERS);
      const leaving = node.type === 'BreakStatement' ? loop.breaks : loop.continues;
      leaving.push({ when: t.flow.reach, variables: copyOf(t.flow).variables });
      t.flow.reach = t.builder.boolean(false);
      return;
    }
    case 'SwitchStatement':
      refuse(t, node, '`switch` is outside the numeric subset', 'Write it as if and else');
      return;
    case 'ThrowStatement':
      refuse(t, node, '`throw` is outside the numeric subset', 'Return NaN, or test the results');
      return;
    case 'TryStatement':
      refuse(t, node, '`try` is outside the numeric subset', 'Nothing in the subset throws: leave it out');
      return;
    default:
      refuse(t, node, `${NAMES[node.type] ?? `a ${node.type}`} is outside the numeric subset`, USE_WORKERS);
  }
}

const NAMES: Readonly<Record<string, string>> = {
  ForOfStatement: '`for ... of`',
  ForInStatement: '`for ... in`',
  ClassDeclaration: 'a class',
  LabeledStatement: 'a label',
  WithStatement: '`with`',
  DebuggerStatement: '`debugger`',
};

function block(t: Translation, statements: readonly Statement[]): void {
  const scope = t.scope;
  t.scope = newScope(scope);
  for (const inner of statements) if (inner.type === 'FunctionDeclaration') functionDeclaration(t, inner);
  for (const inner of statements) t.statement(inner);
  t.scope = scope;
}

/** A single statement may declare nothing, but a block does. */
function inOwnScope(t: Translation, node: Statement): typeof UNDEFINED {
  t.statement(node);
  return UNDEFINED;
}

function functionDeclaration(t: Translation, node: FunctionDeclaration): void {
  declare(t, node.id.name, false, { kind: 'function', node, scope: t.scope });
}

function declaration(t: Translation, node: VariableDeclaration): void {
  for (const { id, init } of node.declarations) {
    if (id.type !== 'Identifier') {
      refuse(t, id, 'destructuring is outside the numeric subset', 'Declare names one by one');
    }
    if (node.kind !== 'var' && node.kind !== 'let' && node.kind !== 'const')
      refuse(t, node, `\`${node.kind}\` is outside the numeric subset`, USE_WORKERS);
    const { name } = id;
    const term = init ? t.expression(init) : UNDEFINED;
    // A `var` was declared where its function began.
    const known = node.kind === 'var' ? lookup(t.scope, name) : undefined;
    if (known === undefined) declare(t, name, node.kind !== 'const', term);
    else if (init) t.flow.variables.set(known, term);
  }
}
