// References `{ module, name? }`: a function named by the module that exports it.
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TaskReference } from '../../task.js';
import { wrongType } from '../validate.js';
import { type Definition, sharedDefinition } from './definition.js';
import type { ModuleSource, ReferenceBody } from './graph.js';

export const referenceLabel = (module: string, name: string | undefined): string => `${module}#${name ?? 'default'}`;

/** The definition of an exported function. Throws TypeError for a reference that names no module. */
export function referenceDefinition(reference: TaskReference): { definition: Definition; name: string } {
  const { module, name } = reference;
  if (name !== undefined && typeof name !== 'string') throw wrongType('name', 'a string', name);
  const source = sourceOf(module);
  const label = referenceLabel(String(module), name);
  return { definition: importDefinition(source, name, label), name: label };
}

export function importDefinition(module: ModuleSource, name: string | undefined, label: string): Definition {
  const body: ReferenceBody = { module, export: name, label };
  return sharedDefinition(`import ${JSON.stringify(module)} ${name ?? ''}`, true, () => body);
}

function sourceOf(module: unknown): ModuleSource {
  const must = 'a URL, an absolute path or a package name';
  // A URL of another context (Jest) is no instance of this one's class.
  if (typeof module === 'object' && module !== null && 'href' in module && typeof module.href === 'string')
    return { url: module.href };
  if (typeof module !== 'string' || module === '') throw wrongType('module', must, module);
  if (/^\.{1,2}(?:[\\/]|$)/.test(module))
    throw wrongType('module', `${must} (for a relative one: new URL(text, import.meta.url))`, module);
  if (isAbsolute(module)) return { url: pathToFileURL(module).href };
  if (/^[a-z][a-z\d+.-]+:/i.test(module)) return { url: module };
  if (isBuiltin(module)) return { url: `node:${module}` };
  return { specifier: module, from: rootOf(module) };
}

/** Who imports a package: the program, or else the directory it runs in; so the worker finds the same wherever it is. */
function rootOf(name: string): string {
  const base = pathToFileURL(`${process.cwd()}/`).href;
  const program = process.argv[1] === undefined ? base : pathToFileURL(process.argv[1]).href;
  return knows(program, name) || !knows(base, name) ? program : base;
}

function knows(root: string, name: string): boolean {
  try {
    createRequire(root).resolve(name);
    return true;
  } catch (error) {
    // There, but for `import` only.
    return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}
