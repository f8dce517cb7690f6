// Tells objects that are copied as plain objects from those with a nature of their own, which no property shows.
import { types } from 'node:util';
import { describe, Uncloneable } from './uncloneable.js';

const { toString } = Object.prototype;
const objectPrototype = Object.prototype;

/** Prototypes of which an instance was found to be nothing but its properties. */
const ordinary = new WeakSet<object>();

/**
 * True when the object is nothing but its own properties, for what is common; false leaves it open.
 * An own or inherited iterator marks `arguments`, Map and the like even where the prototype was replaced.
 */
export function isOrdinary(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === objectPrototype) return (object as { [Symbol.iterator]?: unknown })[Symbol.iterator] === undefined;
  return prototype !== null && ordinary.has(prototype as object);
}

/** What has state that cannot be read: by the name in Object.prototype.toString, when it is what the global of that name makes. */
const OPAQUE = new Set([
  'AbortController',
  'AbortSignal',
  'AsyncDisposableStack',
  'Blob',
  'BroadcastChannel',
  'CompressionStream',
  'CryptoKey',
  'DecompressionStream',
  'DisposableStack',
  'File',
  'FinalizationRegistry',
  'FormData',
  'Headers',
  'MessageChannel',
  'MessagePort',
  'ReadableStream',
  'Request',
  'Response',
  'TransformStream',
  'URL',
  'URLPattern',
  'URLSearchParams',
  'WeakRef',
  'WebSocket',
  'WritableStream',
]);

const REMEDIES: Readonly<Record<string, string>> = {
  AbortSignal: 'pass it as the `signal` option of the call',
  Blob: 'pass what `await blob.arrayBuffer()` gives',
  File: 'pass what `await file.arrayBuffer()` gives',
  URL: 'pass its `href`',
  URLSearchParams: 'pass its `toString()`',
  Promise: 'await it first',
  Headers: 'pass `[...headers]`',
  'Array Iterator': 'pass an array of its values',
  'Iterator Helper': 'pass an array of its values',
  Generator: 'pass an array of its values',
};

const HANDLE_REMEDY = 'make it where it is used';

function remedyFor(object: object, tag: string): string {
  if (tag.startsWith('Temporal.')) return 'pass its `toString()`';
  return REMEDIES[tag] ?? (holdsHandle(object) ? HANDLE_REMEDY : '');
}

/** Throws Uncloneable for an object that is more than its properties and cannot be copied. */
export function checkCopyable(object: object): void {
  const tag = toString.call(object).slice(8, -1);
  const opaque =
    types.isPromise(object) ||
    types.isWeakMap(object) ||
    types.isWeakSet(object) ||
    types.isGeneratorObject(object) ||
    types.isMapIterator(object) ||
    types.isSetIterator(object) ||
    types.isArgumentsObject(object) ||
    types.isExternal(object) ||
    types.isKeyObject(object) ||
    types.isCryptoKey(object) ||
    object instanceof MessagePort ||
    holdsHandle(object) ||
    staysHere(object) ||
    isOpaque(object, tag) ||
    (isBuiltInTag(tag) && !Object.hasOwn(object, Symbol.toStringTag));
  if (opaque) throw new Uncloneable(describe(object), remedyFor(object, tag));
  const prototype: unknown = Object.getPrototypeOf(object);
  const plainTag = tag === 'Object' && (object as { [Symbol.iterator]?: unknown })[Symbol.iterator] === undefined;
  if (plainTag && prototype !== null && prototype !== objectPrototype) ordinary.add(prototype as object);
}

/** Marks the classes of this package whose instances stay where they were made; of other loads of it, too. */
const STAYS = Symbol.for('manyhands.stays');

export function stayHere(aClass: { readonly prototype: object }): void {
  Object.defineProperty(aClass.prototype, STAYS, { value: true });
}

export const staysHere = (object: object): boolean => STAYS in object;

function isOpaque(object: object, tag: string): boolean {
  // Not all of them have a tag in every version of Node: then it is the name of the class.
  const prototype: unknown = tag === 'Object' ? Object.getPrototypeOf(object) : null;
  const made: unknown =
    prototype === null ? undefined : Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  const name = typeof made === 'function' ? made.name : tag;
  const maker = OPAQUE.has(name) ? (globalThis as Record<string, unknown>)[name] : undefined;
  return typeof maker === 'function' && object instanceof maker;
}

/**
 * True for Node's objects around something native: a hash being made, which it keeps under a symbol of this name,
 * streams of all kinds, and servers.
 */
function holdsHandle(object: object): boolean {
  if ('_readableState' in object || '_writableState' in object || ('_handle' in object && '_events' in object))
    return true;
  return Object.getOwnPropertySymbols(object).some(({ description }) => description === 'kHandle');
}

function isBuiltInTag(tag: string): boolean {
  return (
    /^(Array|String|RegExp String|Async-from-Sync|Segmenter String) Iterator$/.test(tag) ||
    tag === 'AsyncGenerator' ||
    tag === 'Iterator Helper' ||
    /^(Intl|Temporal|WebAssembly)\.[A-Z]/.test(tag)
  );
}
