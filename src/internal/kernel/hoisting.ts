// Where `var` puts its names: at the beginning of the function.
import type { AnyNode } from 'acorn';

/** The names that `var` declares anywhere in a function, however deep in its blocks. */
export function hoisted(node: AnyNode, found: Set<string> = new Set()): Set<string> {
  if (/Function|Class/.test(node.type)) return found;
  if (node.type === 'VariableDeclaration' && node.kind === 'var')
    for (const { id } of node.declarations) if (id.type === 'Identifier') found.add(id.name);
  for (const child of Object.values(node) as unknown[])
    for (const one of Array.isArray(child) ? child : [child])
      if (typeof one === 'object' && one !== null && 'type' in one) hoisted(one as AnyNode, found);
  return found;
}
