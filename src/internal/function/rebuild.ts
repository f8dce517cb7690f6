// Rebuilds one graph of values: every node once, shared objects shared, cycles closed.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Compiled } from './compile.js';
import type { Graph, Node, Property, Ref } from './graph.js';
import { importerFrom } from './module-loading.js';

type FunctionNode = Extract<Node, { kind: 'function' }>;
type ObjectNode = Extract<Node, { kind: 'object' }>;
type BoundNode = Extract<Node, { kind: 'bound' }>;

const UNMADE = Symbol('unmade');
const MAKING = Symbol('making');

export class Rebuild {
  readonly #graph: Graph;
  readonly #codes: readonly Compiled[];
  readonly #modules: readonly unknown[];
  readonly #values: unknown[];
  /** What can be done only when every node exists. */
  readonly #later: (() => void)[] = [];

  constructor(graph: Graph, codes: readonly Compiled[], modules: readonly unknown[]) {
    this.#graph = graph;
    this.#codes = codes;
    this.#modules = modules;
    this.#values = graph.nodes.map(() => UNMADE);
  }

  entry(): unknown {
    const value = this.#value(this.#graph.entry);
    // Finishing a node may make others, which add work of their own at the end.
    for (let i = 0; i < this.#later.length; i++) this.#later[i]?.();
    return value;
  }

  #value(ref: Ref): unknown {
    if (typeof ref !== 'object' || ref === null) return ref;
    const [index] = ref;
    const value = this.#values[index];
    if (value === MAKING) throw new TypeError('A class cannot extend a value that needs the class itself');
    if (value !== UNMADE) return value;
    const node = this.#graph.nodes[index];
    if (node === undefined) throw new RangeError(`A captured graph names node ${index}, which it does not have`);
    this.#values[index] = MAKING;
    return this.#make(node, index);
  }

  /** Being made by a caller further up: a cycle. */
  #making(ref: Ref): boolean {
    return typeof ref === 'object' && ref !== null && this.#values[ref[0]] === MAKING;
  }

  #make(node: Node, index: number): unknown {
    switch (node.kind) {
      case 'function':
        return this.#function(node, index);
      case 'object':
        return this.#object(node, index);
      case 'bound':
        return (this.#values[index] = this.#bound(node));
      default:
        return (this.#values[index] = this.#leaf(node));
    }
  }

  #leaf(node: Exclude<Node, FunctionNode | ObjectNode | BoundNode>): unknown {
    switch (node.kind) {
      case 'data':
        return node.value;
      case 'global':
        return walk(globalThis, node.path);
      case 'symbol':
        return Symbol.for(node.key);
      case 'import':
        return walk(this.#modules[node.module], node.path);
      case 'require':
        return createRequire(node.file);
      case 'dynamic-import':
        return (specifier: string) => importerFrom(node.file)(fromVite(specifier), undefined);
    }
  }

  #function(node: FunctionNode, index: number): Function {
    const code = this.#codes[node.code];
    if (code === undefined) throw new RangeError(`A captured graph names code ${node.code}, which it does not have`);
    const late: number[] = [];
    const values = node.variables.map((ref, i) => {
      if (this.#making(ref)) {
        late.push(i);
        return undefined;
      }
      return this.#value(ref);
    });
    const [value, set] = code.factory(late)(values);
    this.#values[index] = value;
    for (const i of late) {
      const variable = code.variables[i];
      const ref = node.variables[i];
      if (variable !== undefined) this.#later.push(() => set?.[variable.name]?.(this.#value(ref)));
    }
    const { properties, prototype, parent } = node;
    if (properties) this.#later.push(() => this.#define(value, properties));
    if (parent !== undefined || prototype) {
      this.#later.push(() => {
        const own = value.prototype as object;
        if (parent !== undefined) Object.setPrototypeOf(own, this.#value(parent) as object | null);
        if (prototype) this.#define(own, prototype);
      });
    }
    return value;
  }

  #bound({ target, self, args }: BoundNode): Function {
    // The capture put a function there.
    const fn = this.#value(target) as (...given: unknown[]) => unknown;
    return fn.bind(this.#value(self), ...args.map((ref) => this.#value(ref)));
  }

  #object(node: ObjectNode, index: number): object {
    // Data of the codec is an object of a built-in class.
    const object = node.data === undefined ? container(node.base) : (node.data as object);
    this.#values[index] = object;
    if (node.class !== undefined) {
      this.#whenMade(node.class, (owner) => Object.setPrototypeOf(object, (owner as { prototype: object }).prototype));
    } else if (node.parent !== undefined) {
      this.#whenMade(node.parent, (parent) => Object.setPrototypeOf(object, parent as object | null));
    }
    const { entries, items, integrity } = node;
    if (items && Array.isArray(object)) {
      object.length = items.length;
      items.forEach((item, i) => {
        if (typeof item === 'object' && item !== null && 'hole' in item) return;
        this.#whenMade(item, (value) => (object[i] = value));
      });
    }
    for (const [key, value] of entries ?? []) {
      // Methods of the built-in class: a subclass may have its own.
      if (object instanceof Map)
        this.#whenMade(key, (k) => this.#whenMade(value, (v) => Map.prototype.set.call(object, k, v)));
      else this.#whenMade(key, (k) => Set.prototype.add.call(object, k));
    }
    this.#define(object, node.properties);
    if (integrity !== undefined)
      this.#later.push(() =>
        this.#later.push(() =>
          integrity === 3
            ? Object.freeze(object)
            : integrity === 2
              ? Object.seal(object)
              : Object.preventExtensions(object),
        ),
      );
    return object;
  }

  /** Now, or in a cycle when all is made. */
  #whenMade(ref: Ref, use: (value: unknown) => void): void {
    if (this.#making(ref)) this.#later.push(() => use(this.#value(ref)));
    else use(this.#value(ref));
  }

  #define(target: object, properties: readonly Property[]): void {
    for (const { key, value, get, set, attributes = 7 } of properties) {
      const flags = { enumerable: (attributes & 2) !== 0, configurable: (attributes & 4) !== 0 };
      const name = this.#value(key) as PropertyKey;
      if (get === undefined && set === undefined) {
        this.#whenMade(value, (made) =>
          Object.defineProperty(target, name, { value: made, writable: (attributes & 1) !== 0, ...flags }),
        );
      } else {
        // A getter or setter is a function in the graph.
        this.#later.push(() => {
          const accessors: PropertyDescriptor = {};
          if (get !== undefined) accessors.get = this.#value(get) as () => unknown;
          if (set !== undefined) accessors.set = this.#value(set) as (v: unknown) => void;
          Object.defineProperty(target, name, { ...accessors, ...flags });
        });
      }
    }
  }
}

/** vitest writes the specifiers of dynamic imports as its dev server's paths. */
function fromVite(specifier: string): string {
  if (specifier.startsWith('/@fs/')) return specifier.slice('/@fs'.length);
  return specifier.startsWith('/') && !existsSync(specifier) ? join(process.cwd(), specifier) : specifier;
}

function container(base: ObjectNode['base']): object {
  switch (base) {
    case 'array':
      return [];
    case 'map':
      return new Map();
    case 'set':
      return new Set();
    case 'error':
      return new Error();
    default:
      return {};
  }
}

function walk(from: unknown, path: readonly string[]): unknown {
  let value = from;
  for (const key of path) value = (value as Record<string, unknown>)[key];
  return value;
}
