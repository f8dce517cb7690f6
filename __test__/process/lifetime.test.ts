// Process and the end of programs: who is joined, who is stopped, who lives on when a parent is killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { methods } from './children.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Program {
  readonly child: ReturnType<typeof spawn>;
  /** Resolves at the first line that begins so. */
  line(start: string): Promise<string>;
  /** Resolves when nobody holds its output any more: the program and all its children have ended. */
  readonly ended: Promise<{ out: string; err: string; code: number | null; signal: NodeJS.Signals | null }>;
}

/** Runs a program given as text; it and all that it starts share one standard output. */
function program(text: string, args: readonly string[] = ['--input-type=module', '-e']): Program {
  const child = spawn(process.execPath, [...args, text], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  const seen = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
    for (const look of seen) look();
  });
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  const ended = once(child, 'close').then(([code, signal]) => ({ out, err, code, signal }));
  const line = (start: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = out
          .split('\n')
          .slice(0, -1)
          .find((text) => text.startsWith(start));
        if (found !== undefined) resolve(found);
      };
      seen.add(look);
      look();
      void ended.then(() => reject(new Error(`It ended without a line ${start}: ${out}${err}`)));
    });
  return { child, line, ended };
}

const prologue = (method: string): string => `
  import { getContext, currentProcess, parentProcess, activeChildren, logToStderr } from 'manyhands';
  const { Process } = getContext('${method}');
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
`;

describe.each(methods)('the end of a program with children by %s', (method) => {
  test('joins the others and stops the daemonic ones', async () => {
    const { ended } = program(`${prologue(method)}
      const slow = new Process({ target: async () => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        console.log('joined');
      } });
      const daemon = new Process({ daemon: true, target: () => { for (;;); } });
      await daemon.start();
      await slow.start();
      process.on('exit', () => console.log('exit', slow.exitcode, daemon.exitcode === null || daemon.exitcode === -15));
    `);
    const { out, err, code } = await ended;
    expect([out, err, code]).toEqual(['joined\nexit 0 true\n', '', 0]);
  });

  test('process.exit stops the daemonic ones too, and waits for nobody', async () => {
    const { ended } = program(`${prologue(method)}
      const daemon = new Process({ daemon: true, target: () => { for (;;); } });
      await daemon.start();
      process.exit(7);
    `);
    expect(await ended).toMatchObject({ out: '', err: '', code: 7 });
  });

  test('a child joins its children and stops its daemonic ones before it ends', async () => {
    const { ended } = program(`${prologue(method)}
      const child = new Process({ target: async () => {
        const mh = await import('manyhands');
        const daemon = new mh.Process({ daemon: true, target: () => { for (;;); } });
        const slow = new mh.Process({ target: async () => {
          await new Promise((resolve) => setTimeout(resolve, 100));
          console.log('grandchild');
        } });
        await daemon.start();
        await slow.start();
      } });
      await child.start();
      console.log(await child.join());
    `);
    expect(await ended).toMatchObject({ out: 'grandchild\n0\n', err: '', code: 0 });
  });

  test('the entry script is never run again in a child', async () => {
    const text = `
      console.log('entry');
      const target = () => console.log('child');
    `;
    const module = program(`${prologue(method)} ${text} await new Process({ target }).start();`);
    expect((await module.ended).out).toBe('entry\nchild\n');
    const script = program(
      `const { getContext } = require('manyhands'); ${text} new (getContext('${method}').Process)({ target }).startSync();`,
      ['-e'],
    );
    expect((await script.ended).out).toBe('entry\nchild\n');
  });

  test('a child has the start method, the log level and the log on stderr of its parent', async () => {
    const { ended } = program(`${prologue(method)}
      logToStderr('INFO').debug('dropped');
      const child = new Process({ name: 'logger', target: async () => {
        const mh = await import('manyhands');
        mh.getLogger().info('from the child');
        console.log(mh.getStartMethod(), mh.getLogger().getEffectiveLevel());
      } });
      await child.start();
      await child.join();
    `);
    const { out, err } = await ended;
    expect(out).toBe(`${method} 20\n`);
    expect(err).toBe('[INFO/logger] child process calling self.run()\n[INFO/logger] from the child\n');
  });

  test('a logger is that of where it arrives: captured, passed, put and in workers of a pool', async () => {
    const { ended } = program(`${prologue(method)}
      import { Queue, getLogger } from 'manyhands';
      const { Pool } = getContext('${method}');
      const log = logToStderr('INFO');
      const queue = new Queue();
      await queue.put(new Set([log]));
      const child = new Process({ name: 'child', args: [{ log }], target: async (given) => {
        if (given.log === log && (await queue.get()).has(log)) log.info('%s and %d', 'one', 2, { three: 3 });
        await queue.put(log);
      } });
      await child.start();
      await child.join();
      const pool = new Pool({ processes: 1, name: 'worker' });
      const back = await pool.apply((given) => { log.warning('in a pool'); return given; }, [log]);
      console.log((await queue.get()) === log, back === log, log === getLogger());
      await pool.terminate();
    `);
    const { out, err } = await ended;
    expect(out).toBe('true true true\n');
    expect(err).toBe(
      '[INFO/child] child process calling self.run()\n[INFO/child] one and 2 { three: 3 }\n[WARNING/worker-1] in a pool\n',
    );
  });

  test('a log handler that throws stops neither the others nor who logs', async () => {
    const { ended } = program(`${prologue(method)}
      const log = logToStderr('DEBUG');
      log.addHandler(() => { throw new Error('full'); });
      log.addHandler(({ levelName }) => console.log(levelName));
      const child = new Process({ target: () => process.exit(3) });
      await child.start();
      console.log(await child.join());
    `);
    const { out, err } = await ended;
    expect(out).toBe('DEBUG\n3\n');
    expect(err).toMatch(/^\[DEBUG.MainProcess\] started Process-1 .*\n--- Logging error ---\nError: full\n/);
  });

  test('starts and ends leave no descriptor, timer or child behind', async () => {
    const { ended } = program(`${prologue(method)}
      import { readdirSync } from 'node:fs';
      const count = () => readdirSync('/proc/self/fd').length;
      const once = async () => {
        const children = Array.from({ length: 4 }, () => new Process({ target: () => process.exit(3) }));
        await Promise.all(children.map((child) => child.start()));
        const codes = await Promise.all(children.map((child) => child.join()));
        if (codes.join() !== '3,3,3,3') throw new Error(codes.join());
      };
      await once();
      await wait(50);
      const before = count();
      for (let i = 0; i < 6; i++) await once();
      // Node learns of an end a little later than who joins; a thing that stays keeps this program from its end.
      const resources = () => process.getActiveResourcesInfo().filter((kind) => /Process|Worker|Timeout/.test(kind)).length;
      while (count() > before || resources() > 0) await wait(10);
      console.log(activeChildren().length);
    `);
    expect(await ended).toMatchObject({ out: '0\n', err: '', code: 0 });
  });
});

test('a grandchild process inherits the doorbell of its parent', async () => {
  const { ended } = program(`${prologue('spawn')}
    const child = new Process({ target: async () => {
      const mh = await import('manyhands');
      const grandchild = new mh.Process({ target: async () => {
        const { readlinkSync } = await import('node:fs');
        console.log([4, 5, 6].map((fd) => readlinkSync('/proc/self/fd/' + fd).split(':')[0]).join());
      } });
      await grandchild.start();
    } });
    await child.start();
  `);
  expect(await ended).toMatchObject({ out: 'pipe,pipe,pipe\n', err: '' });
});

describe('a parent that is killed', () => {
  test('takes its daemonic children with it, even from a busy loop', async () => {
    const { child, line, ended } = program(`${prologue('spawn')}
      const daemon = new Process({ daemon: true, target: () => { console.log('busy'); for (;;); } });
      await daemon.start();
      await daemon.join();
    `);
    await line('busy');
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
  });

  test('is known to be dead by the children that live on', async () => {
    const { child, line, ended } = program(`${prologue('spawn')}
      const orphan = new Process({ target: async () => {
        const { parentProcess } = await import('manyhands');
        const parent = parentProcess();
        console.log('alive', parent.isAlive(), await parent.join({ timeout: 0 }));
        console.log('joined', await parent.join(), parent.isAlive(), await parent.join({ timeout: 0 }));
      } });
      await orphan.start();
      await orphan.join();
    `);
    expect(await line('alive')).toBe('alive true false');
    child.kill('SIGKILL');
    expect((await ended).out).toBe('alive true false\njoined true false true\n');
  });

  test('does not stop a child that waits for nothing', async () => {
    const { child, line, ended } = program(`${prologue('spawn')}
      const orphan = new Process({ target: async () => {
        console.log('up');
        await new Promise((resolve) => setTimeout(resolve, 200));
        console.log('done');
      } });
      await orphan.start();
      await orphan.join();
    `);
    await line('up');
    child.kill('SIGKILL');
    expect((await ended).out).toBe('up\ndone\n');
  });
});
