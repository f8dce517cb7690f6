// Finds the module that a value comes from: built-in modules, CommonJS modules that are loaded, ES modules met before.
import { createRequire, builtinModules } from 'node:module';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { isObjectPrototype } from './realm.js';

export interface Export {
  readonly module: string;
  /** Empty: the module itself. */
  readonly path: readonly string[];
}

/** Modules that print a warning, open something, or only work with a flag when they are loaded. */
const TROUBLESOME =
  /^(?:_|internal|node:|inspector|trace_events|repl|punycode|sys|wasi|test|domain|cluster|sqlite|sea|quic)/;

let builtins: Map<unknown, Export> | undefined;

/** Loading all of them takes tens of ms, so callers ask only for values that may well be built in. */
export function builtinExport(value: unknown): Export | undefined {
  if (builtins === undefined) {
    builtins = new Map();
    for (const name of builtinModules) if (!TROUBLESOME.test(name)) tabulate(`node:${name}`, builtins);
  }
  return builtins.get(value);
}

function tabulate(module: string, table: Map<unknown, Export>): void {
  const exports: unknown = process.getBuiltinModule ? process.getBuiltinModule(module) : require(module);
  if (!table.has(exports)) table.set(exports, { module, path: [] });
  if (typeof exports !== 'object' && typeof exports !== 'function') return;
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
    if ((typeof value === 'function' || (typeof value === 'object' && value !== null)) && !table.has(value))
      table.set(value, { module, path: [key] });
  }
}

/** Could be a built-in module: an object of functions. */
export function looksBuiltin(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && !isObjectPrototype(prototype) && !types.isModuleNamespaceObject(value)) return false;
  const [key] = Object.keys(value);
  if (key === undefined) return false;
  const first: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return typeof first === 'function';
}

// Loaders that bring a file's text themselves give it a `require` without a cache.
const moduleCache: NodeJS.Dict<NodeJS.Module> = require.cache ?? createRequire(__filename).cache;
let cachedCount = -1;
let exportsIndex = new Map<unknown, string>();

/** The CommonJS module whose `exports` a value is, or whose property it is. */
export function commonjsExport(value: unknown, script?: string): Export | undefined {
  if (script !== undefined) {
    // V8 knows some scripts by their path and some by its URL.
    const file = script.startsWith('file:') ? fileURLToPath(withoutQuery(script)) : script;
    const module = moduleCache[file];
    if (module === undefined || isEntry(file)) return undefined;
    return exportOf(file, module.exports, value) ?? ownExport(file, value);
  }
  const files = Object.keys(moduleCache);
  if (files.length !== cachedCount) {
    exportsIndex = new Map();
    for (const name of files) {
      const module = moduleCache[name];
      const exports: unknown = module?.exports;
      if (typeof exports !== 'object' || exports === null || Object.keys(exports).length === 0 || isEntry(name))
        continue;
      exportsIndex.set(exports, name);
    }
    cachedCount = files.length;
  }
  const found = exportsIndex.get(value);
  return found === undefined ? undefined : { module: found, path: [] };
}

function exportOf(file: string, exports: unknown, value: unknown): Export | undefined {
  if (exports === value) return { module: file, path: [] };
  const key = ownKeyOf(exports, value);
  return key === undefined ? undefined : { module: file, path: [key] };
}

/** The folder of this package's code. Some of its modules lie in one file together, which exports none of them. */
const OWN = join(__dirname, '..', '..');
const OWN_INDEX = join(OWN, 'index.js');

/** What this package exports is found in its index, wherever it lies. */
function ownExport(file: string, value: unknown): Export | undefined {
  const index = file.startsWith(OWN) ? moduleCache[OWN_INDEX] : undefined;
  return index === undefined ? undefined : exportOf(OWN_INDEX, index.exports, value);
}

function ownKeyOf(exports: unknown, value: unknown): string | undefined {
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return undefined;
  for (const key of Object.keys(exports)) {
    const descriptor = Object.getOwnPropertyDescriptor(exports, key);
    if (descriptor === undefined) continue;
    if (descriptor.value === value) return key;
    // Transpilers re-export through getters.
    if (descriptor.get !== undefined && '__esModule' in exports && Reflect.get(exports, key) === value) return key;
  }
  return undefined;
}

let entry: { readonly paths: ReadonlySet<string> } | undefined;

/** The script that the program was started with; it is never run again in a worker. */
export function isEntry(fileOrUrl: string): boolean {
  if (entry === undefined) {
    const paths = new Set<string>();
    const [, first] = process.argv;
    if (first !== undefined) {
      let path = first;
      try {
        // `node app` may mean app.js or app/index.js.
        path = realpathSync(createRequire(pathToFileURL(`${process.cwd()}/`)).resolve(first));
      } catch {
        path = first;
      }
      paths.add(path);
      paths.add(first);
    }
    if (require.main?.filename) paths.add(require.main.filename);
    entry = { paths };
  }
  return entry.paths.has(fileOrUrl.startsWith('file:') ? fileURLToPath(withoutQuery(fileOrUrl)) : fileOrUrl);
}

const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '');

const namespaces = new Map<string, object | null>();

/** undefined: not known yet; null: it cannot be imported. */
export const namespaceOf = (url: string): object | null | undefined => namespaces.get(url);

/** Imports an ES module that is loaded already, so as to compare its exports. */
export async function learnNamespace(url: string): Promise<void> {
  if (namespaces.has(url)) return;
  let namespace: object | null;
  try {
    namespace = (await import(url)) as object;
  } catch {
    // What plain import() cannot load here crosses by value.
    namespace = null;
  }
  namespaces.set(url, namespace);
}

/** The name under which a namespace exports a value. */
export const exportName = (namespace: object, value: unknown): string | undefined => ownKeyOf(namespace, value);
