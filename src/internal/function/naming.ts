// Keeps the name that V8 gave to a function whose text has none.

/** An expression that names an anonymous function or class as V8 named it. */
export function named(name: string, anonymous: boolean): { before: string; after: string } {
  if (!anonymous) return { before: '(', after: ')' };
  // The comma keeps it from being named after the place where the worker puts it.
  if (name === '') return { before: '(0,', after: ')' };
  const key = JSON.stringify(name);
  return { before: `({[${key}]:(`, after: `)})[${key}]` };
}
