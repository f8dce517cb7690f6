// Takes apart a function or class: its code, the values of its free variables, its own properties, what it is bound to.
import { type Analysis, type FreeVariable, analyse, sourceText } from './analysis.js';
import type { CaptureGraph } from './capture-graph.js';
import { properties, usesPrivate } from './capture-object.js';
import { globalPath, isGlobalName, isUnmistakable } from './globals.js';
import { type Node, type Property, type Ref, SUPER_NAME } from './graph.js';
import { type Inspection, inspect, inspectorAvailable, inspectorProblem } from './inspection.js';
import { reachesEntry } from './entry-reach.js';
import { builtinExport, commonjsExport, exportName, namespaceOf } from './loaded-modules.js';
import { isObjectPrototype, principalGlobal } from './realm.js';
import { type Site, siteOf } from './site.js';
import { type Trail, refusal, step, variableStep } from './trail.js';
import { types } from 'node:util';

const displayName = (fn: Function): string => fn.name || '(anonymous)';

/** Throws CaptureError. */
export function functionNode(capture: CaptureGraph, fn: Function, index: number, trail: Trail): Node {
  const source = sourceText(fn);
  const analysis = analysisOf(fn, source, trail);
  const isRoot = trail.parent === undefined;
  const here = isRoot ? trail : step(trail, displayName(fn));
  let inspection: Inspection | undefined;
  if (needsInspection(analysis, capture, isRoot) && (analysis.shape === 'native' || inspectorAvailable()))
    inspection = inspect(fn);
  if (inspection?.bound !== undefined) {
    const { target, self, args } = inspection.bound;
    return {
      kind: 'bound',
      target: capture.ref(target, step(here, '[[TargetFunction]]')),
      self: capture.ref(self, step(here, '[[BoundThis]]')),
      args: args.map((value, i) => capture.ref(value, step(here, `[[BoundArgs]][${i}]`))),
    };
  }
  if (analysis.shape === 'native') {
    throw refusal(trail, displayName(fn), 'it is a native function that no global or built-in module gives');
  }
  const site = siteOf(fn, source, analysis, inspection);
  if (isRoot) capture.script = site.scriptId;
  const reference = inspection === undefined ? undefined : referenceNode(capture, fn, site, isRoot, trail);
  if (typeof reference === 'object') return reference;
  if (reference === undefined) return valueNode(capture, fn, analysis, site, inspection, here, trail);
  // It may be an export of an ES module whose namespace is not known yet: try both.
  const count = capture.nodes.length;
  try {
    const node = valueNode(capture, fn, analysis, site, inspection, here, trail);
    capture.pending.push({ node: index, url: reference, value: fn, failure: undefined });
    return node;
  } catch (failure) {
    capture.rewind(count);
    capture.pending.push({ node: index, url: reference, value: fn, failure });
    return { kind: 'data', value: null };
  }
}

function analysisOf(fn: Function, source: string, trail: Trail): Analysis {
  let analysis: Analysis;
  try {
    analysis = analyse(source, fn.name);
  } catch (error) {
    const reason = /new\.target/.test((error as Error).message)
      ? 'it uses the `new.target` of the function around it'
      : usesPrivate(source)
        ? 'it is a method that uses a #private name, so it cannot leave its class'
        : `its source cannot be parsed (${(error as Error).message})`;
    throw refusal(trail, displayName(fn), reason, error);
  }
  if (analysis.obstacle !== undefined) throw refusal(trail, displayName(fn), analysis.obstacle);
  return analysis;
}

/** Functions of the language's own names and of values given by hand are known without looking. */
function needsInspection(analysis: Analysis, capture: CaptureGraph, isRoot: boolean): boolean {
  // A class may be an export, which instances on the other side must share.
  if (analysis.shape === 'native' || analysis.shape === 'class' || analysis.usesMeta || analysis.importsDynamically)
    return true;
  for (const name of analysis.free.keys()) {
    if (isUnmistakable(name) || (isRoot && Object.hasOwn(capture.given, name))) continue;
    return true;
  }
  return false;
}

/** The node of an exported function; a URL where that cannot be told yet; undefined: it crosses by value. */
function referenceNode(
  capture: CaptureGraph,
  fn: Function,
  site: Site,
  isRoot: boolean,
  trail: Trail,
): Node | string | undefined {
  const { url, scriptId } = site;
  if (url === '' || (!isRoot && scriptId === capture.script)) return undefined;
  if (url.startsWith('node:')) {
    const builtin = builtinExport(fn);
    if (builtin === undefined)
      throw refusal(trail, displayName(fn), 'it belongs to Node itself, and no global or built-in module gives it');
    return capture.importNode({ url: builtin.module }, builtin.path);
  }
  if (!site.isModule) {
    const found = commonjsExport(fn, url);
    return found && capture.importNode({ require: found.module }, found.path);
  }
  if (!url.startsWith('file:') || reachesEntry(url)) return undefined;
  if (site.file?.parsed) {
    const name = site.file.exportedAs(site.start);
    return name === undefined ? undefined : capture.importNode({ url }, [name]);
  }
  const namespace = namespaceOf(url);
  if (namespace === undefined) return url;
  const name = namespace === null ? undefined : exportName(namespace, fn);
  return name === undefined ? undefined : capture.importNode({ url }, [name]);
}

function valueNode(
  capture: CaptureGraph,
  fn: Function,
  analysis: Analysis,
  site: Site,
  inspection: Inspection | undefined,
  here: Trail,
  trail: Trail,
): Node {
  const captured: string[] = [];
  const variables: Ref[] = [];
  if (analysis.heritage) {
    const base = Object.getPrototypeOf(fn) as object;
    captured.push(SUPER_NAME);
    variables.push(globalPath(base)?.length === 2 ? null : capture.ref(base, step(here, 'extends')));
  }
  if (analysis.shape === 'class' || analysis.touchesItself) capture.stable = false;
  const isRoot = trail.parent === undefined;
  for (const [name, use] of analysis.free) {
    const before = capture.bytes;
    const ref = variable(capture, name, use, site, inspection, variableStep(here, name), isRoot);
    if (isRoot && capture.bytes - before > LARGE) warnLarge(displayName(fn), name, capture.bytes - before);
    if (ref === GLOBAL) continue;
    captured.push(name);
    variables.push(ref);
  }
  const own = ownProperties(capture, fn, analysis, here);
  if (own.properties !== undefined || own.prototype !== undefined || own.parent !== undefined) capture.stable = false;
  return { kind: 'function', code: capture.code(site.code(analysis, captured)), variables, ...own };
}

/** Nothing is captured for the variable: the other side has it, or no side has. */
const GLOBAL = Symbol('global');

/** The value of a free variable. */
function variable(
  capture: CaptureGraph,
  name: string,
  use: FreeVariable,
  site: Site,
  inspection: Inspection | undefined,
  trail: Trail,
  isRoot: boolean,
): Ref | typeof GLOBAL {
  if (Object.hasOwn(capture.given, name) && (isRoot || inspection === undefined)) {
    capture.stable = false;
    return capture.ref(capture.given[name], trail);
  }
  if (inspection === undefined) {
    if (isGlobalName(name) || use.typeofOnly) return GLOBAL;
    if (!(name in principalGlobal())) throw refusal(trail, 'unknown value', inspectorProblem(), undefined);
  }
  for (const { kind, variables } of inspection?.scopes ?? []) {
    if (kind === 'Global') break;
    if (!(name in variables)) continue;
    return scoped(capture, name, use, site, variables, trail);
  }
  if (isGlobalName(name)) return GLOBAL;
  const descriptor = Object.getOwnPropertyDescriptor(principalGlobal(), name);
  // Nowhere to be found: using it is a ReferenceError there as it would be here.
  if (descriptor === undefined || !('value' in descriptor)) return GLOBAL;
  capture.stable = false;
  return capture.ref(descriptor.value, trail);
}

function scoped(
  capture: CaptureGraph,
  name: string,
  use: FreeVariable,
  site: Site,
  variables: Record<string, unknown>,
  trail: Trail,
): Ref {
  const binding = site.binding(name);
  if (binding?.kind === 'import' && site.isModule && site.file) {
    const imported = site.file.imported(binding, name);
    if (imported !== undefined && !leadsToEntry(imported.specifier, site.url)) {
      const { specifier, path, attributes } = imported;
      if (specifier.startsWith('node:')) return capture.add(capture.importNode({ url: specifier }, path));
      return capture.add(capture.importNode({ specifier, from: site.url, ...(attributes && { attributes }) }, path));
    }
  }
  let value: unknown;
  try {
    value = variables[name];
  } catch (error) {
    throw refusal(trail, 'not initialised', 'its declaration has not run yet', error);
  }
  if (name === 'require' && typeof value === 'function' && 'resolve' in value)
    return capture.add({ kind: 'require', file: site.url });
  if (/^__vi(?:te_ssr|)_dynamic_import__$/.test(name)) return capture.add({ kind: 'dynamic-import', file: site.url });
  // On Node 20 a variable that is not initialised yet reads as undefined, so that is never taken for final.
  const final =
    binding !== undefined &&
    !binding.assigned &&
    binding.kind !== 'var' &&
    binding.kind !== 'import' &&
    value !== undefined;
  if (!final || use.assigned || (typeof value === 'function' && use.members.size > 0)) capture.stable = false;
  if (Object.hasOwn(capture.given, name)) {
    const count = capture.nodes.length;
    try {
      return wholeOrMembers(capture, value, use, trail);
    } catch {
      // Deeper in the graph, what was given by hand stands in for what cannot be captured.
      capture.rewind(count);
      return capture.ref(capture.given[name], trail);
    }
  }
  return wholeOrMembers(capture, value, use, trail);
}

/** An object that is only read as `x.a` and is a transpiled import, or cannot cross whole: just those members. */
function wholeOrMembers(capture: CaptureGraph, value: unknown, use: FreeVariable, trail: Trail): Ref {
  if (
    use.whole ||
    use.members.size === 0 ||
    typeof value !== 'object' ||
    value === null ||
    capture.has(value) ||
    globalPath(value)
  ) {
    return capture.ref(value, trail);
  }
  const moduleLike =
    types.isModuleNamespaceObject(value) ||
    types.isProxy(value) ||
    '__esModule' in value ||
    Reflect.get(value, Symbol.toStringTag) === 'Module';
  if (!moduleLike || commonjsExport(value) !== undefined || builtinExport(value) !== undefined) {
    const count = capture.nodes.length;
    try {
      return capture.ref(value, trail);
    } catch (error) {
      if (use.called || use.assigned) throw error;
      capture.rewind(count);
    }
  }
  capture.stable = false;
  const members: Property[] = [];
  for (const key of use.members) members.push({ key, value: capture.ref(Reflect.get(value, key), step(trail, key)) });
  return capture.add({ kind: 'object', properties: members });
}

/** A relative import whose module would run the entry script again. */
function leadsToEntry(specifier: string, from: string): boolean {
  if (!/^\.{0,2}\//.test(specifier) && !specifier.startsWith('file:')) return false;
  return reachesEntry(new URL(specifier, from).href);
}

const BUILT_IN_KEYS: ReadonlySet<string | symbol> = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

/** Own properties of the function and, for classes of either style, what was put on its prototype. */
function ownProperties(
  capture: CaptureGraph,
  fn: Function,
  analysis: Analysis,
  trail: Trail,
): { properties?: Property[]; prototype?: Property[]; parent?: Ref } {
  const isClass = analysis.shape === 'class';
  const keys = Reflect.ownKeys(fn);
  let own: Property[] | undefined;
  if (keys.some((key) => !BUILT_IN_KEYS.has(key))) {
    // A class's text brings its static methods and accessors; static fields are taken with their values of now.
    const chosen = properties(
      capture,
      fn,
      trail,
      '',
      (key, { enumerable }) => !BUILT_IN_KEYS.has(key) && !(isClass && enumerable !== true),
    );
    if (chosen.length > 0) own = chosen;
  }
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, 'prototype')?.value;
  if (typeof prototype !== 'object' || prototype === null || types.isGeneratorFunction(fn))
    return own ? { properties: own } : {};
  let members: Property[] | undefined;
  if (Reflect.ownKeys(prototype).length > 1) {
    const chosen = properties(
      capture,
      prototype,
      step(trail, 'prototype'),
      'constructor',
      (_key, { enumerable }) => !isClass || enumerable === true,
    );
    if (chosen.length > 0) members = chosen;
  }
  const above = Object.getPrototypeOf(prototype) as object | null;
  const parent = isClass || isObjectPrototype(above) ? undefined : capture.ref(above, step(trail, '[[Prototype]]'));
  return {
    ...(own && { properties: own }),
    ...(members && { prototype: members }),
    ...(parent !== undefined && { parent }),
  };
}

/** Captures of more than this are most often an accident: a configuration, a cache, an ORM. */
const LARGE = 1 << 20;
const warned = new Set<string>();

function warnLarge(fn: string, name: string, bytes: number): void {
  const key = `${fn}.${name}`;
  if (warned.has(key)) return;
  warned.add(key);
  process.emitWarning(
    `Function \`${fn}\` captures \`${name}\`, about ${(bytes / (1 << 20)).toFixed(1)} MB, which is copied at each call. Pass only what it needs, or load it inside a module that the function imports.`,
    { code: 'MANYHANDS_LARGE_CAPTURE' },
  );
}
