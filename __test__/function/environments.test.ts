// Closures cross wherever JavaScript runs: as a module, a script, a text, typed, under test runners, with unusual flags.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixtures, modules, nodes, runNode } from './nodes.js';

const EVAL = `const k = 3; const h = (x) => x * k; function g(x) { return h(x) + 1 }
import('./transport.mjs').then(async ({ run, stop }) => { console.log(await run('process', (x) => g(x) + k, [2])); stop(); });`;
const EVAL_MODULE = `import { run, stop } from './transport.mjs'; import { triple } from './helper.mjs';
const k = 3; const h = (x) => x * k; console.log(await run('process', (x) => h(x) + k + triple(1), [2])); stop();`;

describe.each(nodes)('$label', ({ path, major }) => {
  const works = async (
    args: string[],
    expected: string,
    options: { input?: string; env?: Record<string, string>; cwd?: string } = {},
  ) => {
    const { out, err } = await runNode(path, args, options);
    expect({ out, err: out === expected ? '' : err }).toEqual({ out: expected, err: '' });
  };

  test('ES module', () => works(['plain.mjs'], '14 9\n'));
  test('CommonJS', () => works(['plain.cjs'], '17 b6\n'));
  test('-e', () => works(['-e', EVAL], '10\n'));
  test('-e as a module', () => works(['--input-type=module', '-e', EVAL_MODULE], '12\n'));
  test('standard input', () => works(['-'], '10\n', { input: EVAL }));
  test('standard input as a module', () => works(['--input-type=module', '-'], '12\n', { input: EVAL_MODULE }));
  test.each([
    '--inspect=0',
    '--frozen-intrinsics',
    '--jitless',
    '--disable-proto=delete',
    '--disallow-code-generation-from-strings',
    '--enable-source-maps',
  ])('%s', async (flag) => {
    const { out } = await runNode(path, [flag, 'plain.mjs']);
    expect(out).toBe('14 9\n');
  });
  test('coverage', async () =>
    works(['plain.mjs'], '14 9\n', { env: { NODE_V8_COVERAGE: await mkdtemp(join(tmpdir(), 'coverage-')) } }));
  test('tsx', () => works([join(modules, 'tsx/dist/cli.mjs'), 'typed.mts'], '19 true 21 21\n'));
  test('tsx, CommonJS', () => works([join(modules, 'tsx/dist/cli.mjs'), 'typed.cts'], '6b\n'));
  test.skipIf(major < 22)('type stripping', () => works(['typed.mts'], '19 true 21 21\n'));
  test('the permission model: a clear error, and values by hand', async () => {
    const flags = major < 24 ? ['--experimental-permission'] : ['--permission'];
    const { out } = await runNode(path, [...flags, '--allow-fs-read=*', '--allow-worker', 'no-inspector.cjs']);
    expect(out).toBe('9\nERR_CAPTURE k true\n16\n5\n');
  });
  test.each(['forks', 'threads'])('vitest, %s', { timeout: 30_000 }, async (pool) => {
    const { code, out, err } = await runNode(path, [
      join(modules, 'vitest/vitest.mjs'),
      'run',
      '--root',
      join(fixtures, 'vitest'),
      '--pool',
      pool,
    ]);
    expect({ code, out: code === 0 ? '' : out + err }).toEqual({ code: 0, out: '' });
  });
  test('Jest', { timeout: 30_000 }, async () => {
    const { code, err } = await runNode(path, [join(modules, 'jest/bin/jest.js'), '-c', 'jest.config.json'], {
      cwd: join(fixtures, 'jest'),
    });
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  });
});
