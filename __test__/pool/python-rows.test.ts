// What CPython's own tests ask of pools and of the main program: large pools, closed descriptors, programs of every shape.
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { Pool } from 'manyhands';
import { afterAll, describe, expect, test } from 'vitest';
import { nodes, runNode } from '../function/nodes.js';
import { onBothBackEnds } from './back-ends.js';

const entry = join(import.meta.dirname, '../../dist/index.js');

test.each([
  ['Pool', 12],
  ['ThreadPool', 32],
])('a large %s sums the squares of a thousand numbers and prints nothing (test_large_pool)', async (Class, workers) => {
  const program = `const { ${Class} } = require(${JSON.stringify(entry)}); const pool = new ${Class}(${workers});
    pool.map((x) => x * x, Array.from({ length: 1000 }, (_, i) => i), 1).then((all) => {
      console.log(pool.workers.length, all.reduce((a, b) => a + b));
      pool.close();
    });`;
  expect(await runNode(process.execPath, ['-e', program])).toEqual({
    code: 0,
    out: `${workers} 332833500\n`,
    err: '',
  });
});

test('descriptors of the parent, high ones and sockets, are not open in a worker (test_closefd)', async () => {
  const files = Array.from({ length: 200 }, () => openSync('/dev/null', 'r'));
  const server = createServer().listen(0, '127.0.0.1');
  const pool = new Pool({ processes: 1, context: 'spawn' });
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    // High ones: the worker has low ones of its own.
    const high = new Set(files.slice(-100));
    expect(fd).toBeGreaterThan(0);
    const open = await pool.apply((): [number, string][] => {
      const fs = process.getBuiltinModule('node:fs');
      return fs.readdirSync('/proc/self/fd').flatMap((name): [number, string][] => {
        try {
          return [[Number(name), fs.readlinkSync(`/proc/self/fd/${name}`)]];
        } catch {
          return []; // the one that listed the folder
        }
      });
    });
    expect(open.length).toBeGreaterThan(2);
    expect(open.filter(([number]) => high.has(number))).toEqual([]);
    const { ino } = await import('node:fs').then((fs) => fs.fstatSync(fd));
    expect(open.filter(([, what]) => what === `socket:[${ino}]`)).toEqual([]);
  } finally {
    await pool.terminate();
    server.close();
    for (const file of files) closeSync(file);
  }
});

onBothBackEnds(({ open }) => {
  test('a pool that is closed early still replaces its workers (test_pool_worker_lifetime_early_close)', async () => {
    const pool = open({ processes: 2, maxTasksPerChild: 1 });
    const results = Array.from({ length: 6 }, (_, i) => pool.applyAsync((x: number) => x * x, [i]));
    pool.close();
    await pool.join();
    expect(await Promise.all(results.map((result) => result.get()))).toEqual([0, 1, 4, 9, 16, 25]);
  });
});

describe.each(nodes)('the main program under $label (test_multiprocessing_main_handling)', ({ path }) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'main-')));
  afterAll(() => rmSync(folder, { recursive: true }));

  const body = `const offset = 1;
    const helper = (x) => x * x;
    function task(x) { return helper(x) + offset; }
    console.log('main runs');
    const pool = new Pool(2);
    pool.map(task, [1, 2, 3], 1).then((all) => { console.log(all.join()); pool.close(); });`;
  const commonJs = `const { Pool } = require(${JSON.stringify(entry)}); ${body}`;
  const module = `import manyhands from ${JSON.stringify(entry)}; const { Pool } = manyhands; ${body}`;
  const runs = async (args: string[], cwd = folder): Promise<void> => {
    expect(await runNode(path, args, { cwd })).toEqual({ code: 0, out: 'main runs\n2,5,10\n', err: '' });
  };
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };

  test('a function of the script is usable as a task (test_basic_script)', async () => {
    await runs([write('script.cjs', commonJs)]);
    await runs([write('script.mjs', module)]);
  });

  test('a script without suffix (test_basic_script_no_suffix)', () => runs([write('script', commonJs)]));

  test('a script given relative to the folder it is started in', async () => {
    write('deep/relative.cjs', commonJs);
    await runs(['./deep/relative.cjs']);
    await runs(['../relative.cjs'], dirname(write('deep/deeper/nothing.txt', '')));
  });

  test('a directory with index.js (test_directory)', async () => {
    write('program/index.js', commonJs);
    await runs([join(folder, 'program')]);
    await runs(['.'], join(folder, 'program'));
  });

  test.each(['cjs', 'esm'] as const)('a bundled and minified entry, %s (test_script_compiled)', async (format) => {
    write('parts/helper.js', 'export const offset = 1; export const helper = (x) => x * x;');
    const file = format === 'cjs' ? entry : entry.replace(/js$/, 'mjs');
    const source = write(
      'parts/main.js',
      `import { Pool } from ${JSON.stringify(file)}; import { helper, offset } from './helper.js';
       ${body.split('\n').slice(2).join('\n')}`,
    );
    const outfile = join(folder, `bundle.${format === 'cjs' ? 'cjs' : 'mjs'}`);
    const options = { bundle: true, minify: true, platform: 'node' as const, format, external: [file] };
    await build({ entryPoints: [source], outfile, ...options });
    await runs([outfile]);
  });
});
