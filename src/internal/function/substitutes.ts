// Functions that stand for others: a kernel crosses as the function that it was made of.

const originals = new WeakMap<Function, Function>();

export function substitute(fn: Function, original: Function): void {
  originals.set(fn, original);
}

/** What crosses in place of a value. */
export const originalOf = <T>(value: T): T =>
  typeof value === 'function' ? ((originals.get(value) as T | undefined) ?? value) : value;
