// The place of a function's literal in its script, and what is known there about each of its free variables.
import type { Analysis } from './analysis.js';
import { placeAmongCallers } from './callers.js';
import type { CodeText } from './graph.js';
import type { Inspection } from './inspection.js';
import { scriptUrl } from './inspection.js';
import type { Binding } from './scope.js';
import { type SourceFile, sourceFile } from './source-file.js';

/** The code of one literal; the same object for the same literal, so that it is sent once. */
export interface Code {
  readonly id: number;
  readonly text: CodeText;
}

/** Beyond so many, literals are looked at anew. */
const MOST_SITES = 4096;
let lastCode = 0;

export class Site {
  readonly url: string;
  readonly isModule: boolean;
  readonly scriptId: string | undefined;
  /** The file, when its text is what V8 runs. */
  readonly file: SourceFile | null;
  /** Where the literal stands in the file; -1: unknown. */
  readonly start: number;
  readonly #end: number;
  readonly #bindings = new Map<string, Binding | undefined>();
  readonly #codes = new Map<string, Code>();
  readonly #line: number;
  readonly #column: number;
  readonly #strict: boolean;

  constructor(text: string, analysis: Analysis, inspection: Inspection | undefined, hasArguments: boolean) {
    this.scriptId = inspection?.scriptId;
    this.isModule = inspection?.scopes.some(({ kind }) => kind === 'Module') ?? false;
    const seen = inspection === undefined ? placeAmongCallers(text) : undefined;
    this.url = seen?.url ?? (this.scriptId === undefined ? '' : scriptUrl(this.scriptId));
    const file = this.url === '' || seen !== undefined ? null : sourceFile(this.url, this.isModule);
    this.start = file && inspection ? file.locate(text, inspection.line, inspection.column) : -1;
    this.file = this.start === -1 ? null : file;
    this.#end = this.start + text.length;
    const known = this.file ?? seen?.file;
    if (known) {
      const place = known.position((seen?.start ?? this.start) + analysis.start);
      this.#line = place.line;
      this.#column = place.column;
    } else {
      const lead = text.slice(analysis.start, Math.max(analysis.start, analysis.anchor));
      const newlines = lead.split('\n').length - 1;
      this.#line = (inspection?.line ?? 0) - newlines;
      this.#column = newlines > 0 ? 0 : (inspection?.column ?? 0) - lead.length;
    }
    this.#strict =
      this.isModule ||
      (analysis.plainFunction ? !hasArguments : inspection === undefined || (this.file?.strict ?? false));
  }

  /** The declaration of a free variable; undefined: it cannot be known. */
  binding(name: string): Binding | undefined {
    if (this.file === null) return undefined;
    if (!this.#bindings.has(name)) this.#bindings.set(name, this.file.binding(this.start, this.#end, name));
    return this.#bindings.get(name);
  }

  /** The code with these of its free variables captured. */
  code(analysis: Analysis, captured: readonly string[]): Code {
    const key = captured.join();
    let code = this.#codes.get(key);
    if (code === undefined) {
      lastCode += 1;
      const variables = captured.map((name) => ({ name, assigned: analysis.free.get(name)?.assigned ?? false }));
      const { before, text, after, usesMeta, importsDynamically } = analysis;
      const file = this.url === '' ? undefined : this.url;
      code = {
        id: lastCode,
        text: {
          before,
          text,
          after,
          strict: this.#strict,
          variables,
          line: this.#line,
          column: this.#column,
          file,
          usesMeta,
          importsDynamically,
        },
      };
      this.#codes.set(key, code);
    }
    return code;
  }
}

const sites = new Map<string, Site>();

/** The site of a function, by its place in a script, or by its text alone where it was not inspected. */
export function siteOf(fn: Function, text: string, analysis: Analysis, inspection: Inspection | undefined): Site {
  const hasArguments = Object.hasOwn(fn, 'arguments');
  let key = `${fn.name}\0${hasArguments}`;
  const { scriptId } = inspection ?? {};
  // A script without a URL (eval, new Function) may be made again and again from one text.
  if (scriptId !== undefined && scriptUrl(scriptId) !== '')
    key += `\0${scriptId}:${inspection?.line}:${inspection?.column}`;
  else key += `\0${inspection === undefined}\0${text}`;
  let site = sites.get(key);
  if (site === undefined) {
    if (sites.size >= MOST_SITES) sites.clear();
    site = new Site(text, analysis, inspection, hasArguments);
    sites.set(key, site);
  }
  return site;
}
