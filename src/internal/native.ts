// The only file that loads the native addon; everything else asks `native()` for it.
import { arch, platform } from 'node:process';
import { join } from 'node:path';
import type { NativeApi } from './native-api.js';

const SUPPORTED = 'linux-x64 and linux-arm64 (glibc 2.28 or newer)';

let loaded: NativeApi | undefined;

/**
 * The addon, loaded on first use.
 *
 * @throws Error with code `ERR_NO_BINARY` when there is no binary for this platform
 */
export function native(): NativeApi {
  loaded ??= load();
  return loaded;
}

function load(): NativeApi {
  const root = join(__dirname, '..', '..');
  try {
    // eslint-disable-next-line -- node-gyp-build is CommonJS without types, and must not be loaded before it is needed
    const find = require('node-gyp-build') as (directory: string) => NativeApi;
    return find(root);
  } catch (cause) {
    const error = new Error(
      `manyhands has no native binary that loads on ${platform}-${arch} (Node ${process.version}). ` +
        `Prebuilt: ${SUPPORTED}. To build it from source, with Rust installed: git clone the repository, then \`npm ci && npm run build\`.`,
      { cause },
    );
    throw Object.assign(error, { code: 'ERR_NO_BINARY' });
  }
}
