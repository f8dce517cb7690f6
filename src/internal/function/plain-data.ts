// Tells plain data, which the codec carries as it is, from what has to be taken apart.
import { types } from 'node:util';
import { HIDDEN } from '../codec/encode-error.js';
import { isTraveller } from './travellers.js';
import { globalPath } from './globals.js';
import { isObjectPrototype } from './realm.js';

/** The data's size in bytes, about; undefined: it holds something that is no plain data. */
export function plainSize(value: unknown): number | undefined {
  const scan = new Scan();
  return scan.plain(value) ? scan.bytes : undefined;
}

class Scan {
  bytes = 0;
  #seen: Set<object> | undefined;

  plain(value: unknown): boolean {
    switch (typeof value) {
      case 'string':
        this.bytes += value.length;
        return true;
      case 'symbol':
      case 'function':
        return false;
      case 'object':
        return value === null || this.#object(value);
      default:
        this.bytes += 8;
        return true;
    }
  }

  #object(value: object): boolean {
    this.#seen ??= new Set();
    if (this.#seen.has(value)) return true;
    this.#seen.add(value);
    if (types.isProxy(value)) return false;
    if (ArrayBuffer.isView(value)) {
      this.bytes += value.byteLength;
      return this.#ownClass(value);
    }
    if (types.isAnyArrayBuffer(value)) {
      this.bytes += value.byteLength;
      return this.#ownClass(value);
    }
    if (Array.isArray(value)) return this.#array(value);
    if (types.isMap(value)) {
      if (!this.#ownClass(value) || hasProperties(value)) return false;
      for (const [key, item] of value) if (!this.plain(key) || !this.plain(item)) return false;
      return true;
    }
    if (types.isSet(value)) {
      if (!this.#ownClass(value) || hasProperties(value)) return false;
      for (const item of value) if (!this.plain(item)) return false;
      return true;
    }
    if (types.isDate(value) || types.isRegExp(value))
      return this.#ownClass(value) && !hasProperties(value, types.isRegExp(value) ? 1 : 0);
    if (types.isBoxedPrimitive(value)) return typeof value.valueOf() !== 'symbol' && this.#ownClass(value);
    if (types.isNativeError(value)) return this.#ownClass(value) && this.#properties(value, HIDDEN_OF_ERRORS);
    if (!isObjectPrototype(Object.getPrototypeOf(value) as object | null)) return isTraveller(value);
    // Frozen and sealed objects keep that, which plain data does not.
    return Object.isExtensible(value) && this.#properties(value, NONE);
  }

  /** An instance of the built-in class itself, which no subclass is. */
  #ownClass(value: object): boolean {
    if (Buffer.isBuffer(value)) return true;
    const path = globalPath(Object.getPrototypeOf(value));
    return path !== undefined && path.at(-1) === 'prototype';
  }

  #array(value: unknown[]): boolean {
    if (!Object.isExtensible(value)) return false;
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (typeof item === 'number') this.bytes += 8;
      else if (!this.plain(item)) return false;
    }
    const prototype = Object.getPrototypeOf(value) as object;
    return prototype === Array.prototype || this.#ownClass(value);
  }

  /** `hidden` are those that the codec brings although they are not enumerable; others it leaves out. */
  #properties(value: object, hidden: ReadonlySet<string>): boolean {
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'symbol') return false;
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined) continue;
      if (!('value' in descriptor)) {
        // V8 makes `stack` an accessor in newer versions.
        if (key === 'stack') continue;
        return false;
      }
      if (descriptor.enumerable !== true && !hidden.has(key)) return false;
      this.bytes += key.length;
      if (!this.plain(descriptor.value)) return false;
    }
    return true;
  }
}

const NONE: ReadonlySet<string> = new Set();
const HIDDEN_OF_ERRORS: ReadonlySet<string> = new Set(HIDDEN);

/** Own properties beside those that all of the kind have: the codec leaves them out. */
const hasProperties = (value: object, ofKind = 0): boolean => Reflect.ownKeys(value).length > ofKind;
