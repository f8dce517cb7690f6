// The only file that loads the native addon; everything else asks `native()` for it.
import type { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CallPage } from './memory/call-page.js';
import type { NativeApi } from './native-api.js';

const SUPPORTED = 'linux-x64 and linux-arm64 (glibc 2.28 or newer)';

let loaded: NativeApi | undefined;

/**
 * What all loads of this package in one environment have in common. A test runner loads it anew for every file, but the
 * addon, and the participant that the thread is, stay.
 */
interface Environment {
  /** Looks at the queues of each load. */
  readonly polls: Set<(isRung: boolean) => void>;
  /** How many large binaries were handed out. */
  attachments: number;
  /** What its calls read and write. */
  page?: CallPage;
  /** The contexts that the program's own AsyncLocalStorage began; see `async-context.ts`. */
  programContexts?: ProgramContexts;
}

/** Stands in front of Node's `AsyncLocalStorage.run`. */
export interface ProgramContexts {
  /** A fresh object in each context. */
  readonly storage: AsyncLocalStorage<object>;
  /** Node's own. */
  readonly run: typeof AsyncLocalStorage.prototype.run;
}

/** Kept on the addon's exports, the one object that no load makes anew. */
export function environment(): Environment {
  const addon = native() as NativeApi & { environment?: Environment };
  return (addon.environment ??= { polls: new Set(), attachments: 0 });
}

const packageFolder = (): string => join(__dirname, '..', '..');
/** Where the package has the binary for most systems: a search takes longer than loading it. */
const usualFile = (): string =>
  join(packageFolder(), 'prebuilds', `${process.platform}-${process.arch}`, 'manyhands.glibc.node');

let file: string | undefined;

/**
 * The addon, loaded on first use.
 *
 * @throws Error with code `ERR_NO_BINARY` when there is no binary that loads on this platform, `ERR_ADDONS_FORBIDDEN` when this
 *   process may not load any
 */
export function native(): NativeApi {
  loaded ??= load();
  return loaded;
}

/** The file that the addon was or will be loaded from. */
export function nativeFile(): string {
  // node-gyp-build is CommonJS without types, and must not be loaded before it is needed.
  file ??= (require('node-gyp-build') as { path(directory: string): string }).path(packageFolder());
  return file;
}

/** For a worker, whose parent knows the file: looking for it takes longer than loading it. */
export function useNativeFile(known: string): void {
  file = known;
}

function load(): NativeApi {
  try {
    return usual() ?? (require(nativeFile()) as NativeApi);
  } catch (cause) {
    throw isForbidden(cause) ? forbidden(cause) : missing(cause);
  }
}

/** undefined: it has to be searched for. */
function usual(): NativeApi | undefined {
  if (file !== undefined || process.env['MANYHANDS_PREBUILD'] !== undefined) return undefined;
  try {
    const known = usualFile();
    const addon = require(known) as NativeApi;
    file = known;
    return addon;
  } catch (error) {
    if (isForbidden(error)) throw error;
    // What the search finds, or its failure, is what counts.
    return undefined;
  }
}

const isForbidden = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ERR_DLOPEN_DISABLED';

function forbidden(cause: unknown): Error {
  const error = new Error(
    'manyhands needs its native addon, and this process may not load addons (--no-addons, or the permission model). ' +
      'With the permission model, start Node with --allow-addons, and --allow-child-process for processes or ' +
      '--allow-worker for threads.',
    { cause },
  );
  return Object.assign(error, { code: 'ERR_ADDONS_FORBIDDEN' });
}

function missing(cause: unknown): Error {
  // Installed, it has that folder also where no binary in it fits.
  const astray = existsSync(join(packageFolder(), 'prebuilds'))
    ? ''
    : ' Its folder `prebuilds` is not there: a bundler must leave the package out (esbuild: --external:manyhands).';
  const why = cause instanceof Error ? ` What loading said: ${cause.message}` : '';
  const error = new Error(
    `manyhands has no native binary that loads on ${process.platform}-${process.arch} (Node ${process.version}). ` +
      `Prebuilt: ${SUPPORTED}. To build it from source, with Rust installed: git clone the repository, then \`npm ci && npm run build\`.${astray}${why}`,
    { cause },
  );
  return Object.assign(error, { code: 'ERR_NO_BINARY' });
}
