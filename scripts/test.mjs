// `npm test`: sets up everything, runs all tests in Rust and TypeScript, and ends with one line `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setUp } from './set-up.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = `${root}target/vitest.json`;
// npm puts node_modules/.bin first, where a newer Node lies for the tests: run them on the Node that runs npm.
const node = process.env.npm_node_execpath ?? process.execPath;
const LEAST_DEATHS = 3000;
const totals = { passed: 0, failed: 0 };

function run(command, args, env = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

// A step that ends badly without a failed test (a crash, a compile error) counts as one failure.
function add(passed, failed, code) {
  totals.passed += passed;
  totals.failed += failed === 0 && code !== 0 ? 1 : failed;
}

async function cargo(args, env) {
  const { code, output } = await run('cargo', args, env);
  const results = [...output.matchAll(/^test result: .* (\d+) passed; (\d+) failed/gm)];
  const sum = (column) => results.reduce((total, row) => total + Number(row[column]), 0);
  add(sum(1), sum(2), code);
}

async function vitest() {
  mkdirSync(`${root}target`, { recursive: true });
  rmSync(report, { force: true });
  const { code, output } = await run(node, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  let result = { numPassedTests: 0, numFailedTests: 0 };
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`);
  }
  add(result.numPassedTests, result.numFailedTests, code);
  // Each storm says how many workers died in it; together they must be enough to meet every window.
  const deaths = [...output.matchAll(/storm: (\d+) deaths/g)].reduce((total, [, count]) => total + Number(count), 0);
  console.log(`storms: ${deaths} deaths of Node workers, at least ${LEAST_DEATHS} wanted`);
  add(Number(deaths >= LEAST_DEATHS), Number(deaths < LEAST_DEATHS), 0);
}

setUp();
await cargo(['test', '--release', '--workspace', '--no-fail-fast']);
// The core once more, with every interleaving tried; other flags, so a target directory of its own.
await cargo(['test', '--release', '--package', 'manyhands-sync', '--test', 'loom'], {
  RUSTFLAGS: '--cfg loom',
  CARGO_TARGET_DIR: `${root}target/loom`,
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
});
await vitest();
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
