// Which classes an error has had on its way: who passes it on tells their names, though it knows none of them itself.

const MOST_CLASSES = 16;

/** For errors that arrived as less than they were; their classes may be known where they go next. */
const arrived = new WeakMap<object, readonly string[]>();

/** Remembers the names that an error came with. */
export function keepClasses(error: object, names: readonly string[]): void {
  arrived.set(error, names);
}

/** From the most derived class on, so that the receiver takes the first that it knows. */
export function classNames(error: object): readonly string[] {
  const known = arrived.get(error);
  if (known !== undefined) return known;
  const names: string[] = [];
  let prototype: unknown = Object.getPrototypeOf(error);
  while (prototype !== null && prototype !== Object.prototype && names.length < MOST_CLASSES) {
    // Read, not asked for its descriptor: where intrinsics are frozen it is a getter.
    const maker: unknown = Object.hasOwn(prototype as object, 'constructor')
      ? (prototype as object).constructor
      : undefined;
    if (typeof maker === 'function' && typeof maker.name === 'string' && maker.name !== '') names.push(maker.name);
    prototype = Object.getPrototypeOf(prototype as object);
  }
  return names;
}
