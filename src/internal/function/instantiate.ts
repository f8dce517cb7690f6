// The worker's side: makes callable functions of definitions, with the values that each call brings.
import { Compiled } from './compile.js';
import type { Graph, GraphBody, ReferenceBody } from './graph.js';
import { loadModule } from './module-loading.js';
import { Rebuild } from './rebuild.js';

/** A definition whose code is compiled and whose modules are loaded. */
export interface Loaded {
  /** A fresh function with these values; of a stable definition, the same function each time. */
  instantiate(values: unknown): Function | Promise<Function>;
}

/** Compiles a definition; a promise when it imports modules. Rejects with what loading them throws. */
export function loadDefinition(body: unknown): Loaded | Promise<Loaded> {
  // Definitions are made by `captureTask` of this same version.
  const definition = body as GraphBody | ReferenceBody;
  if ('module' in definition) return loadReference(definition);
  const codes = definition.codes.map((code) => new Compiled(code));
  const { graph } = definition;
  const ready = (modules: readonly unknown[]): Loaded => {
    if (graph === undefined) {
      return { instantiate: (values) => callable(new Rebuild(values as Graph, codes, modules).entry()) };
    }
    const fn = callable(new Rebuild(graph, codes, modules).entry());
    return { instantiate: () => fn };
  };
  if (definition.modules.length === 0) return ready([]);
  const modules = definition.modules.map(loadModule);
  return modules.some((module) => module instanceof Promise) ? Promise.all(modules).then(ready) : ready(modules);
}

async function loadReference({ module: source, export: name, label }: ReferenceBody): Promise<Loaded> {
  const module = await loadModule(source);
  const fn = exported(module, name);
  if (typeof fn !== 'function') {
    const what = name === undefined ? 'default export' : `export \`${name}\``;
    throw new TypeError(
      fn === undefined
        ? `The module of ${label} has no ${what}`
        : `The ${what} of ${label} is no function but ${fn === null ? 'null' : typeof fn}`,
    );
  }
  return { instantiate: () => fn };
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** CommonJS modules have their exports under `default` too, and transpiled ones their default export below that. */
function exported(module: unknown, name: string | undefined): unknown {
  if (!isObject(module)) return undefined;
  if (name === undefined) {
    const value: unknown = 'default' in module ? Reflect.get(module, 'default') : module;
    return typeof value !== 'function' && isObject(value) && 'default' in value ? Reflect.get(value, 'default') : value;
  }
  if (name in module) return Reflect.get(module, name);
  const value: unknown = Reflect.get(module, 'default');
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

function callable(value: unknown): Function {
  if (typeof value !== 'function') throw new TypeError(`Expected a function in a definition, got ${typeof value}`);
  return value;
}
