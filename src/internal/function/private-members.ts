// Tells of a class whether its instances have #private members, which nobody can read or make outside of it.
import type { ClassExpression } from 'acorn';
import { sourceText } from './analysis.js';
import { usesPrivate } from './capture-object.js';

/** Static ones do not count: they are of the class, wherever it is evaluated. */
export function hasPrivateMembers(fn: Function): boolean {
  const source = sourceText(fn);
  if (!source.startsWith('class') || !usesPrivate(source)) return false;
  const { body } = parsed(source);
  return body.body.some(
    (member) =>
      (member.type === 'PropertyDefinition' || member.type === 'MethodDefinition') &&
      !member.static &&
      member.key.type === 'PrivateIdentifier',
  );
}

function parsed(source: string): ClassExpression {
  // It takes some 10 ms to load, and few programs need it here.
  const acorn = require('acorn') as typeof import('acorn');
  // The text begins with `class`, and V8 has taken it.
  return acorn.parseExpressionAt(source, 0, { ecmaVersion: 'latest', sourceType: 'module' }) as ClassExpression;
}
