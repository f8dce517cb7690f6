// One scope of a syntax tree and the names that it declares.
import type { AnyNode, Pattern } from 'acorn';

export type BindingKind = 'const' | 'let' | 'var' | 'function' | 'class' | 'parameter' | 'import' | 'own-name';

export interface Binding {
  readonly kind: BindingKind;
  /** Where a statement other than its declaration writes to it. */
  assigned: boolean;
  /** The declaration, where the walker knows more than the name. */
  readonly node: AnyNode | undefined;
}

export class Scope {
  readonly parent: Scope | undefined;
  readonly start: number;
  readonly end: number;
  readonly names = new Map<string, Binding>();

  constructor(parent: Scope | undefined, start: number, end: number) {
    this.parent = parent;
    this.start = start;
    this.end = end;
  }

  declare(name: string, kind: BindingKind, node?: AnyNode): void {
    const known = this.names.get(name);
    // Two declarations of one name (var, function) are an assignment to it.
    if (known !== undefined) known.assigned = true;
    else this.names.set(name, { kind, assigned: false, node });
  }

  find(name: string): Binding | undefined {
    return this.names.get(name) ?? this.parent?.find(name);
  }
}

export const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** The names that a pattern declares. */
export function names(node: Pattern | null, declare: (name: string) => void): void {
  if (!node) return;
  switch (node.type) {
    case 'Identifier':
      declare(node.name);
      return;
    case 'ObjectPattern':
      for (const property of node.properties)
        names(property.type === 'RestElement' ? property.argument : property.value, declare);
      return;
    case 'ArrayPattern':
      for (const element of node.elements) names(element, declare);
      return;
    case 'AssignmentPattern':
      names(node.left, declare);
      return;
    case 'RestElement':
      names(node.argument, declare);
  }
}

/** `var` of a function or file, however deep in its blocks. */
export function hoist(value: unknown, scope: Scope): void {
  if (Array.isArray(value)) {
    for (const item of value) hoist(item, scope);
    return;
  }
  if (!isNode(value)) return;
  if (/Function|^Class(?!Body)/.test(value.type)) return;
  if (value.type === 'VariableDeclaration' && value.kind === 'var') {
    for (const { id } of value.declarations) names(id, (name) => scope.declare(name, 'var'));
  }
  for (const child of Object.values(value)) if (typeof child === 'object') hoist(child, scope);
}

/** `let`, `const`, classes, functions and imports of one block. */
export function declareBlock(statements: readonly AnyNode[], scope: Scope): void {
  for (const statement of statements) {
    switch (statement.type) {
      case 'VariableDeclaration': {
        const { kind } = statement;
        if (kind === 'var') break;
        // `using` and `await using` bind once, as const does.
        const binding = kind === 'let' ? 'let' : 'const';
        for (const declarator of statement.declarations)
          names(declarator.id, (name) => scope.declare(name, binding, declarator));
        break;
      }
      case 'FunctionDeclaration':
        if (statement.id) scope.declare(statement.id.name, 'function', statement);
        break;
      case 'ClassDeclaration':
        if (statement.id) scope.declare(statement.id.name, 'class', statement);
        break;
      case 'ImportDeclaration':
        for (const specifier of statement.specifiers) scope.declare(specifier.local.name, 'import', statement);
        break;
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration':
        if (statement.declaration) declareBlock([statement.declaration], scope);
    }
  }
}
