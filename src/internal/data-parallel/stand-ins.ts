// What workers run where a function is not in the numeric subset: functions around the caller's, which they capture.

type AnyFunction = (...args: readonly unknown[]) => unknown;

/** `fn`'s truth as a number, also of what it promises. */
export function truthOf(fn: AnyFunction): AnyFunction {
  return (x, i) => {
    const kept = fn(x, i);
    if (typeof kept === 'object' && kept !== null && 'then' in kept)
      return (kept as Promise<unknown>).then((value) => (value ? 1 : 0));
    return kept ? 1 : 0;
  };
}

/** A list reduced by `fn`, which may be async. */
export function foldOf(fn: AnyFunction): (list: Iterable<unknown>) => unknown {
  return (list) =>
    [...list].reduce((a, b) =>
      typeof a === 'object' && a !== null && 'then' in a
        ? (a as Promise<unknown>).then((value) => fn(value, b))
        : fn(a, b),
    );
}

/** The exact product of a list of BigInts, by halves: factors of like size multiply fastest. */
export function productOf(list: Iterable<bigint>): bigint {
  let factors = [...list];
  while (factors.length > 1) {
    const products: bigint[] = [];
    for (let i = 0; i < factors.length; i += 2) products.push((factors[i] as bigint) * (factors[i + 1] ?? 1n));
    factors = products;
  }
  return factors[0] ?? 1n;
}
