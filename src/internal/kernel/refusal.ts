// Why a function is outside the subset that runs as native code: where, what, and what to do about it.
import { KernelError } from '../../errors.js';

/** Thrown by the compiler and caught by `compile.ts`; never seen by users. */
export class Refusal extends Error {
  /** Offset in the text of the function that the user gave; -1: the whole of it. */
  readonly at: number;
  readonly remedy: string;

  constructor(at: number, reason: string, remedy: string) {
    super(reason);
    this.at = at;
    this.remedy = remedy;
  }
}

/** What `kernel.explain` and `KernelError` say; line and column count from 1 in the function's text. */
export interface Reason {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  readonly remedy: string;
}

export function reasonOf({ at, message, remedy }: Refusal, text: string): Reason {
  const before = text.slice(0, Math.max(0, at)).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, reason: message, remedy };
}

export function kernelError(reason: Reason): KernelError {
  const { line, column } = reason;
  return new KernelError(`Not in the numeric subset (${line}:${column}): ${reason.reason}. ${reason.remedy}.`, reason);
}
