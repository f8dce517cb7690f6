// Whether a function is in the numeric subset whatever it is called with, and functions made of text.
import { runInThisContext } from 'node:vm';
import { originalOf } from '../function/substitutes.js';
import { compile, isRefused } from './compile.js';
import { parseFunction } from './parsing.js';
import { kernelError, type Reason, reasonOf, Refusal } from './refusal.js';

export { kernelError };

type Answer =
  | { readonly engine: 'native'; readonly exact: boolean }
  | ({ readonly engine: 'workers'; readonly exact: boolean } & Reason);

const DOUBLES = 8;
const BIGINTS = 9;
const BITS = 5;

/** Tries numbers first, then BigInts; the reason is that of the numbers unless it is about the BigInts. */
export function explain(given: Function): Answer {
  const fn = originalOf(given);
  const count = Math.max(fn.length, 2);
  let first: Reason | undefined;
  for (const kind of [DOUBLES, BIGINTS, BITS]) {
    const compiled = compile(
      fn,
      Array.from({ length: count }, () => kind),
      'any',
      false,
    );
    if (!isRefused(compiled)) return { engine: 'native', exact: compiled.exact };
    first ??= compiled;
  }
  return { engine: 'workers', exact: false, ...(first as Reason) };
}

/** The function that a text says. Throws KernelError when it is no function. */
export function functionOf(text: string): Function {
  try {
    parseFunction(text);
  } catch (error) {
    if (error instanceof Refusal) throw kernelError(reasonOf(error, text));
    throw error;
  }
  try {
    return runInThisContext(`(${text}\n)`) as Function;
  } catch (error) {
    throw kernelError({
      line: 1,
      column: 1,
      reason: `it cannot be compiled: ${(error as Error).message}`,
      remedy: 'Give an arrow function or a function',
    });
  }
}
