// A script's file, parsed once: which variables never change, what its imports name, and what it exports.
import type { AnyNode, Program } from 'acorn';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Binding, Scope } from './scope.js';
import { ScopeWalk } from './scope-walk.js';

/** Larger files (bundles) are not worth the time to parse: their functions are captured anew at each call. */
const LARGEST_FILE = 1 << 20;

/** A name that an import declaration gives: `path` into the module's namespace, empty for the namespace itself. */
export interface ImportedName {
  readonly specifier: string;
  readonly path: readonly string[];
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

export class SourceFile {
  readonly text: string;
  readonly #module: boolean;
  #lines: number[] | undefined;
  #tree: { program: Program; scopes: Scope[]; top: Scope } | null | undefined;
  /** Start of a literal, by what it exports it as. */
  #exports: Map<number, string> | undefined;

  constructor(text: string, isModule: boolean) {
    this.text = text;
    this.#module = isModule;
  }

  /** Where a function's text stands, given V8's place of it (zero-based); -1: this is not what V8 runs. */
  locate(text: string, line: number, column: number): number {
    this.#lines ??= lineStarts(this.text);
    const lineStart = this.#lines[line];
    if (lineStart === undefined) return -1;
    const place = lineStart + column;
    const start = this.text.lastIndexOf(text, place);
    return start !== -1 && start + text.length >= place ? start : -1;
  }

  /** Where a text stands that occurs once, or nearest to a line; -1: nowhere. */
  nearest(text: string, line: number): number {
    let best = -1;
    let distance = Infinity;
    for (let at = this.text.indexOf(text); at !== -1; at = this.text.indexOf(text, at + 1)) {
      const away = Math.abs(this.position(at).line - line);
      if (away >= distance) break;
      best = at;
      distance = away;
    }
    return best;
  }

  /** Zero-based line and column of an offset. */
  position(offset: number): { line: number; column: number } {
    this.#lines ??= lineStarts(this.text);
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lines[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - (this.#lines[low] ?? 0) };
  }

  /** The file asks for strict mode by itself. */
  get strict(): boolean {
    return this.#module || /^(?:#!.*\n)?(?:\s|\/\/.*\n|\/\*[^]*?\*\/)*(['"])use strict\1/.test(this.text);
  }

  /** The binding of a name that the literal at `start` uses; undefined: not provable. */
  binding(start: number, end: number, name: string): Binding | undefined {
    const tree = this.#parse();
    if (!tree) return undefined;
    let innermost = tree.top;
    for (const scope of tree.scopes) {
      if (scope.start < start && scope.end >= end && scope.end - scope.start <= innermost.end - innermost.start)
        innermost = scope;
    }
    return innermost.find(name);
  }

  /** What an imported name stands for. */
  imported(binding: Binding, name: string): ImportedName | undefined {
    const { node } = binding;
    if (node?.type !== 'ImportDeclaration') return undefined;
    const attributes =
      node.attributes.length === 0
        ? undefined
        : Object.fromEntries(
            node.attributes.map(({ key, value }) => [
              key.type === 'Identifier' ? key.name : String(key.value),
              String(value.value),
            ]),
          );
    for (const specifier of node.specifiers) {
      if (specifier.local.name !== name) continue;
      let path: string[] = [];
      if (specifier.type === 'ImportDefaultSpecifier') path = ['default'];
      else if (specifier.type === 'ImportSpecifier') path = [nameOf(specifier.imported)];
      return { specifier: String(node.source.value), path, attributes };
    }
    return undefined;
  }

  /** The name under which the literal at `start` is exported by an ES module. */
  exportedAs(start: number): string | undefined {
    this.#exports ??= this.#tabulateExports();
    return this.#exports.get(start);
  }

  /** The file could be parsed. */
  get parsed(): boolean {
    return this.#parse() !== null;
  }

  #parse(): { program: Program; scopes: Scope[]; top: Scope } | null {
    if (this.#tree !== undefined) return this.#tree;
    const acorn = require('acorn') as typeof import('acorn');
    let program: Program;
    try {
      program = acorn.parse(this.text, {
        ecmaVersion: 'latest',
        sourceType: this.#module ? 'module' : 'script',
        allowReturnOutsideFunction: true,
        allowHashBang: true,
      });
    } catch {
      // TypeScript, or syntax newer than the parser: nothing can be proven.
      this.#tree = null;
      return null;
    }
    const scopes: Scope[] = [];
    let dynamic = false;
    const top = new ScopeWalk({
      scope: (scope) => scopes.push(scope),
      use(name, scope, how) {
        if (how !== 'write') return;
        const binding = scope.find(name);
        if (binding !== undefined) binding.assigned = true;
      },
      surroundings(node) {
        if (node.type === 'CallExpression' || node.type === 'WithStatement') dynamic = true;
      },
    }).program(program);
    // A direct eval may assign to anything.
    this.#tree = dynamic && !this.#module ? null : { program, scopes, top };
    return this.#tree;
  }

  #tabulateExports(): Map<number, string> {
    const table = new Map<number, string>();
    const tree = this.#parse();
    if (!tree || !this.#module) return table;
    const literalOf = (name: string): number | undefined => {
      const binding = tree.top.names.get(name);
      if (binding === undefined || binding.assigned) return undefined;
      return literalStart(binding.node);
    };
    const add = (start: number | undefined, name: string): void => {
      if (start !== undefined && !table.has(start)) table.set(start, name);
    };
    for (const statement of tree.program.body) {
      if (statement.type === 'ExportDefaultDeclaration') {
        const { declaration } = statement;
        if (declaration.type === 'Identifier') add(literalOf(declaration.name), 'default');
        else add(literalStart(declaration), 'default');
      } else if (statement.type === 'ExportNamedDeclaration' && !statement.source) {
        for (const specifier of statement.specifiers)
          add(literalOf(nameOf(specifier.local)), nameOf(specifier.exported));
        const { declaration } = statement;
        if (declaration?.type === 'VariableDeclaration') {
          for (const { id } of declaration.declarations) if (id.type === 'Identifier') add(literalOf(id.name), id.name);
        } else if (declaration) add(literalOf(declaration.id.name), declaration.id.name);
      }
    }
    return table;
  }
}

const nameOf = (node: AnyNode): string =>
  node.type === 'Identifier' ? node.name : node.type === 'Literal' ? String(node.value) : '';

/** Where the function or class that a declaration makes begins. */
function literalStart(node: AnyNode | undefined): number | undefined {
  if (node === undefined) return undefined;
  if (/^(?:Arrow)?Function|^Class/.test(node.type)) return node.start;
  return node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.init
    ? literalStart(node.init)
    : undefined;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  // The line ends that V8 counts.
  for (const match of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(match.index + match[0].length);
  return starts;
}

const files = new Map<string, SourceFile | null>();

/** The file of a script; null: it has none, or it is too large. */
export function sourceFile(url: string, isModule: boolean): SourceFile | null {
  const key = `${isModule} ${url}`;
  let file = files.get(key);
  if (file === undefined) {
    file = read(url, isModule);
    files.set(key, file);
  }
  return file;
}

function read(url: string, isModule: boolean): SourceFile | null {
  const isUrl = url.startsWith('file:');
  if (!isUrl && !url.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(url)) return null;
  try {
    const text = readFileSync(isUrl ? fileURLToPath(url.replace(/[?#].*$/, '')) : url, 'utf8');
    if (text.length > LARGEST_FILE) return null;
    return new SourceFile(text.startsWith('\uFEFF') ? text.slice(1) : text, isModule);
  } catch {
    // Scripts need not be files (data: URLs, virtual modules), nor readable ones.
    return null;
  }
}
