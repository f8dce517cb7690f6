// The addon of the built package, for tests that look at the arena or take part in it directly.
import { createRequire } from 'node:module';
import type { NativeApi } from '../../src/internal/native-api.ts';

const require = createRequire(import.meta.url);

/** The same instance that the pools of this process use. */
export function addon(): NativeApi {
  const { native } = require('../../dist/internal/native.js') as { native: () => NativeApi };
  return native();
}
