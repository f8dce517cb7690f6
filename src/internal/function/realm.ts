// Node's own global object, also where this module runs in a context of its own (Jest, vitest's vm pools).
import { runInThisContext } from 'node:vm';

let principal: typeof globalThis | undefined;

export function principalGlobal(): typeof globalThis {
  principal ??= runInThisContext('globalThis') as typeof globalThis;
  return principal;
}

/** `Object.prototype` of this or any other context. */
export function isObjectPrototype(value: object | null): boolean {
  if (value === Object.prototype) return true;
  return (
    value !== null &&
    Object.getPrototypeOf(value) === null &&
    Object.hasOwn(value, 'isPrototypeOf') &&
    Object.hasOwn(value, '__lookupGetter__')
  );
}
