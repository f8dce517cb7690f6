// Pools inside of test runners and behind loaders: they work there, and a forgotten one does not keep the runner.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { nodes } from '../function/nodes.js';
import { entry, Program, root } from './program.js';

mkdirSync(join(root, 'target'), { recursive: true });
const folder = mkdtempSync(join(root, 'target/runner-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A test file for either runner: closures, a death, an error's class, and a pool that nobody ends. */
const suite = (load: string): string => `
${load}
const offset = 10;
test.each([['Pool', Pool], ['ThreadPool', ThreadPool]])('%s', async (_, Class) => {
  const pool = new Class(2);
  expect(await pool.map((x) => x + offset, [1, 2])).toEqual([11, 12]);
  await expect(pool.apply(() => process.exit(3))).rejects.toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 3 });
  await expect(pool.apply(() => { throw new RangeError('far'); })).rejects.toThrow('far');
  expect(await pool.apply(() => new Map([[1, 2]]))).toEqual(new Map([[1, 2]]));
  await pool.terminate();
  globalThis.forgotten = new Class(1);
  await globalThis.forgotten.apply(() => 1);
});
`;

function run(runner: string, args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [join(root, 'node_modules', runner), ...args], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 100_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${runner} failed\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

test.each(['forks', 'threads'])('vitest, %s', (pool) => {
  const load = `import { expect, test } from 'vitest'; import { Pool, ThreadPool } from ${JSON.stringify(entry)};`;
  writeFileSync(join(folder, 'pools.test.mjs'), suite(load));
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    'export default { test: { server: { deps: { external: [/dist/] } } } };',
  );
  expect(run('vitest/vitest.mjs', ['run', '--root', folder, '--pool', pool])).toContain('2 passed');
});

test.each([
  ['a process for each file', []],
  ['one process', ['--runInBand']],
])('Jest, in %s, where every file loads the package anew', (_, flags) => {
  const text = suite(`const { Pool, ThreadPool } = require(${JSON.stringify(entry)});`);
  for (const name of ['one', 'two']) writeFileSync(join(folder, `${name}.spec.cjs`), text);
  // Its workers are up after its end: what a pool does then is none of the runner's business. Jest begins with the largest.
  const idle = `const { Pool } = require(${JSON.stringify(entry)}); new Pool(1); test('idle', () => undefined);`;
  writeFileSync(join(folder, 'idle.spec.cjs'), `${idle}\n//${' '.repeat(10_000)}`);
  writeFileSync(join(folder, 'jest.json'), JSON.stringify({ testMatch: ['**/*.spec.cjs'], transform: {} }));
  run('jest/bin/jest.js', ['-c', 'jest.json', '--rootDir', folder, ...flags]);
});

describe.each(nodes)('with a loader, $label', ({ path }) => {
  // With any of these flags Node loads the entry of a worker by way of modules, and names it otherwise.
  test.each([
    ['nothing but --import', 'data:text/javascript,'],
    ['tsx', pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href],
  ])('%s', async (_, module) => {
    const program = new Program(
      `(async () => {
        for (const Class of [Pool, ThreadPool]) {
          const pool = new Class(1);
          console.log(await pool.apply((x) => x + 1, [1]));
          pool.close();
          await pool.join();
        }
      })();`,
      { node: path, execArgv: ['--import', module] },
    );
    expect(await program.ended).toMatchObject({ code: 0, out: '2\n2\n' });
  });
});
