// Takes apart an object that is more than plain data: instances of classes, objects that hold functions, containers.
import { Module } from 'node:module';
import { types } from 'node:util';
import { staysHere } from '../codec/kinds.js';
import { sourceText } from './analysis.js';
import type { CaptureGraph } from './capture-graph.js';
import { globalPath } from './globals.js';
import type { Base, Node, Property, Ref } from './graph.js';
import { inspect, scriptUrl } from './inspection.js';
import { builtinExport, commonjsExport, exportName, isEntry } from './loaded-modules.js';
import { isObjectPrototype } from './realm.js';
import { type Trail, refusal, step } from './trail.js';

const PRIVATE = /(?:^|[^\w$'"`#])#[A-Za-z_$]/;

export const usesPrivate = (source: string): boolean => PRIVATE.test(source);

/** Throws CaptureError for what lives in one thread only. */
export function objectNode(capture: CaptureGraph, value: object, trail: Trail): Node {
  refuseHandles(value, trail);
  if (types.isModuleNamespaceObject(value)) return namespaceNode(capture, value, trail);
  const module = commonjsExport(value);
  if (module !== undefined) return capture.importNode({ require: module.module }, module.path);
  capture.stable = false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (isNodesError(value, prototype)) return { kind: 'data', value };
  const parent = prototypeOf(capture, value, prototype, trail);
  const { base, ...contents } = contentsOf(capture, value, trail);
  return {
    kind: 'object',
    ...(base === undefined ? undefined : { base }),
    ...parent,
    ...contents,
    properties: properties(capture, value, trail, base === 'array' ? 'length' : ''),
    ...(Object.isExtensible(value)
      ? undefined
      : { integrity: Object.isFrozen(value) ? 3 : Object.isSealed(value) ? 2 : 1 }),
  };
}

function refuseHandles(value: object, trail: Trail): void {
  const refuse = (what: string, reason: string): never => {
    throw refusal(trail, what, reason);
  };
  if (types.isProxy(value)) refuse('Proxy', 'the handler of a proxy cannot be read');
  if (types.isPromise(value)) refuse('Promise', 'a promise belongs to its event loop; await it first');
  if (types.isWeakMap(value)) refuse('WeakMap', 'its entries cannot be read');
  if (types.isWeakSet(value)) refuse('WeakSet', 'its entries cannot be read');
  if (value instanceof WeakRef) refuse('WeakRef', 'a weak reference means nothing in another process');
  if (types.isGeneratorObject(value)) refuse('Generator', 'a running generator cannot be copied');
  if (types.isExternal(value)) refuse('External', 'a native handle belongs to its process');
  if (staysHere(value)) {
    const remedy = 'Make one inside the function, or pass what it gives.';
    throw refusal(trail, value.constructor.name, 'it stays where it was made', undefined, remedy);
  }
  if (value instanceof Module) {
    const remedy = 'Use what the module exports.';
    throw refusal(trail, 'Module', 'what Node knows of a CommonJS module stays in its process', undefined, remedy);
  }
}

/** An error of a class that is Node's own: the codec tells it by its name, with its code and properties. */
function isNodesError(value: object, prototype: object | null): boolean {
  if (!types.isNativeError(value)) return value instanceof DOMException;
  if (prototype === null || globalPath(prototype) !== undefined) return false;
  // Most of those classes give the built-in one as their own.
  const maker: unknown = value.constructor;
  return typeof maker === 'function' && (globalPath(maker) !== undefined || builtinExport(maker) !== undefined);
}

/** Own class, kept by instances. */
function prototypeOf(
  capture: CaptureGraph,
  value: object,
  prototype: object | null,
  trail: Trail,
): { class?: Ref; parent?: Ref } {
  if (prototype === null) return { parent: null };
  if (isObjectPrototype(prototype)) return {};
  const path = globalPath(prototype);
  if (path !== undefined && path.at(-1) === 'prototype' && isRebuilt(value)) {
    return path[0] === 'Array' || path[0] === 'Map' || path[0] === 'Set' || path[0] === 'Error'
      ? {}
      : { class: capture.add({ kind: 'global', path: path.slice(0, 1) }) };
  }
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof constructor !== 'function' || constructor.prototype !== prototype) {
    return { parent: capture.ref(prototype, step(trail, '[[Prototype]]')) };
  }
  const name = constructor.name || 'anonymous class';
  if (globalPath(constructor) !== undefined || builtinExport(constructor) !== undefined) {
    throw refusal(trail, name, `an instance of ${name} holds what belongs to this process`);
  }
  for (
    let at: object | null = prototype;
    at !== null && !isObjectPrototype(at);
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const owner: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof owner === 'function' && globalPath(owner) === undefined && usesPrivate(sourceText(owner))) {
      throw refusal(trail, name, `it is an instance of class ${owner.name}, whose #private fields cannot be read`);
    }
  }
  return { class: capture.ref(constructor, step(trail, `class ${name}`)) };
}

/** Kinds of objects that the other side makes anew, with the properties that they have beside their contents. */
const isRebuilt = (value: object): boolean =>
  Array.isArray(value) ||
  types.isMap(value) ||
  types.isSet(value) ||
  types.isDate(value) ||
  types.isRegExp(value) ||
  types.isNativeError(value);

function contentsOf(
  capture: CaptureGraph,
  value: object,
  trail: Trail,
): { base?: Base; data?: unknown; items?: (Ref | { hole: true })[]; entries?: (readonly [Ref, Ref])[] } {
  if (Array.isArray(value)) {
    const items: (Ref | { hole: true })[] = [];
    for (let i = 0; i < value.length; i++)
      items.push(i in value ? capture.ref(value[i], step(trail, `[${i}]`)) : { hole: true });
    return { base: 'array', items };
  }
  if (types.isMap(value)) {
    const entries: (readonly [Ref, Ref])[] = [];
    for (const [key, item] of value) {
      const label = typeof key === 'object' || typeof key === 'function' ? 'key' : String(key as string);
      entries.push([capture.ref(key, step(trail, 'key')), capture.ref(item, step(trail, `get(${label})`))]);
    }
    return { base: 'map', entries };
  }
  if (types.isSet(value))
    return {
      base: 'set',
      entries: [...value].map((item) => [capture.ref(item, step(trail, 'member')), null] as const),
    };
  const data = dataOf(value);
  if (data !== undefined) return { data };
  return types.isNativeError(value) ? { base: 'error' } : {};
}

/** What an instance of a class derived from Date, RegExp or a typed array is underneath. */
function dataOf(value: object): unknown {
  if (types.isDate(value)) return new Date(Date.prototype.getTime.call(value));
  if (types.isRegExp(value)) return new RegExp(value.source, value.flags);
  if (!types.isTypedArray(value)) return undefined;
  const { buffer, byteOffset, length } = value;
  // The class that each typed array names itself, whatever class it is derived from.
  const View = Reflect.get(globalThis, value[Symbol.toStringTag]) as Float64ArrayConstructor;
  return new View(buffer as ArrayBuffer, byteOffset, length);
}

const ELEMENT = /^(?:0|[1-9]\d*)$/;

/** Own properties with their attributes; accessors come along as functions. */
export function properties(
  capture: CaptureGraph,
  value: object,
  trail: Trail,
  except: string,
  choose?: (key: string | symbol, descriptor: PropertyDescriptor) => boolean,
): Property[] {
  const out: Property[] = [];
  const elements = Array.isArray(value) || ArrayBuffer.isView(value);
  for (const key of Reflect.ownKeys(value)) {
    if (key === except || (elements && typeof key === 'string' && ELEMENT.test(key))) continue;
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor === undefined || (choose !== undefined && !choose(key, descriptor))) continue;
    const label = String(key);
    const keyRef: Ref = typeof key === 'string' ? key : capture.ref(key, step(trail, label));
    const bits =
      (descriptor.writable === true ? 1 : 0) |
      (descriptor.enumerable === true ? 2 : 0) |
      (descriptor.configurable === true ? 4 : 0);
    if ('value' in descriptor) {
      const ref = capture.ref(descriptor.value, step(trail, label));
      out.push(bits === 7 ? { key: keyRef, value: ref } : { key: keyRef, value: ref, attributes: bits });
    } else {
      if (label === 'stack') continue;
      out.push({
        key: keyRef,
        ...(descriptor.get ? { get: capture.ref(descriptor.get, step(trail, `get ${label}`)) } : undefined),
        ...(descriptor.set ? { set: capture.ref(descriptor.set, step(trail, `set ${label}`)) } : undefined),
        attributes: bits,
      });
    }
  }
  return out;
}

/** A namespace is found by the script of a function that it exports. */
function namespaceNode(capture: CaptureGraph, namespace: object, trail: Trail): Node {
  for (const key of Object.keys(namespace)) {
    const value: unknown = Reflect.get(namespace, key);
    const builtin = key === 'default' || typeof value === 'function' ? builtinExport(value) : undefined;
    if (builtin !== undefined) return capture.importNode({ url: builtin.module }, []);
    if (typeof value !== 'function') continue;
    const { scriptId } = inspect(value);
    const url = scriptId === undefined ? '' : scriptUrl(scriptId);
    if (url.startsWith('file:') && !isEntry(url) && exportName(namespace, value) === key)
      return capture.importNode({ url }, []);
  }
  throw refusal(trail, 'Module', 'the module of this namespace object cannot be told');
}
