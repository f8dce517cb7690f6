// What a child inherits, reads and prints: the options env, execArgv and stdio, and errors before its first line runs.
import { getContext } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { Program } from '../lifetime/program.js';
import { finish, methods, run } from './children.js';

describe.each(methods)('a Process by %s', (method) => {
  const { Process } = getContext(method);

  /** What a program prints that starts one child with these options, as text. */
  const printed = async (options: string): Promise<{ out: string; err: string }> => {
    const program = new Program(
      `const child = new (manyhands.getContext('${method}').Process)(${options});
       child.start().then(() => child.join()).then((code) => console.log('code ' + code));`,
    );
    const { out, err } = await program.ended;
    return { out, err };
  };

  test('a variable that is undefined is taken away', async () => {
    process.env['MANYHANDS_FRUIT'] = 'plum';
    const target = (): void => console.log(typeof process.env['MANYHANDS_FRUIT'], process.env['MANYHANDS_TREE']);
    const env = { MANYHANDS_FRUIT: undefined, MANYHANDS_TREE: 'oak' };
    const { out } = await run(method, { target, env });
    delete process.env['MANYHANDS_FRUIT'];
    expect(out).toBe('undefined oak\n');
  });

  test('gives env, execArgv and stdin to the child', async () => {
    const child = new Process({
      stdio: 'pipe',
      env: { FRUIT: 'plum' },
      execArgv: ['--no-warnings'],
      target: async () => {
        let text = '';
        for await (const chunk of process.stdin) text += String(chunk);
        console.log(process.env['FRUIT'], process.env['PATH'] !== undefined, process.execArgv.join(), text);
      },
    });
    const ended = finish(child);
    await new Promise<void>((resolve) => {
      const write = (): void => {
        if (child.stdin === null) setImmediate(write);
        else child.stdin.end('tree', resolve);
      };
      write();
    });
    expect((await ended).out).toBe('plum true --no-warnings tree\n');
  });

  test('of an array each stream is what it says, and what is ignored is printed nowhere', async () => {
    const target = (): void => {
      console.log('to stdout');
      console.error('to stderr');
    };
    expect(await run(method, { target, stdio: ['ignore', 'pipe', 'ignore'] })).toMatchObject({
      out: 'to stdout\n',
      err: '',
    });
    expect(await run(method, { target, stdio: [undefined, undefined, null] })).toMatchObject({
      out: 'to stdout\n',
      err: 'to stderr\n',
    });
    expect(await printed(`{ stdio: 'ignore', target: ${target.toString()} }`)).toEqual({ out: 'code 0\n', err: '' });
    expect(await printed(`{ stdio: ['pipe', 1, 'inherit'], target: ${target.toString()} }`)).toEqual({
      out: 'to stdout\ncode 0\n',
      err: 'to stderr\n',
    });
  });

  test('an error before its first line is printed, and the exit code is not 0', async () => {
    const { out, err } = await printed(`{ target: () => 1, execArgv: ['--require', '/nothing/here.cjs'] }`);
    expect([out, err]).toEqual(['code 1\n', expect.stringContaining("Cannot find module '/nothing/here.cjs'")]);
  });

  test.each([
    ['env', 'A=1', TypeError],
    ['env.A', { A: 1 }, TypeError],
    ['env.A', { A: null }, TypeError],
    ['execArgv', '--flag', TypeError],
    ['execArgv[1]', ['--flag', 5], TypeError],
    ['stdio', 5, TypeError],
    ['stdio', null, TypeError],
    ['stdio', 'pipes', RangeError],
    ['stdio', ['pipe', 'pipe', 'pipe', 'ipc'], RangeError],
    ['stdio[1]', ['pipe', 'ipc'], RangeError],
    ['stdio[0]', [-1], RangeError],
    ['stdio[2]', ['pipe', 'pipe', true], TypeError],
  ] as const)('refuses the option %s: %j', (name, value, ErrorClass) => {
    const options = { [name.replace(/[.[].*/, '')]: value } as never;
    expect(() => new Process(options)).toThrow(ErrorClass);
    expect(() => new Process(options)).toThrow(`Expected \`${name}\` to be `);
  });
});

test('a thread has no streams of its own but pipes', async () => {
  const { Process } = getContext('thread');
  const child = new Process({ target: () => undefined, stdio: ['ignore', process.stdout, 'inherit'] });
  await expect(child.start()).rejects.toThrow("Expected `stdio[1]` to be 'pipe', 'ignore' or 'inherit' for a thread");
  expect(child.isAlive()).toBe(false);
});
