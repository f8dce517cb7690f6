// The graph of one capture while it grows: its nodes, codes and modules, and whether anything in it may change.
import { isTraveller } from './travellers.js';
import { globalPath, wellKnownSymbol } from './globals.js';
import { type GraphBody, type Graph, type ModuleSource, type Node, type Primitive, type Ref, TRAILS } from './graph.js';
import { builtinExport, looksBuiltin } from './loaded-modules.js';
import { functionNode } from './capture-function.js';
import { objectNode } from './capture-object.js';
import { originalOf } from './substitutes.js';
import { plainSize } from './plain-data.js';
import { sourceText } from './analysis.js';
import type { Code } from './site.js';
import { type Trail, refusal } from './trail.js';

/** A function that turns out to be an export, or not, once its module's namespace is known. */
export interface Pending {
  readonly node: number;
  readonly url: string;
  readonly value: Function;
  /** Why it cannot cross by value. */
  readonly failure: unknown;
}

const isPrimitive = (value: unknown): value is Primitive | symbol =>
  value === null || (typeof value !== 'object' && typeof value !== 'function');

export class CaptureGraph {
  readonly nodes: (Node | undefined)[] = [];
  readonly pending: Pending[] = [];
  /** How each node of data was reached. */
  readonly #trails: (Trail | undefined)[] = [];
  /** Values given by hand. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Nothing captured so far can change between two calls. */
  stable = true;
  /** Bytes of data captured so far, about. */
  bytes = 0;
  /** Script of the function that crosses: functions of the same script cross by value. */
  script: string | undefined;
  readonly #ids = new Map<unknown, number>();
  readonly #codes = new Map<Code, number>();
  readonly #modules = new Map<string, { readonly index: number; readonly source: ModuleSource }>();

  constructor(given: Readonly<Record<string, unknown>>) {
    this.given = given;
  }

  /** The value as it stands in the graph. Throws CaptureError. */
  ref(given: unknown, trail: Trail): Ref {
    const value = originalOf(given);
    if (isPrimitive(value)) return typeof value === 'symbol' ? this.#symbol(value, trail) : value;
    const known = this.#ids.get(value);
    if (known !== undefined) return [known];
    const index = this.nodes.length;
    this.nodes.push(undefined);
    this.#ids.set(value, index);
    const node = this.#node(value, index, trail);
    this.nodes[index] = node;
    if (node.kind === 'data' || node.kind === 'object') this.#trails[index] = trail;
    return [index];
  }

  has(value: unknown): boolean {
    return this.#ids.has(value);
  }

  /** Adds a node that stands for no value of its own. */
  add(node: Node): Ref {
    this.nodes.push(node);
    return [this.nodes.length - 1];
  }

  /** Takes back what was added since there were so many nodes. */
  rewind(count: number): void {
    this.nodes.length = count;
    for (const [value, index] of this.#ids) if (index >= count) this.#ids.delete(value);
    while ((this.pending.at(-1)?.node ?? -1) >= count) this.pending.pop();
  }

  code(code: Code): number {
    let index = this.#codes.get(code);
    if (index === undefined) {
      index = this.#codes.size;
      this.#codes.set(code, index);
    }
    return index;
  }

  module(source: ModuleSource): number {
    const key = JSON.stringify(source);
    let known = this.#modules.get(key);
    if (known === undefined) {
      known = { index: this.#modules.size, source };
      this.#modules.set(key, known);
    }
    return known.index;
  }

  importNode(source: ModuleSource, path: readonly string[]): Node {
    return { kind: 'import', module: this.module(source), path };
  }

  /** The same for every capture with the same code. */
  get key(): string {
    return `${[...this.#codes.keys()].map(({ id }) => id).join()}|${[...this.#modules.keys()].join()}`;
  }

  body(): GraphBody {
    return {
      codes: [...this.#codes.keys()].map(({ text }) => text),
      modules: [...this.#modules.values()].map(({ source }) => source),
    };
  }

  graph(entry: Ref): Graph {
    // Every node is filled in by the time the capture has ended.
    return { entry, nodes: this.nodes as Node[], [TRAILS]: this.#trails };
  }

  #symbol(symbol: symbol, trail: Trail): Ref {
    const key = Symbol.keyFor(symbol);
    if (key !== undefined) return this.add({ kind: 'symbol', key });
    const name = wellKnownSymbol(symbol);
    if (name !== undefined) return this.add({ kind: 'global', path: ['Symbol', name] });
    throw refusal(trail, String(symbol), 'a unique symbol is equal to no other in another process; use Symbol.for()');
  }

  #node(value: object | Function, index: number, trail: Trail): Node {
    const path = globalPath(value);
    if (path !== undefined) return { kind: 'global', path };
    if (typeof value === 'function') {
      if (/\{\s*\[native code\]\s*\}\s*$/.test(sourceText(value)) && !value.name.startsWith('bound ')) {
        const builtin = builtinExport(value);
        if (builtin !== undefined) return this.importNode({ url: builtin.module }, builtin.path);
      }
      return functionNode(this, value, index, trail);
    }
    if (isTraveller(value)) {
      this.stable = false;
      return { kind: 'data', value };
    }
    const size = plainSize(value);
    if (size !== undefined) {
      this.bytes += size;
      this.stable = false;
      return { kind: 'data', value };
    }
    if (looksBuiltin(value)) {
      const builtin = builtinExport(value);
      if (builtin !== undefined) return this.importNode({ url: builtin.module }, builtin.path);
    }
    return objectNode(this, value, trail);
  }
}
