// Compiles text as if it stood at a place of another file: in stacks, and for `import()`.
import { Script, constants } from 'node:vm';

export interface Place {
  readonly file: string;
  /** Zero-based. */
  readonly line: number;
  readonly column: number;
}

/** `imports`: the text uses `import()`, which then resolves from the place's file. */
export function scriptAt(text: string, { file, line, column }: Place, imports: boolean): Script {
  const options = { filename: file, lineOffset: line, columnOffset: column };
  if (!imports) return new Script(text, options);
  quietly();
  return new Script(text, { ...options, importModuleDynamically });
}

const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
let quiet = false;

/** Node calls the constant experimental at its first use, once; that is no news for whoever wrote the task. */
function quietly(): void {
  if (quiet) return;
  quiet = true;
  const emit = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    new Script("void import('node:vm')", { importModuleDynamically }).runInThisContext();
  } finally {
    process.emitWarning = emit;
  }
}
