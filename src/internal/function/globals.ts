// Values that exist in every process under a global name: language built-ins by identity, Node's globals by name alone.
import { principalGlobal } from './realm.js';

const LANGUAGE =
  'Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError JSON Math Intl ArrayBuffer Atomics Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float16Array Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt Set Iterator WeakMap WeakSet WeakRef Proxy Reflect FinalizationRegistry decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval isFinite isNaN SharedArrayBuffer WebAssembly Temporal DisposableStack AsyncDisposableStack SuppressedError'.split(
    ' ',
  );

/** Reading some of these loads large parts of Node (fetch, crypto), so they are never enumerated. */
const NODE =
  'console process Buffer global globalThis setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask structuredClone atob btoa performance fetch Headers Request Response FormData WebSocket EventSource URL URLSearchParams AbortController AbortSignal Event EventTarget TextEncoder TextDecoder MessageChannel MessagePort MessageEvent Blob File crypto Crypto SubtleCrypto CryptoKey CustomEvent DOMException BroadcastChannel ReadableStream WritableStream TransformStream CompressionStream DecompressionStream PerformanceObserver PerformanceEntry PerformanceMark PerformanceMeasure navigator Navigator TextDecoderStream TextEncoderStream ByteLengthQueuingStrategy CountQueuingStrategy Storage localStorage sessionStorage CloseEvent'.split(
    ' ',
  );

/** Those of Node's that are there from the start. */
const EAGER =
  'console Buffer process setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask structuredClone URL URLSearchParams AbortController AbortSignal Event EventTarget TextEncoder TextDecoder'.split(
    ' ',
  );

/** Names that programs do shadow: with packages (`Map`, `fetch`) or Node's own modules (`crypto`, promised timers). */
const SHADOWED =
  'Map Set Promise Symbol Iterator Proxy Temporal escape unescape setTimeout setInterval setImmediate fetch Headers Request Response FormData WebSocket EventSource Event EventTarget Blob File crypto CustomEvent ReadableStream WritableStream TransformStream navigator Storage localStorage sessionStorage eval'.split(
    ' ',
  );

const names: ReadonlySet<string> = new Set([...LANGUAGE, ...NODE]);
const unmistakable: ReadonlySet<string> = new Set([...names].filter((name) => !SHADOWED.includes(name)));

/** Exists in every Node process under this name. */
export const isGlobalName = (name: string): boolean => names.has(name);

/** A global that no one gives another meaning in a scope of their own: looking is not worth an inspector. */
export const isUnmistakable = (name: string): boolean => unmistakable.has(name);

let paths: Map<unknown, readonly string[]> | undefined;

/** How to reach a value from the global object: `['Math', 'sqrt']`; undefined: it is none of the language's own. */
export function globalPath(value: unknown): readonly string[] | undefined {
  paths ??= tabulate();
  const path = paths.get(value);
  if (path !== undefined || typeof value !== 'function' || !names.has(value.name)) return path;
  // The program holds a lazy global already, so reading it costs nothing now.
  return Reflect.get(principalGlobal(), value.name) === value ? [value.name] : undefined;
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

function tabulate(): Map<unknown, readonly string[]> {
  const table = new Map<unknown, readonly string[]>();
  const add = (value: unknown, path: readonly string[]): void => {
    if (isObject(value) && !table.has(value)) table.set(value, path);
  };
  const functionsOf = (owner: object, path: readonly string[]): void => {
    add(owner, path);
    for (const key of Object.getOwnPropertyNames(owner)) {
      const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
      if (typeof value === 'function') add(value, [...path, key]);
    }
  };
  for (const realm of new Set([principalGlobal(), globalThis])) {
    for (const name of LANGUAGE) {
      const value: unknown = Object.getOwnPropertyDescriptor(realm, name)?.value;
      if (!isObject(value)) continue;
      functionsOf(value, [name]);
      const prototype: unknown = Object.getOwnPropertyDescriptor(value, 'prototype')?.value;
      if (isObject(prototype)) functionsOf(prototype, [name, 'prototype']);
    }
    // Values only, never accessors: those are the lazy ones.
    for (const name of EAGER) add(Object.getOwnPropertyDescriptor(realm, name)?.value, [name]);
    add(realm, ['globalThis']);
  }
  add(process, ['process']);
  add(Buffer, ['Buffer']);
  return table;
}

/** A well-known symbol's name, such as `iterator`. */
export function wellKnownSymbol(symbol: symbol): string | undefined {
  return Object.getOwnPropertyNames(Symbol).find(
    (name) => Object.getOwnPropertyDescriptor(Symbol, name)?.value === symbol,
  );
}
