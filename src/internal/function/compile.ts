// Compiles the text of a captured function, at its original place, into a factory that makes closures of it.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type CodeText, META_NAME } from './graph.js';
import { scriptAt } from './script-at.js';

/** A closure, and how to set the variables that were not known when it was made. */
export type Factory = (values: readonly unknown[]) => Closure;

export type Closure = readonly [value: Function, set: Readonly<Record<string, (value: unknown) => void>> | undefined];

const VALUES = '__manyhandsValues';

/** One function's text; compiled once for each set of variables that are bound late (functions that name each other). */
export class Compiled {
  readonly #code: CodeText;
  readonly #factories = new Map<string, Factory>();

  constructor(code: CodeText) {
    this.#code = code;
  }

  get variables(): CodeText['variables'] {
    return this.#code.variables;
  }

  /** The factory whose variables of these numbers are set afterwards. */
  factory(late: readonly number[]): Factory {
    const key = late.join();
    let factory = this.#factories.get(key);
    if (factory === undefined) {
      factory = this.#compile(new Set(late));
      this.#factories.set(key, factory);
    }
    return factory;
  }

  #compile(late: ReadonlySet<number>): Factory {
    const { before, text, after, strict, variables, line, column, file, usesMeta, importsDynamically } = this.#code;
    let head = `(function(${VALUES},${META_NAME}){${strict ? '"use strict";' : ''}`;
    const setters: string[] = [];
    variables.forEach(({ name, assigned }, i) => {
      if (late.has(i)) {
        head += `let ${name};`;
        setters.push(`${JSON.stringify(name)}(v){${name}=v}`);
      } else {
        head += `${assigned ? 'let' : 'const'} ${name}=${VALUES}[${i}];`;
      }
    });
    // In an array, where V8 gives an anonymous function no name in stacks.
    head += `return[${before}`;
    const set = setters.length === 0 ? 'undefined' : `{${setters.join()}}`;
    const place = { file: file ?? 'manyhands:task', line, column: column - head.length };
    // The script's only expression is the function that is written here.
    const make = scriptAt(`${head}${text}${after},${set}]})`, place, importsDynamically).runInThisContext() as
      | ((values: readonly unknown[], meta: unknown) => Closure)
      | undefined;
    // A thread that is being terminated is refused to run scripts a moment before it is stopped, without an exception:
    // what follows would be taken for an error of the task.
    if (make === undefined) process.exit(1);
    const meta = usesMeta ? metaOf(file ?? '') : undefined;
    return (values) => make(values, meta);
  }
}

/** `import.meta` of the original module. */
function metaOf(file: string): unknown {
  const url = file.startsWith('/') ? pathToFileURL(file).href : file;
  const meta: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  meta['url'] = url;
  if (url.startsWith('file:')) {
    const filename = fileURLToPath(url);
    meta['filename'] = filename;
    meta['dirname'] = filename.replace(/[\\/][^\\/]*$/, '') || '/';
  }
  meta['resolve'] = (specifier: string): string => resolveFrom(specifier, url);
  return meta;
}

function resolveFrom(specifier: string, base: string): string {
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, base).href;
  if (URL.canParse(specifier)) return specifier;
  const { createRequire, isBuiltin } = require('node:module') as typeof import('node:module');
  if (isBuiltin(specifier)) return `node:${specifier}`;
  return pathToFileURL(createRequire(base).resolve(specifier)).href;
}
