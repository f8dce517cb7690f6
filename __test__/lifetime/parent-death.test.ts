// However a program with a pool ends, its workers end with it and it ends as it would without them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Program, type ProgramOptions } from './program.js';
import { endPrograms, start } from './starting.js';

endPrograms();

describe.each(['Pool', 'ThreadPool'])('%s', (Class) => {
  /** A program whose two workers are in an endless loop; SIGUSR2 makes it run `then`. */
  const spinning = async (then: string, options?: ProgramOptions): Promise<Program> => {
    const program = start(
      `const pool = new ${Class}(2);
      process.once('SIGUSR2', () => { ${then} });
      for (let i = 0; i < 2; i++) pool.apply(() => { console.log('spinning'); for (;;); }).catch(() => {});`,
      options,
    );
    await program.said('spinning', 2);
    return program;
  };

  test('SIGKILL of the program ends workers that are in an endless loop', async () => {
    const program = await spinning('');
    expect(program.processes()).toHaveLength(Class === 'Pool' ? 3 : 1);
    program.signal('SIGKILL');
    expect(await program.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    await program.gone();
  });

  test.each([
    ['process.exit', `process.exit(5)`, 5, ''],
    ['an uncaught exception', `throw new Error('uncaught here')`, 1, 'uncaught here'],
    ['an unhandled rejection', `Promise.reject(new Error('rejected here'))`, 1, 'rejected here'],
  ])('%s with pending calls ends the program as ever and leaves no worker', async (_, then, code, says) => {
    const program = await spinning(then);
    program.signal('SIGUSR2');
    const ended = await program.ended;
    expect(ended).toMatchObject({ code, signal: null });
    expect(ended.err).toContain(says);
    await program.gone();
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the program and its busy workers', async (signal) => {
    const program = await spinning('');
    program.signal(signal);
    expect(await program.ended).toMatchObject({ code: null, signal });
    await program.gone();
  });

  test('Ctrl-C, which goes to the whole group, ends the program and its busy workers in silence', async () => {
    const program = await spinning('', { group: true });
    program.signalGroup('SIGINT');
    expect(await program.ended).toMatchObject({ code: null, signal: 'SIGINT', err: '' });
    await program.gone();
  });

  test('a program that handles Ctrl-C still gets the results of what was running', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manyhands-gate-'));
    const gate = join(folder, 'open');
    const program = start(
      `const pool = new ${Class}(2);
      process.on('SIGINT', () => console.log('caught'));
      pool.map(async (gate) => {
        const { existsSync } = await import('node:fs');
        console.log('waiting');
        while (!existsSync(gate));
        return 'done';
      }, ${JSON.stringify([gate, gate])}, 1).then((values) => {
        console.log('values', ...values);
        pool.close();
      });`,
      { group: true },
    );
    await program.said('waiting', 2);
    program.signalGroup('SIGINT');
    await program.said('caught');
    writeFileSync(gate, '');
    const { code, out } = await program.ended;
    rmSync(folder, { recursive: true });
    expect(out).toContain('values done done');
    expect(code).toBe(0);
    await program.gone();
  });

  test('a forgotten pool, idle or never used, does not keep the program', async () => {
    const program = start(`new ${Class}(2); new ${Class}(1).apply(() => 1).then(() => console.log('done'));`);
    expect(await program.ended).toMatchObject({ code: 0, signal: null, err: '' });
    await program.gone();
  });

  test('terminate and join at the end of a program with pending calls let it end with code 0', async () => {
    const program = await spinning(`pool.terminate().then(() => pool.join()).then(() => console.log('ended'))`);
    program.signal('SIGUSR2');
    const { code, out } = await program.ended;
    expect({ code, ended: out.includes('ended') }).toEqual({ code: 0, ended: true });
    await program.gone();
  });

  test('a program that ends while its workers start leaves none of them', async () => {
    for (const how of ['process.exit(0)', `process.kill(process.pid, 'SIGKILL')`]) {
      const program = start(`new ${Class}(3).apply(() => { for (;;); }).catch(() => {}); ${how}`);
      await program.ended;
      await program.gone();
    }
  });

  test('an error in a listener of the pool is an uncaught exception of the program', async () => {
    const program = start(
      `const pool = new ${Class}(1); pool.on('workerStart', () => { throw new Error('listener'); }); pool.apply(() => { for (;;); });`,
    );
    const { code, err } = await program.ended;
    expect({ code, says: err.includes('listener') }).toEqual({ code: 1, says: true });
    await program.gone();
  });
});
