// Builds the addon and puts the stripped binary where node-gyp-build looks; with --release-floor by zigbuild for GLIBC 2.28, checked.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const forRelease = process.argv.includes('--release-floor');
const maxBytes = 3e6;
const glibcFloor = [2, 28];
const triple = { x64: 'x86_64-unknown-linux-gnu', arm64: 'aarch64-unknown-linux-gnu' }[process.arch];

function fail(message) {
  console.error(`build-native: ${message}`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`${command} ${args.join(' ')} failed`);
  return result.stdout;
}

if (process.platform !== 'linux' || !triple) {
  fail(`no support for ${process.platform}-${process.arch}; supported: linux-x64, linux-arm64`);
}

let built;
if (forRelease) {
  const venv = `${root}target/zig-venv`;
  if (!existsSync(`${venv}/bin/cargo-zigbuild`)) {
    run('python3', ['-m', 'venv', venv]);
    run(`${venv}/bin/pip`, ['install', '--quiet', 'ziglang', 'cargo-zigbuild']);
  }
  const target = `${triple}.${glibcFloor.join('.')}`;
  run(`${venv}/bin/cargo-zigbuild`, ['zigbuild', '--release', '-p', 'manyhands-node', '--target', target], {
    env: { ...process.env, CARGO_TARGET_DIR: `${root}target`, PATH: `${venv}/bin:${process.env.PATH}` },
  });
  built = `${root}target/${triple}/release/libmanyhands_node.so`;
} else {
  // The CLI puts <binaryName>.node there, wherever cargo was told to build.
  const output = `${root}target/addon`;
  mkdirSync(output, { recursive: true });
  const flags = [
    '--release',
    '--manifest-path',
    'crates/node/Cargo.toml',
    '--package-json-path',
    'package.json',
    '--no-js',
  ];
  run(`${root}node_modules/.bin/napi`, ['build', ...flags, '--output-dir', output, '--dts', 'addon.d.ts']);
  built = `${output}/manyhands.node`;
}

// Renamed into place: a process that has the old binary mapped keeps it.
const folder = `${root}prebuilds/linux-${process.arch}`;
const binary = `${folder}/manyhands.glibc.node`;
const fresh = `${binary}.new`;
mkdirSync(folder, { recursive: true });
copyFileSync(built, fresh);
run('strip', ['--strip-unneeded', fresh]);

const { size } = statSync(fresh);
if (size > maxBytes) fail(`the binary has ${size} bytes, more than ${maxBytes}`);
if (forRelease) {
  const symbols = run('objdump', ['-T', fresh], { stdio: 'pipe', encoding: 'utf8' });
  const versions = [...symbols.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map((m) => [Number(m[1]), Number(m[2])]);
  const above = versions.filter(([a, b]) => a > glibcFloor[0] || (a === glibcFloor[0] && b > glibcFloor[1]));
  if (versions.length === 0) fail('objdump shows no GLIBC version');
  if (above.length > 0) fail(`the binary needs GLIBC ${above[0].join('.')}, more than ${glibcFloor.join('.')}`);
}
renameSync(fresh, binary);
console.log(`build-native: ${binary.slice(root.length)} (${size} bytes)`);
