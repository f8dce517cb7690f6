// Walks a syntax tree with JavaScript's scopes: who declares each name, and which names are used where.
import type { AnyNode, Pattern } from 'acorn';
import { Scope, declareBlock, hoist, isNode, names } from './scope.js';

/** How a name is used: read whole, written, only under `typeof`, as `name.member`, or as `name.member()`. */
export type Use = 'read' | 'write' | 'typeof' | 'member' | 'call-member';

export interface ScopeListener {
  use(name: string, scope: Scope, how: Use, node: AnyNode, member?: string): void;
  /** Anything about the function's surroundings: `this`, `super`, `new.target`, `import.meta`, `import()`, eval, with. */
  surroundings?(node: AnyNode, owned: boolean): void;
  scope?(scope: Scope): void;
}

type Visit = AnyNode | null | undefined;

export class ScopeWalk {
  readonly #listener: ScopeListener;
  /** The walk is inside a function of its own `this`. */
  #owned = false;

  constructor(listener: ScopeListener) {
    this.#listener = listener;
  }

  #open(parent: Scope | undefined, node: AnyNode): Scope {
    const scope = new Scope(parent, node.start, node.end);
    this.#listener.scope?.(scope);
    return scope;
  }

  /** A whole file. */
  program(node: Extract<AnyNode, { type: 'Program' }>): Scope {
    const scope = this.#open(undefined, node);
    hoist(node.body, scope);
    declareBlock(node.body, scope);
    for (const statement of node.body) this.visit(statement, scope);
    return scope;
  }

  /** One function or class literal alone. `skipHeritage` leaves out what a class extends. */
  literal(node: AnyNode, skipHeritage: boolean): void {
    const scope = this.#open(undefined, node);
    if (node.type === 'ClassExpression' || node.type === 'ClassDeclaration') this.#class(node, scope, skipHeritage);
    else this.visit(node, scope);
  }

  #function(
    node: Extract<AnyNode, { type: 'FunctionExpression' | 'FunctionDeclaration' | 'ArrowFunctionExpression' }>,
    outer: Scope,
  ): void {
    let around = outer;
    if (node.type === 'FunctionExpression' && node.id) {
      around = this.#open(outer, node);
      around.declare(node.id.name, 'own-name', node);
    }
    const scope = this.#open(around, node);
    const arrow = node.type === 'ArrowFunctionExpression';
    const saved = this.#owned;
    if (!arrow) {
      scope.declare('arguments', 'const');
      this.#owned = true;
    }
    for (const parameter of node.params) names(parameter, (name) => scope.declare(name, 'parameter'));
    for (const parameter of node.params) this.#pattern(parameter, scope, false);
    if (node.body.type === 'BlockStatement') {
      hoist(node.body.body, scope);
      declareBlock(node.body.body, scope);
      for (const statement of node.body.body) this.visit(statement, scope);
    } else {
      this.visit(node.body, scope);
    }
    this.#owned = saved;
  }

  #class(
    node: Extract<AnyNode, { type: 'ClassExpression' | 'ClassDeclaration' }>,
    outer: Scope,
    skipHeritage: boolean,
  ): void {
    const scope = this.#open(outer, node);
    if (node.id) scope.declare(node.id.name, 'own-name', node);
    if (!skipHeritage) this.visit(node.superClass, scope);
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') {
        this.#block(member, scope, true);
        continue;
      }
      if (member.computed) this.visit(member.key, scope);
      if (member.type === 'MethodDefinition') {
        this.visit(member.value, scope);
      } else {
        const saved = this.#owned;
        this.#owned = true;
        this.visit(member.value, scope);
        this.#owned = saved;
      }
    }
  }

  #block(node: Extract<AnyNode, { type: 'BlockStatement' | 'StaticBlock' }>, outer: Scope, ownVars: boolean): void {
    const scope = this.#open(outer, node);
    const saved = this.#owned;
    if (ownVars) {
      hoist(node.body, scope);
      this.#owned = true;
    }
    declareBlock(node.body, scope);
    for (const statement of node.body) this.visit(statement, scope);
    this.#owned = saved;
  }

  /** Defaults and computed keys of a pattern are read; with `assigns` its names are written. */
  #pattern(node: Pattern | null, scope: Scope, assigns: boolean): void {
    if (!node) return;
    switch (node.type) {
      case 'Identifier':
        if (assigns) this.#listener.use(node.name, scope, 'write', node);
        return;
      case 'ObjectPattern':
        for (const property of node.properties) {
          if (property.type === 'RestElement') this.#pattern(property.argument, scope, assigns);
          else {
            if (property.computed) this.visit(property.key, scope);
            this.#pattern(property.value, scope, assigns);
          }
        }
        return;
      case 'ArrayPattern':
        for (const element of node.elements) this.#pattern(element, scope, assigns);
        return;
      case 'AssignmentPattern':
        this.#pattern(node.left, scope, assigns);
        this.visit(node.right, scope);
        return;
      case 'RestElement':
        this.#pattern(node.argument, scope, assigns);
        return;
      default:
        this.visit(node, scope);
    }
  }

  visit(node: Visit, scope: Scope): void {
    if (!node) return;
    switch (node.type) {
      case 'Identifier':
        if (node.name === 'arguments' && !this.#owned) this.#listener.surroundings?.(node, false);
        this.#listener.use(node.name, scope, 'read', node);
        return;
      case 'ThisExpression':
      case 'Super':
      case 'MetaProperty':
        this.#listener.surroundings?.(node, this.#owned);
        return;
      case 'ImportExpression':
        this.#listener.surroundings?.(node, this.#owned);
        break;
      case 'WithStatement':
        this.#listener.surroundings?.(node, this.#owned);
        break;
      case 'UnaryExpression':
        if (node.operator === 'typeof' && node.argument.type === 'Identifier') {
          this.#listener.use(node.argument.name, scope, 'typeof', node.argument);
          return;
        }
        break;
      case 'AssignmentExpression':
        if (node.operator !== '=' && node.left.type === 'Identifier') this.visit(node.left, scope);
        this.#pattern(node.left, scope, true);
        this.visit(node.right, scope);
        return;
      case 'UpdateExpression':
        this.visit(node.argument, scope);
        if (node.argument.type === 'Identifier') this.#listener.use(node.argument.name, scope, 'write', node.argument);
        return;
      case 'MemberExpression':
        this.#member(node, scope, 'member');
        return;
      case 'CallExpression':
        if (node.callee.type === 'Identifier' && node.callee.name === 'eval')
          this.#listener.surroundings?.(node, this.#owned);
        if (node.callee.type === 'MemberExpression') this.#member(node.callee, scope, 'call-member');
        else this.visit(node.callee, scope);
        for (const argument of node.arguments) this.visit(argument, scope);
        return;
      case 'Property':
      case 'PropertyDefinition':
        if (node.computed) this.visit(node.key, scope);
        this.visit(node.value, scope);
        return;
      case 'LabeledStatement':
        this.visit(node.body, scope);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        return;
      case 'ExportNamedDeclaration':
        this.visit(node.declaration, scope);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.#function(node, scope);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.#class(node, scope, false);
        return;
      case 'VariableDeclarator':
        this.#pattern(node.id, scope, false);
        this.visit(node.init, scope);
        return;
      case 'BlockStatement':
        this.#block(node, scope, false);
        return;
      case 'SwitchStatement': {
        this.visit(node.discriminant, scope);
        const inner = this.#open(scope, node);
        for (const branch of node.cases) declareBlock(branch.consequent, inner);
        for (const branch of node.cases) {
          this.visit(branch.test, inner);
          for (const statement of branch.consequent) this.visit(statement, inner);
        }
        return;
      }
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = this.#open(scope, node);
        const head = node.type === 'ForStatement' ? node.init : node.left;
        if (head?.type === 'VariableDeclaration') {
          declareBlock([head], inner);
          this.visit(head, inner);
        } else if (node.type === 'ForStatement') this.visit(head, inner);
        else this.#pattern(node.left as Pattern, inner, true);
        if (node.type === 'ForStatement') {
          this.visit(node.test, inner);
          this.visit(node.update, inner);
          // A closure made in an earlier round keeps its own copy, but what it sees may still change within the round.
          if (head?.type === 'VariableDeclaration')
            for (const binding of inner.names.values()) binding.assigned ||= binding.kind !== 'const';
        } else {
          this.visit(node.right, inner);
        }
        this.visit(node.body, inner);
        return;
      }
      case 'CatchClause': {
        const inner = this.#open(scope, node);
        if (node.param) {
          names(node.param, (name) => inner.declare(name, 'let'));
          this.#pattern(node.param, inner, false);
        }
        this.visit(node.body, inner);
        return;
      }
    }
    this.#children(node, scope);
  }

  #member(node: Extract<AnyNode, { type: 'MemberExpression' }>, scope: Scope, how: Use): void {
    if (
      node.object.type === 'Identifier' &&
      node.object.name !== 'arguments' &&
      !node.computed &&
      node.property.type === 'Identifier'
    ) {
      this.#listener.use(node.object.name, scope, how, node.object, node.property.name);
      return;
    }
    this.visit(node.object, scope);
    if (node.computed) this.visit(node.property, scope);
  }

  #children(node: AnyNode, scope: Scope): void {
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) for (const item of value) this.#child(item, scope);
      else this.#child(value, scope);
    }
  }

  #child(value: unknown, scope: Scope): void {
    // Everything of a syntax tree that has a `type` text is a node.
    if (isNode(value)) this.visit(value, scope);
  }
}
