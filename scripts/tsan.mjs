// `npm run tsan`: runs the thread test of the core under ThreadSanitizer. Exit code 66: it found a race.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const host = /^host: (.*)$/m.exec(spawnSync('rustc', ['-vV'], { encoding: 'utf8' }).stdout)?.[1] ?? '';
const { status } = spawnSync(
  'cargo',
  // An explicit target keeps the sanitizer away from build scripts.
  ['test', '--release', '--target', host, '-p', 'manyhands-sync', '--test', 'race'],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      // Sanitizers are not stable yet. What they report falsely is in tsan.suppressions.
      RUSTC_BOOTSTRAP: '1',
      RUSTFLAGS: '-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer',
      CARGO_TARGET_DIR: `${root}target/tsan`,
      TSAN_OPTIONS: `suppressions=${root}scripts/tsan.suppressions`,
      // Reports name lines.
      CARGO_PROFILE_RELEASE_LTO: 'off',
      CARGO_PROFILE_RELEASE_DEBUG: '1',
      CARGO_PROFILE_RELEASE_STRIP: 'none',
    },
  },
);
console.log(status === 0 ? 'tsan: no race' : `tsan: failed (${status})`);
process.exitCode = status ?? 1;
