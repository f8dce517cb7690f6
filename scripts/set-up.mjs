// Brings a clone to the point where everything runs: dependencies as locked, addon and TypeScript built.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs one command with its output shown; ends the program when it fails. */
export function must(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.error || result.status !== 0) {
    console.error(`${command} ${args.join(' ')} failed${result.error ? `: ${result.error.message}` : ''}`);
    process.exit(1);
  }
}

// Installed is what npm wrote down; optional packages of other platforms are missing by right.
function dependenciesAreStale() {
  const record = `${root}node_modules/.package-lock.json`;
  if (!existsSync(record)) return true;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages;
  return Object.entries(locked).some(([path, { version, optional }]) => {
    if (path === '' || (optional && !installed[path])) return false;
    return installed[path]?.version !== version;
  });
}

export function setUp() {
  if (dependenciesAreStale()) must('npm', ['ci', '--no-audit', '--no-fund']);
  must(process.execPath, ['scripts/build-native.mjs']);
  must(process.execPath, ['scripts/build-ts.mjs']);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp();
