// The syntax tree of a function's text.
import type { AnyNode } from 'acorn';
import { Refusal } from './refusal.js';
import type { FunctionNode } from './term.js';

/** What is tried around the text: an expression, or a method of an object. */
const WRAPPINGS = [
  ['(', '\n)'],
  ['({', '\n})'],
] as const;

/** A parsed text, which nobody changes. */
interface Parsed {
  readonly node: FunctionNode;
  /** What was put before the text, in characters. */
  readonly offset: number;
}

/** The last texts: a function that is written where it is given is a new one for each call, with the same text. */
const known = new Map<string, Parsed>();
const MOST_KNOWN = 64;
const LONGEST_KNOWN = 4096;

/** Throws Refusal when it is the text of no function. */
export function parseFunction(text: string): Parsed {
  const before = known.get(text);
  if (before !== undefined) return before;
  const parsed = parse(text);
  if (text.length <= LONGEST_KNOWN) {
    const [oldest] = known.keys();
    if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest);
    known.set(text, parsed);
  }
  return parsed;
}

function parse(text: string): Parsed {
  // acorn takes some 10 ms to load, which programs without typed arrays never need.
  const acorn = require('acorn') as typeof import('acorn');
  let failure: unknown;
  let parsed = false;
  for (const [before, after] of WRAPPINGS) {
    try {
      const node = functionIn(acorn.parse(before + text + after, { ecmaVersion: 'latest', sourceType: 'script' }));
      parsed = true;
      if (node !== undefined) return { node, offset: before.length };
    } catch (error) {
      failure ??= error;
    }
  }
  const remedy = 'Give an arrow function or a function';
  if (parsed) throw new Refusal(0, 'it is not the text of one function', remedy);
  if (text.endsWith('{ [native code] }'))
    throw new Refusal(
      0,
      'it is a native or bound function, which has no text',
      'Write it out, as `(x, y) => Math.max(x, y)`',
    );
  const { pos, message } = failure as SyntaxError & { pos?: number };
  throw new Refusal(
    Math.max(0, (pos ?? 1) - 1),
    `it cannot be parsed: ${message.replace(/ \(\d+:\d+\)$/, '')}`,
    remedy,
  );
}

function functionIn(program: AnyNode): FunctionNode | undefined {
  if (program.type !== 'Program' || program.body.length !== 1) return undefined;
  const [statement] = program.body;
  if (statement?.type !== 'ExpressionStatement') return undefined;
  const { expression } = statement;
  if (expression.type === 'ArrowFunctionExpression' || expression.type === 'FunctionExpression') return expression;
  if (expression.type !== 'ObjectExpression' || expression.properties.length !== 1) return undefined;
  const [member] = expression.properties;
  return member?.type === 'Property' && member.value.type === 'FunctionExpression' && member.kind === 'init'
    ? member.value
    : undefined;
}
