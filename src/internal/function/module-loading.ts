// Loads the modules that a captured function imports, as its own file would.
import { createRequire, isBuiltin } from 'node:module';
import type { ModuleSource } from './graph.js';
import { scriptAt } from './script-at.js';

type Importer = (specifier: string, attributes: Readonly<Record<string, string>> | undefined) => Promise<object>;

const importers = new Map<string, Importer>();

/** `import()` as it stands in another file. */
export function importerFrom(file: string): Importer {
  let importer = importers.get(file);
  if (importer === undefined) {
    const script = scriptAt(
      '(specifier,attributes)=>attributes?import(specifier,{with:attributes}):import(specifier)',
      { file, line: 0, column: 0 },
      true,
    );
    // The script's only expression is that function.
    importer = script.runInThisContext() as Importer;
    importers.set(file, importer);
  }
  return importer;
}

/** The module's namespace, or its `exports` where it was required. */
export function loadModule(source: ModuleSource): unknown {
  if ('specifier' in source && isBuiltin(source.specifier)) return import(source.specifier);
  const name = 'require' in source ? source.require : 'specifier' in source ? source.specifier : source.url;
  try {
    if ('require' in source) return createRequire(source.require)(source.require);
    const imported =
      'specifier' in source ? importerFrom(source.from)(source.specifier, source.attributes) : import(source.url);
    return imported.catch((error: unknown) => Promise.reject(located(error, name)));
  } catch (error) {
    throw located(error, name);
  }
}

/** A syntax error says nothing of its file: Node shows that only for an error that ends the program. */
function located(error: unknown, name: string): Error {
  // Whatever a module throws is passed on as it is.
  if (!(error instanceof SyntaxError) || error.message.includes(name)) return error as Error;
  const { message } = error;
  error.message = `${message} (while ${name} was loaded)`;
  error.stack = String(error.stack).replace(message, error.message);
  return error;
}
