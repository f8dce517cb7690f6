// Refuses promises where a call blocks its thread, and could never wait for one.

/** What a function gave to a call that blocks its thread, and so cannot wait for a promise. */
export function synchronous<R>(name: string, call: string, result: R): R {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return result;
  // The error below is what became of it; that of the promise must not end the program.
  Promise.resolve(result).catch(() => undefined);
  throw new TypeError(`Expected \`${name}\` to be synchronous in ${call}()`);
}
