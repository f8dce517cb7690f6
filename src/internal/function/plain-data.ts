// Tells plain data, which the codec carries as it is, from what has to be taken apart.
import { types } from 'node:util';
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
      if (!this.#ownClass(value)) return false;
      for (const [key, item] of value) if (!this.plain(key) || !this.plain(item)) return false;
      return true;
    }
    if (types.isSet(value)) {
      if (!this.#ownClass(value)) return false;
      for (const item of value) if (!this.plain(item)) return false;
      return true;
    }
    if (types.isDate(value) || types.isRegExp(value))
      return this.#ownClass(value) && this.#properties(value, value instanceof RegExp ? 'lastIndex' : '');
    if (types.isBoxedPrimitive(value)) return typeof value.valueOf() !== 'symbol' && this.#ownClass(value);
    if (types.isNativeError(value)) return this.#ownClass(value) && this.#properties(value, '');
    if (!isObjectPrototype(Object.getPrototypeOf(value) as object | null)) return isTraveller(value);
    // Frozen and sealed objects keep that, which plain data does not.
    return Object.isExtensible(value) && this.#properties(value, '');
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

  #properties(value: object, except: string): boolean {
    for (const key of Reflect.ownKeys(value)) {
      if (key === except) continue;
      if (typeof key === 'symbol') return false;
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined) continue;
      if (!('value' in descriptor)) {
        // V8 makes `stack` an accessor in newer versions.
        if (key === 'stack') continue;
        return false;
      }
      this.bytes += key.length;
      if (!this.plain(descriptor.value)) return false;
    }
    return true;
  }
}
