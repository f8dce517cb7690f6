// `npm run tsan`: the thread test of the core under ThreadSanitizer. `npm run asan`: the tests of kernels and of their threads
// under AddressSanitizer, for reads and writes beyond what they are given. Exit code other than 0: something was found.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SANITIZERS = {
  // The standard library is not instrumented: what its locks and its own test runner order looks like races.
  thread: ['-p', 'manyhands-sync', '--test', 'race'],
  address: ['-p', 'manyhands-kernels', '-p', 'manyhands-parallel', '--lib'],
};

const [sanitizer = ''] = process.argv.slice(2);
const tests = SANITIZERS[sanitizer];
if (tests === undefined) throw new TypeError(`Expected ${Object.keys(SANITIZERS).join(' or ')}, got '${sanitizer}'`);
const root = fileURLToPath(new URL('..', import.meta.url));
const host = /^host: (.*)$/m.exec(spawnSync('rustc', ['-vV'], { encoding: 'utf8' }).stdout)?.[1] ?? '';
const { status } = spawnSync(
  'cargo',
  // An explicit target keeps the sanitizer away from build scripts.
  ['test', '--release', '--target', host, ...tests],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      // Sanitizers are not stable yet. What they report falsely is in tsan.suppressions.
      RUSTC_BOOTSTRAP: '1',
      RUSTFLAGS: `-Zsanitizer=${sanitizer} -Cunsafe-allow-abi-mismatch=sanitizer`,
      CARGO_TARGET_DIR: `${root}target/${sanitizer}-sanitizer`,
      TSAN_OPTIONS: `suppressions=${root}scripts/tsan.suppressions`,
      // Reports name lines.
      CARGO_PROFILE_RELEASE_LTO: 'off',
      CARGO_PROFILE_RELEASE_DEBUG: '1',
      CARGO_PROFILE_RELEASE_STRIP: 'none',
    },
  },
);
console.log(status === 0 ? `sanitize: nothing found (${sanitizer})` : `sanitize: failed (${sanitizer}, ${status})`);
process.exitCode = status ?? 1;
