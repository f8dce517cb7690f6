// Pools in poor surroundings: no /proc, hardly any shared memory, few descriptors, little address space, locked-down Node.
// Each works, or says what is missing.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { modules, nodes } from '../function/nodes.js';
import { type ProgramOptions } from '../lifetime/program.js';
import { endPrograms, start } from '../lifetime/starting.js';
import { asNobody, inLostFolder, limited, mounted, noMounts, noOtherUser } from './surroundings.js';

endPrograms();

/** Small and large values, a death, and an orderly end; prints what went wrong where something does. */
const work = (Class: string): string => `
  (async () => {
    const pool = new ${Class}(2);
    const values = await pool.map((x) => x * 2, Array.from({ length: 1000 }, (_, i) => i));
    const large = await pool.apply((data) => data.map((x) => x + 1), [new Float64Array(3_000_000)]);
    const died = await pool.apply(() => process.exit(3)).catch((error) => error.exitCode);
    const again = await pool.apply(() => 'again');
    pool.close();
    await pool.join();
    console.log('result', values.length, values[999], large.length, large[7], died, again);
  })().catch((error) => { console.log('error', error.code, error.message, '|', error.cause?.message ?? ''); process.exitCode = 1; });
`;
const RIGHT = '1000 1998 3000000 1 3 again';

async function expectWorks(Class: string, options?: ProgramOptions, before = ''): Promise<void> {
  const program = start(`${before}${work(Class)}`, options);
  const { code, out, err } = await program.ended;
  expect({ out: out.trim(), code, err: code === 0 ? '' : err }).toEqual({ out: `result ${RIGHT}`, code: 0, err: '' });
  await program.gone();
}

const asModule = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
/** A flag that starts Node with a loader whose `load` is this text. */
const loader = (load: string): string =>
  `--import=${asModule(`import { register } from 'node:module'; register(${JSON.stringify(asModule(load))});`)}`;

/** Node loads even the first file of a worker another way where there is a loader. */
const LOADERS = {
  'that changes nothing': loader('export const load = (url, context, next) => next(url, context);'),
  'that brings the text of scripts': loader(
    `import { readFile } from 'node:fs/promises';
    export async function load(url, context, next) {
      const loaded = await next(url, context);
      return loaded.format === 'commonjs' ? { ...loaded, source: await readFile(new URL(url)) } : loaded;
    }`,
  ),
  'of tsx': `--import=${pathToFileURL(join(modules, 'tsx/dist/loader.mjs')).href}`,
};

describe.each(['Pool', 'ThreadPool'])('%s', (Class) => {
  describe.skipIf(noMounts !== undefined)('in a file system of its own', () => {
    // What the programs see is checked in them, so that none of these passes because a mount did nothing.
    test('/proc is empty', () =>
      expectWorks(
        Class,
        { wrapper: mounted('mount -t tmpfs none /proc') },
        `if (require('node:fs').existsSync('/proc/self')) throw new Error('there is a /proc');`,
      ));

    test('/proc is not mounted, and the death of the program still ends its busy workers', async () => {
      const program = start(
        `if (require('node:fs').existsSync('/proc/self')) throw new Error('there is a /proc');
        const pool = new ${Class}(2);
        for (let i = 0; i < 2; i++) pool.apply(() => { console.log('spinning'); for (;;); }).catch(() => {});`,
        { wrapper: mounted('umount -l /proc') },
      );
      await program.said('spinning', 2);
      program.signal('SIGKILL');
      await program.ended;
      await program.gone();
    });

    test('/dev/shm has 64 KB', () =>
      expectWorks(
        Class,
        { wrapper: mounted('mount -t tmpfs -o size=64k none /dev/shm') },
        `if (require('node:fs').statfsSync('/dev/shm').blocks > 16) throw new Error('/dev/shm is large');`,
      ));

    test('/tmp and /var/tmp cannot be written', () =>
      expectWorks(
        Class,
        {
          wrapper: mounted(
            'for d in /tmp /var/tmp; do mount --bind $d $d && mount -o remount,bind,ro $d || exit 1; done',
          ),
          cwd: '/',
        },
        `try { require('node:fs').mkdtempSync('/tmp/manyhands-'); throw 0; } catch (error) { if (error.code !== 'EROFS') throw error; }`,
      ));

    test.skipIf(noOtherUser !== undefined)('processes are hidden from each other, and the user is nobody', () =>
      expectWorks(
        Class,
        {
          wrapper: mounted(`mount -o remount,hidepid=2 /proc && ${asNobody}`),
        },
        `if (require('node:fs').existsSync('/proc/1/stat')) throw new Error('others are seen');`,
      ),
    );
  });

  test('64 descriptors at most', () => expectWorks(Class, { wrapper: limited('-n 64') }));

  test('too few descriptors for another worker: one clear error, and the program goes on', async () => {
    const program = start(
      // All of them must be up: one alone may well have answered before another finds no descriptor.
      `${Class}.create({ processes: 16 })
        .then((pool) => pool.terminate(), (error) => console.log('error', error.message, error.cause?.message))
        .then(() => console.log('ended'));`,
      { wrapper: limited('-n 40') },
    );
    const { code, out, err } = await program.ended;
    // The constructor may find it out, or the workers.
    expect(out + err).toMatch(/EMFILE|Too many open files|too many open files/);
    if (code === 0) expect(out).toContain('ended');
    await program.gone();
  });

  test('4 GB of address space: a smaller reserve serves', () => expectWorks(Class, { wrapper: limited('-v 4194304') }));

  test('no environment variables at all', () => expectWorks(Class, { wrapper: ['env', '-i'] }));

  test('the folder in which the program was started is gone', async () => {
    if (Class === 'Pool') {
      await expectWorks(Class, { wrapper: inLostFolder });
      return;
    }
    // Node itself cannot start a thread there.
    const { out } = await start(work(Class), { wrapper: inLostFolder }).ended;
    expect(out).toMatch(/^error ERR_WORKER_DIED Workers cannot start.*uv_cwd/);
    const blocked = start(
      `try { new ThreadPool(1).applySync(() => 1); } catch (error) { console.log(error.message); }`,
      {
        wrapper: inLostFolder,
      },
    );
    expect((await blocked.ended).out).toContain('Workers cannot start: 3 in a row ended before they were ready');
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'with %i descriptors left a pool works or says so, and the program goes on',
    async (free) => {
      const program = start(
        `const { closeSync, openSync } = require('node:fs');
      const files = [];
      new manyhands.Queue().close(); // makes the arena
      try { for (;;) files.push(openSync('/dev/null')); } catch (error) { if (error.code !== 'EMFILE') throw error; }
      for (let i = 0; i < ${free}; i++) closeSync(files.pop());
      (async () => new ${Class}(1).apply(() => 'works'))()
        .catch((error) => error.message + ' ' + error.cause?.message)
        .then(async (text) => {
          for (const file of files) closeSync(file);
          // Whatever is left of the first is told of before this has answered.
          console.log('result', text, await new ${Class}(1).apply(() => 'again'));
        });`,
        { wrapper: limited('-n 64') },
      );
      const { code, out, err } = await program.ended;
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(/^result (works|.*(EMFILE|[Tt]oo many open files).*) again$/m);
      await program.gone();
    },
  );

  test('a package is found from where the program is, as `import` finds it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'program-'));
    for (const [name, conditions] of Object.entries({ only: ['import'], both: ['import', 'require'] })) {
      const own = join(folder, 'node_modules', name);
      mkdirSync(own, { recursive: true });
      const exported = Object.fromEntries(conditions.map((condition) => [condition, `./${condition}.mjs`]));
      writeFileSync(join(own, 'package.json'), JSON.stringify({ name, exports: exported }));
      for (const condition of conditions)
        writeFileSync(join(own, `${condition}.mjs`), `export const told = () => '${name} ${condition}';`);
    }
    const program = start(
      `const pool = new ${Class}(1);
      const tell = (module) => pool.apply({ module, name: 'told' }).catch((error) => error.code);
      Promise.all(['only', 'both', 'none'].map(tell)).then((told) => { console.log(told.join()); return pool.terminate(); });`,
      { cwd: folder },
    );
    const { out, err } = await program.ended;
    rmSync(folder, { recursive: true });
    expect({ out, err }).toEqual({ out: 'only import,both import,ERR_MODULE_NOT_FOUND\n', err: '' });
  });

  test.each(['--frozen-intrinsics', '--disallow-code-generation-from-strings', '--disable-proto=throw', '--jitless'])(
    '%s',
    async (flag) => {
      const program = start(work(Class), { execArgv: [flag] });
      const { out } = await program.ended;
      expect(out).toContain(`result ${RIGHT}`);
    },
  );

  test('flags that concern the parent alone, each with a value of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manyhands-'));
    const flags = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', folder, '--input-type', 'commonjs'];
    const { out, err } = await start(work(Class), { execArgv: flags }).ended;
    const profiles = readdirSync(folder);
    rmSync(folder, { recursive: true });
    expect(out, err).toContain(`result ${RIGHT}`);
    // Node profiles the threads of a process that it profiles.
    if (Class === 'Pool') expect(profiles).toHaveLength(1);
  });

  describe.each(nodes)('$label', ({ path }) => {
    test.each(Object.entries(LOADERS))('with a loader %s', async (_, flag) => {
      const program = start(work(Class), { node: path, execArgv: [flag] });
      const { out, err } = await program.ended;
      expect(out, err).toContain(`result ${RIGHT}`);
    });
  });

  // V8 counts the memory that buffers hold, and from version 13 on checks its sums when a worker ends.
  test.each(nodes)('a worker that keeps a large argument ends with $label', async ({ path }) => {
    const keep = `(data) => { globalThis.kept = data; return data.length; }`;
    const program = start(
      `(async () => {
        const pool = new ${Class}(1);
        const kept = [];
        for (const megabytes of [1, 24, 48]) kept.push(await pool.apply(${keep}, [new Uint8Array(megabytes << 20)]));
        pool.close();
        await pool.join();
        console.log('kept', ...kept.map((bytes) => bytes >> 20));
      })();`,
      { node: path },
    );
    const { code, out, err } = await program.ended;
    expect({ code, out }, err).toEqual({ code: 0, out: 'kept 1 24 48\n' });
  });

  describe.skipIf(Class === 'ThreadPool')('process.exit in a task', () => {
    const exits = (options: string, times: number): string => `
      (async () => {
        const pool = new Pool(${options});
        let codes = 0;
        for (let n = 0; n < ${times}; n++) {
          await pool.apply((data) => data.map((x) => x + 1), [new Float64Array(3_000_000)]);
          codes += await pool.apply(() => { process.on('exit', () => (process.exitCode += 1)); process.exit(3); })
            .catch((error) => error.exitCode);
        }
        await pool.terminate();
        console.log('codes', codes);
      })();`;

    // Node joins threads of V8 at the end, and one may wait for the very thread that joins it: a few times in a thousand.
    test.each(nodes)('ends the worker each time, behind its listeners, with $label', async ({ path }) => {
      const { out, err } = await start(exits('2', 40), { node: path }).ended;
      expect(out, err).toBe(`codes ${40 * 4}\n`);
    });

    test('leaves the end of a worker that Node records to Node', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'manyhands-'));
      const flags = JSON.stringify(['--cpu-prof', `--cpu-prof-dir=${folder}`]);
      const { out, err } = await start(exits(`{ processes: 1, execArgv: ${flags} }`, 2)).ended;
      const profiles = readdirSync(folder);
      rmSync(folder, { recursive: true });
      expect(out, err).toBe('codes 8\n');
      expect(profiles.length).toBeGreaterThanOrEqual(2);
    });
  });

  describe.each(nodes)('the permission model of $label', ({ path, major }) => {
    const permission = [major < 24 ? '--experimental-permission' : '--permission', '--allow-fs-read=*'];
    const own = Class === 'Pool' ? '--allow-child-process' : '--allow-worker';

    test('with addons and its kind of worker allowed, everything works', async () => {
      const program = start(work(Class), { node: path, execArgv: [...permission, '--allow-addons', own] });
      const { out, err } = await program.ended;
      expect(out, err).toContain(`result ${RIGHT}`);
    });

    test('without addons the error names what to allow', async () => {
      const program = start(work(Class), { node: path, execArgv: [...permission, own] });
      const { out } = await program.ended;
      expect(out).toMatch(/^error ERR_ADDONS_FORBIDDEN .*--allow-addons/);
    });

    test('without its kind of worker the error names the flag, and nothing is left', async () => {
      const program = start(work(Class), { node: path, execArgv: [...permission, '--allow-addons'] });
      const { out } = await program.ended;
      expect(out).toMatch(new RegExp(`^error ERR_ACCESS_DENIED .*${major < 24 ? '' : own}`));
      await program.gone();
    });
  });

  test('--no-addons', async () => {
    const { out } = await start(work(Class), { execArgv: ['--no-addons'] }).ended;
    expect(out).toMatch(/^error ERR_ADDONS_FORBIDDEN .*--no-addons/);
  });
});
