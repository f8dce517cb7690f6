// Whole programs with pools: what keeps them alive, what lets them end, what they print, and what is left afterwards.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { nodes, runNode } from '../function/nodes.js';
import { runProgram } from './programs.js';

describe.each(['spawn', 'thread'])('%s', (method) => {
  test.each([
    ['unused', ''],
    ['idle', '9\n'],
    ['abandoned imap', '0\n'],
  ])('a pool that is %s does not keep the program alive', async (what, out) => {
    expect(await runProgram('keep-alive.mjs', { args: [what, method] })).toEqual({
      code: 0,
      signal: null,
      out,
      err: '',
    });
  });

  test.each([
    ['pending', 'late\n'],
    ['pending map', '1,2,3\n'],
    ['pending async', 'handle\n'],
    ['pending imap', '1\n'],
    ['join', 'joined\n'],
    ['create', 'created\n'],
  ])('a call that is pending does: %s', async (what, out) => {
    expect(await runProgram('keep-alive.mjs', { args: [what, method] })).toEqual({
      code: 0,
      signal: null,
      out,
      err: '',
    });
  });

  test('an uncaught exception and process.exit end the program with a pending call, and no worker is left', async () => {
    // runProgram resolves only when no process holds the output any more.
    const failed = await runProgram('keep-alive.mjs', { args: ['throws', method] });
    expect(failed.code).toBe(1);
    expect(failed.err).toContain('the program fails');
    expect(await runProgram('keep-alive.mjs', { args: ['exits', method] })).toEqual({
      code: 7,
      signal: null,
      out: '',
      err: '',
    });
  });

  test('an error in a function without captures tells the file and the line where that was written', async () => {
    const { out } = await runProgram('places.mjs', { args: [method] });
    expect(out).toBe('places.mjs:7:31\nplaces.mjs:9:51\n');
  });

  test('a running pool that is garbage-collected is ended with a ResourceWarning', async () => {
    const { out, code } = await runProgram('collected.mjs', { args: ['running', method], flags: ['--expose-gc'] });
    expect({ out, code }).toEqual({ out: 'ResourceWarning MANYHANDS_POOL_NOT_CLOSED\ntrue 1\n', code: 0 });
  });

  test.each(['closed', 'terminated'])('one that was %s is not', async (what) => {
    const { out, code } = await runProgram('collected.mjs', { args: [what, method], flags: ['--expose-gc'] });
    expect({ out, code }).toEqual({ out: 'true 0\n', code: 0 });
  });

  test('arguments, results, errors and functions of calls that are done are not kept', async () => {
    const { out } = await runProgram('collected.mjs', { args: ['values', method], flags: ['--expose-gc'] });
    expect(out).toBe('true\n');
  });

  test('the workers of a pool that a task forgot end with their worker', async () => {
    const { out } = await runProgram('forgotten.mjs', { args: [method] });
    expect(out).toBe('running\nended\n');
  });

  test.each([
    ['', []],
    [', also where a preloaded module has printed before', [join(import.meta.dirname, 'fixtures/prints-early.cjs')]],
  ])('what tasks print is complete and in order before their result, byte for byte%s', async (_, preload) => {
    const ended = await runProgram('output.mjs', { args: [method, ...preload] });
    // What a thread prints before our code runs goes Node's way, which may be slower.
    const early = preload.length > 0 ? 'preloaded\n' : '';
    expect([ended.out, ended.err]).toEqual([expect.stringContaining(early), expect.stringContaining(early)]);
    const [out, err] = [ended.out.replace(early, ''), ended.err.replace(early, '')];
    const expected = Array.from({ length: 5 }, (_, i) => [
      ...Array.from({ length: 200 }, (_unused, line) => `task ${i} line ${line}`),
      `result ${i}`,
    ]).flat();
    expect(out.split('\n')).toEqual([...expected, '€佳 called back', 'last words', '']);
    expect(err).toBe('error of 0\nerror of 1\nerror of 2\nerror of 3\nerror of 4\n');
  });

  test('a pool that waits for a long task looks ever more rarely for replies, and soon again after the next call', async () => {
    const { out, err } = await runProgram('looks.mjs', { args: [method] });
    expect(err).toBe('');
    const { during, after } = JSON.parse(out) as { during: number[]; after: number[] };
    // Looks for the call before, and for the start of this one, come first.
    const waits = during.slice(during.lastIndexOf(2) + 1);
    expect(waits.slice(0, 5)).toEqual([4, 8, 16, 32, 64]);
    expect(new Set(waits.slice(5))).toEqual(new Set([64]));
    expect(after[0]).toBe(2);
  });

  test.each([
    ['works', '1,2,3,4\n', 'Working'],
    ['fails', 'five\n', 'Working'],
  ])(
    'a progress bar over a map that %s shows its title, gives the cursor back and lets the program end',
    async (what, out, title) => {
      const ended = await runProgram('bar.mjs', { args: [what, method] });
      expect(ended).toMatchObject({ code: 0, out });
      expect(ended.err).toContain(title);
      const shown = ended.err.lastIndexOf('\u001B[?25h');
      expect(shown).toBeGreaterThan(ended.err.lastIndexOf('\u001B[?25l'));
    },
  );
});

describe.each(nodes)('$label', ({ path, major }) => {
  test.each(['spawn', 'thread'])('maps every kind of typed array that it has, Float16Array too: %s', async (method) => {
    const program = fileURLToPath(new URL('fixtures/element-types.mjs', import.meta.url));
    expect(await runNode(path, [program, method])).toMatchObject({
      code: 0,
      out: major >= 24 ? '12 true\n' : '11 false\n',
      err: '',
    });
  });
});
