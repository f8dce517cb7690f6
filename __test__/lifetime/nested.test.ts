// Pools in threads, in tasks of pools and in forked children: each tree ends as a whole and disturbs no other.
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { entry, type Program, root } from './program.js';
import { endPrograms, start } from './starting.js';

endPrograms();

/** The text of a worker thread of the user that has the package at hand. */
const inThread = (source: string): string =>
  JSON.stringify(`const { Pool, ThreadPool } = require(${JSON.stringify(entry)}); ${source}`);

describe.each(['Pool', 'ThreadPool'])('%s', (Class) => {
  test('a thread that owns a pool is terminated: its workers go, the program goes on', async () => {
    const program = start(`
      const { Worker } = require('node:worker_threads');
      const own = new ${Class}(1);
      const thread = new Worker(${inThread(`
        const pool = new ${Class}(2);
        for (let i = 0; i < 2; i++) pool.apply(() => { console.log('spinning'); for (;;); }).catch(() => {});
      `)}, { eval: true });
      thread.on('error', (error) => { throw error; });
      process.once('SIGUSR2', async () => {
        await thread.terminate();
        console.log('terminated', await own.apply((x) => x + 1, [1]));
        setInterval(() => {}, 1000);
      });
    `);
    await program.said('spinning', 2);
    program.signal('SIGUSR2');
    expect(await program.said('terminated')).toBe('2');
    const most = Class === 'Pool' ? 2 : 1;
    while (program.processes().length > most) await new Promise(setImmediate);
    program.signal('SIGTERM');
    await program.ended;
    await program.gone();
  });

  test('a thread with an idle pool ends by itself, with code 0, and so does the program', async () => {
    const program = start(`
      const { Worker } = require('node:worker_threads');
      const thread = new Worker(${inThread(`globalThis.pool = new ${Class}(2); pool.apply((x) => x * 2, [21]).then((x) => console.log('result', x));`)}, { eval: true });
      thread.on('exit', (code) => console.log('exit', code));
    `);
    expect(await program.said('exit')).toBe('0');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
    await program.gone();
  });

  test('a task uses a pool of its own, down to the third generation', async () => {
    const program = start(`
      const { pathToFileURL } = require('node:url');
      const pool = new ${Class}(2);
      const entry = ${JSON.stringify(entry)};
      async function deep(level) {
        if (level === 0) return 1;
        const { default: { ${Class}: Class } } = await import(entry);
        const inner = new Class(2);
        const counts = await inner.map(deep, [level - 1, level - 1]);
        inner.close();
        await inner.join();
        return counts.reduce((a, b) => a + b, 1);
      }
      pool.apply(deep, [2], { with: { entry, deep } }).then((count) => { console.log('count', count); pool.close(); });
    `);
    expect(await program.said('count')).toBe('7');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
    await program.gone();
  });

  /** A task with a pool of its own whose worker loops for ever. */
  const grandchildren = (then: string): Program =>
    start(`
      const pool = new ${Class}(1);
      const entry = ${JSON.stringify(entry)};
      const abort = new AbortController();
      const task = pool.apply(async () => {
        const { default: { ${Class}: Class } } = await import(entry);
        const inner = new Class(2);
        await inner.map(() => { console.log('spinning', process.pid); for (;;); }, [1, 2], 1);
      }, [], { signal: abort.signal });
      task.catch((error) => console.log('task', error.message));
      process.once('SIGUSR2', async () => { ${then} });
    `);

  test('grandchildren go when the task between is aborted', async () => {
    const program = grandchildren(`abort.abort(new Error('stopped'));
      task.catch(() => pool.apply((x) => x, ['works'])).then((word) => { console.log('next', word); setInterval(() => {}, 1000); });`);
    await program.said('spinning', 2);
    program.signal('SIGUSR2');
    expect(await program.said('task')).toBe('stopped');
    expect(await program.said('next')).toBe('works');
    while (program.processes().length > (Class === 'Pool' ? 2 : 1)) await new Promise(setImmediate);
  });

  /** In a program: resolves when it has as many children (zombies too), participants, queues and blocks as \`before\`. */
  const counting = `
    const { readdirSync, readFileSync } = require('node:fs');
    const { native } = require(${JSON.stringify(join(root, 'dist/internal/native.js'))});
    const count = () => {
      const { participants, queues, blocks } = native().stats();
      const lists = readdirSync('/proc/self/task').map((id) => readFileSync('/proc/self/task/' + id + '/children', 'utf8'));
      return JSON.stringify({ children: lists.join(' ').split(' ').filter(Boolean).length, participants, queues, blocks });
    };
    const until = async (probe) => {
      while (!probe()) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    // A worker gives a task's memory back after it has answered.
    const settled = () => until(() => native().stats().blocks === 0).then(count);
    const clean = (before) => until(() => count() === before).then(() => console.log('clean'));
  `;

  test('of a terminated thread no zombie stays, and what its workers held is given back', async () => {
    const program = start(`
      ${counting}
      const { Worker } = require('node:worker_threads');
      const own = new ${Class}(1);
      own.apply(() => 1).then(settled).then((before) => {
        const thread = new Worker(${inThread(`
          const pool = new ${Class}(2);
          for (let i = 0; i < 2; i++) pool.apply(() => { console.log('spinning'); for (;;); }).catch(() => {});
        `)}, { eval: true });
        process.once('SIGUSR2', () => thread.terminate().then(() => clean(before)).then(() => own.close()));
      });
    `);
    await program.said('spinning', 2);
    program.signal('SIGUSR2');
    await program.said('clean');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
    await program.gone();
  });

  test.each(Class === 'Pool' ? ['abort', 'kill'] : ['abort'])(
    'what grandchildren held is given back after an end by %s of the task between',
    async (how) => {
      const program = start(`
      ${counting}
      const pool = new ${Class}(1);
      const entry = ${JSON.stringify(entry)};
      const abort = new AbortController();
      pool.apply(() => 1).then(settled).then((before) => {
        const task = pool.apply(async () => {
          const { default: { ${Class}: Class } } = await import(entry);
          globalThis.inner = new Class(2);
          await inner.map(() => { console.log('spinning', process.pid); for (;;); }, [1, 2], 1);
        }, [], { signal: abort.signal });
        process.once('SIGUSR2', async () => {
          if (${how === 'kill'}) process.kill(pool.workers[0].pid, 'SIGKILL');
          else abort.abort(new Error('stopped'));
          await task.catch((error) => console.log('task', error.message));
          await pool.apply(() => 1);
          await clean(before);
          pool.close();
        });
      });
    `);
      await program.said('spinning', 2);
      program.signal('SIGUSR2');
      await program.said('task');
      await program.said('clean');
      expect(await program.ended).toMatchObject({ code: 0, err: '' });
      await program.gone();
    },
  );

  test('grandchildren go when the program is killed', async () => {
    const program = grandchildren('');
    await program.said('spinning', 2);
    program.signal('SIGKILL');
    await program.ended;
    await program.gone();
  });

  test('a forked child that loads the package has a tree of its own, and dies without harm to its parent', async () => {
    const child = `const { ${Class} } = require(${JSON.stringify(entry)}); const pool = new ${Class}(1);
      pool.apply(() => 'child').then((word) => { process.send(word); pool.apply(() => { for (;;); }); });`;
    const program = start(`
      const { fork } = require('node:child_process');
      const { writeFileSync, mkdtempSync } = require('node:fs');
      const file = require('node:path').join(mkdtempSync(require('node:os').tmpdir() + '/manyhands-fork-'), 'child.cjs');
      writeFileSync(file, ${JSON.stringify(child)});
      const pool = new ${Class}(1);
      pool.apply(() => 'parent').then((word) => {
        console.log('parent', word);
        const child = fork(file);
        child.on('message', (text) => { console.log('message', text); child.kill('SIGKILL'); });
        child.on('exit', async () => {
          require('node:fs').rmSync(require('node:path').dirname(file), { recursive: true });
          console.log('after', await pool.apply(() => 'parent'));
          pool.close();
        });
      });
    `);
    expect(await program.said('message')).toBe('child');
    expect(await program.said('after')).toBe('parent');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
    await program.gone();
  });

  test('a package that was loaded twice in one thread serves both loads, also when they sleep', async () => {
    const program = start(`
      for (const file of Object.keys(require.cache)) if (!file.endsWith('.node')) delete require.cache[file];
      const again = require(${JSON.stringify(entry)});
      if (again.Pool === Pool) throw new Error('the same load');
      const pools = [new ${Class}(2), new again.${Class}(2), new ${Class}(1)];
      // Longer than a pool polls: its doorbell has to ring.
      const slow = (x) => new Promise((resolve) => setTimeout(resolve, 20, x + 1));
      Promise.all(pools.map(async (pool) => {
        const large = await pool.map((data) => data.length, Array.from({ length: 8 }, () => new Float64Array(100_000)), 1);
        const values = await pool.map(slow, [1, 2, 3], 1);
        pool.close();
        await pool.join();
        return [...large, ...values].reduce((a, b) => a + b);
      })).then((sums) => console.log('sums', ...sums));
    `);
    expect(await program.said('sums')).toBe('800009 800009 800009');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
    await program.gone();
  });

  test('two installations of the package in one process do not disturb each other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manyhands-copy-'));
    for (const part of ['dist', 'prebuilds', 'package.json'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const program = start(`
      const other = require(${JSON.stringify(join(folder, 'dist/index.js'))});
      if (other.Pool === Pool) throw new Error('the same instance');
      const pools = [new ${Class}(2), new other.${Class}(2)];
      Promise.all(pools.map(async (pool) => {
        const values = await pool.map((x) => x + 1, Array.from({ length: 500 }, (_, i) => i));
        pool.close();
        await pool.join();
        return values.reduce((a, b) => a + b);
      })).then((sums) => console.log('sums', ...sums));
    `);
    expect(await program.said('sums')).toBe('125250 125250');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
    await program.gone();
    rmSync(folder, { recursive: true });
  });
});
