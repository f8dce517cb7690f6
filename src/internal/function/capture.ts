// Makes a function ready to cross: the definition that a worker must know once, and the values that each call brings.
import { CaptureError } from '../../errors.js';
import type { Task } from '../../task.js';
import { copyOf } from '../codec/copy.js';
import { wrongType } from '../validate.js';
import { CaptureGraph } from './capture-graph.js';
import { type Definition, newDefinition, sharedDefinition } from './definition.js';
import type { Graph, Node, Ref } from './graph.js';
import { originalOf } from './substitutes.js';
import { exportName, learnNamespace, namespaceOf } from './loaded-modules.js';
import { importDefinition, referenceDefinition, referenceLabel } from './reference.js';

export type { Definition, Task };

export interface Captured {
  readonly definition: Definition;
  /** What the codec sends with each call; undefined when the function is stable. */
  readonly values?: unknown;
  /** For messages: the function's name or `module#name`. */
  readonly name: string;
}

/** What is known of a function whose captured values cannot change. */
interface Known {
  captured: Captured;
  /** Set until its second use, when it gets a definition that holds the values. */
  promote: (() => Captured) | undefined;
}

const known = new WeakMap<Function, Known>();
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * Captures a function or reference as it is now. The caller encodes `definition.body` and `values` before it returns to
 * the event loop, unless `snapshot` copies them (then `values` is what it returned). A promise is given only for a
 * function that may be an export of an ES module whose exports were never compared; its values are copied at once.
 *
 * @throws CaptureError naming the variable, TypeError for what is no task
 */
export function captureTask(
  asked: Task,
  given?: Record<string, unknown>,
  snapshot?: (values: unknown) => unknown,
): Captured | Promise<Captured> {
  const task = originalOf(asked);
  if (typeof task !== 'function') return captureReference(task);
  if (given === undefined) {
    const hit = known.get(task);
    if (hit !== undefined) {
      if (hit.promote !== undefined) {
        hit.captured = hit.promote();
        hit.promote = undefined;
      }
      return hit.captured;
    }
  }
  return captureFunction(task, given ?? NOTHING, snapshot);
}

function captureReference(task: unknown): Captured {
  if (typeof task !== 'object' || task === null || !('module' in task))
    throw wrongType('fn', 'a function or { module, name }', task);
  // `module` and `name` are checked where they are read.
  return referenceDefinition(task as { module: string | URL; name?: string });
}

function captureFunction(
  fn: Function,
  given: Readonly<Record<string, unknown>>,
  snapshot?: (values: unknown) => unknown,
): Captured | Promise<Captured> {
  const name = fn.name || '(anonymous)';
  const capture = new CaptureGraph(given);
  let entry: Ref;
  try {
    entry = capture.ref(fn, { label: name, parent: undefined });
  } catch (error) {
    if (error instanceof RangeError)
      throw new CaptureError(`Cannot capture function \`${name}\`: what it captures is nested too deeply`, {
        cause: error,
      });
    throw error;
  }
  if (capture.pending.length > 0 && !blocking) return settle(capture, fn, entry, name, given);
  const graph = capture.graph(entry);
  return finish(capture, { ...graph, nodes: withExports(capture, [...graph.nodes]) }, fn, name, given, snapshot);
}

let blocking = false;

/**
 * Runs `start`, whose captures never give a promise: the thread is about to block and no promise would settle. A function
 * whose module was not compared before then crosses by value.
 */
export function captureBlocking<T>(start: () => T): T {
  blocking = true;
  try {
    return start();
  } finally {
    blocking = false;
  }
}

function finish(
  capture: CaptureGraph,
  graph: Graph,
  fn: Function,
  name: string,
  given: Readonly<Record<string, unknown>>,
  snapshot?: (values: unknown) => unknown,
): Captured {
  const [first] = graph.nodes;
  if (first?.kind === 'import') {
    const source = capture.body().modules[first.module];
    if (source !== undefined && first.path.length <= 1) {
      const module = 'require' in source ? source.require : 'url' in source ? source.url : source.specifier;
      const [exported] = first.path;
      const label = referenceLabel(module, exported);
      // A module whose exports are the function itself is its own default export.
      const captured = { definition: importDefinition(source, exported, label), name: label };
      if (given === NOTHING) known.set(fn, { captured, promote: undefined });
      return captured;
    }
  }
  if (!capture.stable) {
    const definition = sharedDefinition(capture.key, false, () => capture.body());
    return { definition, values: snapshot === undefined ? graph : snapshot(graph), name };
  }
  const alone = graph.nodes.length === 1 && first?.kind === 'function' && first.variables.length === 0;
  if (alone) {
    const captured = {
      definition: sharedDefinition(`stable ${capture.key}`, true, () => ({ ...capture.body(), graph })),
      name,
    };
    known.set(fn, { captured, promote: undefined });
    return captured;
  }
  // A closure that is used once shares its code with its like; one that comes again is worth a definition of its own.
  const captured = { definition: sharedDefinition(capture.key, false, () => capture.body()), values: graph, name };
  known.set(fn, { captured, promote: () => ({ definition: newDefinition({ ...capture.body(), graph }, true), name }) });
  return captured;
}

/** Copies the values as they are now, then finds out which functions are exports. */
async function settle(
  capture: CaptureGraph,
  fn: Function,
  entry: Ref,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Promise<Captured> {
  const graph = capture.graph(entry);
  const nodes = copied(graph.nodes);
  await Promise.all(capture.pending.map(({ url }) => learnNamespace(url)));
  return finish(capture, { ...graph, nodes: withExports(capture, nodes) }, fn, name, given);
}

/** What turned out to be an export of its module is imported there; the rest crosses by value. */
function withExports(capture: CaptureGraph, nodes: Node[]): Node[] {
  for (const { node, url, value, failure } of capture.pending) {
    const namespace = namespaceOf(url);
    const exported = namespace ? exportName(namespace, value) : undefined;
    if (exported !== undefined) nodes[node] = capture.importNode({ url }, [exported]);
    else if (failure !== undefined) throw failure;
  }
  return nodes;
}

/** Only data nodes hold values of the program; objects shared between them stay shared. */
function copied(nodes: readonly Node[]): Node[] {
  const values = nodes.map((node) => (node.kind === 'data' ? node.value : undefined));
  let copies: unknown[];
  try {
    copies = copyOf(values, 'captured', true);
  } catch {
    // What cannot be copied at all is refused when the values are sent.
    copies = values;
  }
  return nodes.map((node, i) => (node.kind === 'data' ? { kind: 'data', value: copies[i] } : node));
}
