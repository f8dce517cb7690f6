// Functions that are certain to run as native code over typed arrays.
import { KernelError } from './errors.js';
import { substitute } from './internal/function/substitutes.js';
import { wrongType } from './internal/validate.js';

/** A function in the numeric subset; it is also an ordinary function, and travels as the one it was made of. */
export interface Kernel<F extends (...x: never[]) => unknown> {
  (...x: Parameters<F>): ReturnType<F>;
  /** Whether native code gives the bits that the function gives in this Node; where not, within the documented bound. */
  readonly exact: boolean;
}

/** Which engine would run a function over typed arrays and, if not the native one, why. */
export interface Explanation {
  readonly engine: 'native' | 'workers';
  /** Counted from 1 in the function's own text. */
  readonly line?: number;
  readonly column?: number;
  readonly reason?: string;
  readonly remedy?: string;
}

/** What `kernel` is. */
export interface KernelMaker {
  <F extends (...x: number[]) => number | boolean>(fn: F | string): Kernel<F>;
  <F extends (...x: bigint[]) => bigint | boolean>(fn: F | string): Kernel<F>;
  /**
   * Says which engine would run `fn` over typed arrays; for the workers also why, with line and column in its text and a
   * remedy. Any text or function gets an answer.
   *
   * @example
   * kernel.explain((x) => `${x}`);
   * // { engine: 'workers', line: 1, column: 8, reason: 'a string is outside the numeric subset', remedy: ... }
   */
  explain(fn: ((...x: never[]) => unknown) | string): Explanation;
}

/**
 * Insists that a function runs as native code: `pool.map(kernel(fn), typedArray)`. The function may also be given as text,
 * which captures nothing.
 *
 * @throws KernelError with line, column and remedy when it is outside the numeric subset
 * @example
 * const area = kernel((r) => Math.PI * r * r);
 * await pool.map(area, Float64Array.of(1, 2)); // on native threads
 * area(1); // 3.14159..., as any function
 */
export const kernel: KernelMaker = Object.assign(insist, { explain });
Object.defineProperty(insist, 'name', { value: 'kernel' });

function insist<F extends (...x: never[]) => unknown>(fn: F | string): Kernel<F> {
  const original = (typeof fn === 'string' ? compiler().functionOf(fn) : fn) as F;
  if (typeof original !== 'function') throw wrongType('fn', 'a function or the text of one', fn);
  const answer = compiler().explain(original);
  if (answer.engine === 'workers') throw compiler().kernelError(answer);
  const wrapper = function (this: unknown, ...x: Parameters<F>): unknown {
    return original.apply(this, x);
  };
  const { exact } = answer;
  Object.defineProperties(wrapper, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
    exact: { value: exact, enumerable: true },
  });
  substitute(wrapper, original);
  return wrapper as unknown as Kernel<F>;
}

function explain(fn: ((...x: never[]) => unknown) | string): Explanation {
  let original: unknown = fn;
  if (typeof fn === 'string') {
    try {
      original = compiler().functionOf(fn);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      const { line, column, reason, remedy } = error;
      return { engine: 'workers', line: line ?? 1, column: column ?? 1, reason, remedy };
    }
  }
  if (typeof original !== 'function') throw wrongType('fn', 'a function or the text of one', fn);
  const { exact: _, ...answer } = compiler().explain(original);
  return answer;
}

/** Loaded by the first kernel. */
const compiler = (): typeof import('./internal/kernel/explain.js') =>
  require('./internal/kernel/explain.js') as typeof import('./internal/kernel/explain.js');
