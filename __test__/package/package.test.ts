// The packed tarball is well formed, small, and works for a consumer that installs it with scripts off.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);
const nodes = ['', '22', '24', '26'].map((major) =>
  major === ''
    ? (process.env['npm_node_execpath'] ?? process.execPath)
    : join(root, `node_modules/node${major}/bin/node`),
);
const folder = mkdtempSync(join(tmpdir(), 'manyhands-consumer-'));
const installed = join(folder, 'node_modules/manyhands');
let tarball = '';

function run(command: string, args: readonly string[], cwd = folder): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 100_000 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

beforeAll(() => {
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  ) as [{ filename: string }];
  tarball = join(folder, packed.filename);
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "commonjs" }');
  run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball]);
  for (const file of readdirSync(join(import.meta.dirname, 'consumer'))) {
    copyFileSync(join(import.meta.dirname, 'consumer', file), join(folder, file));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('publint finds nothing', () => {
  run(bin('publint'), ['run', tarball, '--strict'], root);
});

test('the types are right for every way to resolve them', () => {
  run(bin('attw'), [tarball], root);
});

test('holds no tests and no source maps', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => /__test__|\.map$|\.ts$/.test(file) && !/\.d\.m?ts$/.test(file))).toEqual([]);
});

test('the code of pools is at most 80 KB packed, all code at most 200 KB', () => {
  // Pools and their workers; operations over arrays, queues and the like are loaded when they are used.
  const pools = packedBytes(['dist/pool-code.js', 'dist/child-code.js', 'dist/shared-code.js', 'dist/rare-code.js']);
  expect(pools).toBeLessThanOrEqual(80 * 1024);
  const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
  const all = packedBytes(files.filter((file) => /\.m?js$/.test(file)).map((file) => join('dist', file)));
  expect(all).toBeGreaterThan(pools);
  expect(all).toBeLessThanOrEqual(200 * 1024);
});

function packedBytes(files: readonly string[]): number {
  run('tar', ['-I', 'gzip -9', '-cf', 'code.tgz', '-C', installed, ...files]);
  return statSync(join(folder, 'code.tgz')).size;
}

describe.each(nodes)('on %s', (node) => {
  test('import and require give one instance whose pools work', () => {
    expect(existsSync(node)).toBe(true);
    expect(run(node, ['consumer.cjs'])).toContain('consumer ok');
  });
});

describe.each([
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('TypeScript with module %s and resolution %s', (module, resolution) => {
  test('infers the types of results, and what it compiles runs on every Node', () => {
    const types = join(root, 'node_modules/@types');
    const out = `out-${resolution}`;
    const args = ['--strict', '--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--outDir', out];
    const how = ['--module', module, '--moduleResolution', resolution, '--typeRoots', types, '--types', 'node'];
    run(bin('tsc'), [...args, ...how, 'consumer.mts']);
    for (const node of nodes) expect(run(node, [join(out, 'consumer.mjs')])).toContain('typed consumer ok');
  });
});

describe('a program that is bundled', () => {
  const program = `import { Pool } from 'manyhands';
    const factor = 3;
    const pool = new Pool(1);
    console.log(await pool.map((x) => x * factor, [1, 2]));
    await pool.terminate();`;
  const bundled = (format: 'cjs' | 'esm', ...flags: string[]): string => {
    // Away from the installed package, which its code would find there.
    const out = join(mkdtempSync(join(folder, 'bundle-')), 'a/b', `program.${format === 'esm' ? 'mjs' : 'cjs'}`);
    const wrapped =
      format === 'esm'
        ? program
        : program.replace(/;/, ';(async () => {') + '})().catch((e) => console.log(e.message));';
    writeFileSync(join(folder, 'program.mjs'), wrapped);
    const how = ['--bundle', '--minify', '--platform=node', `--format=${format}`, `--outfile=${out}`];
    run(bin('esbuild'), ['program.mjs', ...how, '--log-level=error', ...flags]);
    return run(process.execPath, ['-e', `import(${JSON.stringify(out)}).catch((e) => console.log(e.message))`]);
  };

  test('works with the package left out', () => {
    expect(bundled('esm', '--external:manyhands')).toContain('[ 3, 6 ]');
  });

  test('is told to leave it out where it is in', () => {
    expect(bundled('esm')).toContain('--external:manyhands');
    expect(bundled('cjs')).toContain('--external:manyhands');
  });
});

test('without a binary the error names the platform, the supported ones and how to build', () => {
  rmSync(join(installed, 'prebuilds'), { recursive: true });
  const script = `const p = new (require('manyhands').Pool)(1); p.apply(() => 1).catch((e) => { console.log(e.code, e.message); process.exit(0) })`;
  const guarded = `try { ${script} } catch (e) { console.log(e.code, e.message); process.exit(0) }`;
  const said = run(process.execPath, ['-e', guarded]);
  expect(said).toContain('ERR_NO_BINARY');
  expect(said).toContain(`${process.platform}-${process.arch}`);
  expect(said).toContain('npm run build');
});
