// SharedMemory: names, sizes, views, and who removes a name when; the rows of CPython's _TestSharedMemory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { DataCloneError, getContext, Pool, Queue, ShareableList, SharedMemory, StateError } from 'manyhands';
import { afterAll, expect, test, vi } from 'vitest';
import { childProcesses } from '../pool/back-ends.js';
import { hasPython, python } from './python.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const before = new Set(readdirSync('/dev/shm'));
const exists = (name: string): boolean => existsSync(`/dev/shm/${name}`);

afterAll(() => {
  expect(readdirSync('/dev/shm').filter((name) => !before.has(name))).toEqual([]);
});

/** Waits for a fact of the system that no event of this process tells. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('memory that is created has a fresh name, the size that was asked for, and zeros', () => {
  const block = new SharedMemory({ create: true, size: 5000 });
  expect(block.name).toMatch(/^psm_[0-9a-f]{8}$/);
  expect([block.size, block.buf.byteLength, block.buf.every((byte) => byte === 0)]).toEqual([5000, 5000, true]);
  block.unlink();
  block.close();
  expect(block.size).toBe(5000);
});

test('a fresh name that is taken is drawn again', () => {
  const crypto = createRequire(import.meta.url)('node:crypto') as { randomBytes(size: number): Buffer };
  const block = new SharedMemory({ create: true, size: 8 });
  const draws = vi.spyOn(crypto, 'randomBytes').mockReturnValueOnce(Buffer.from(block.name.slice(4), 'hex'));
  const other = new SharedMemory({ create: true, size: 9 });
  expect(draws).toHaveBeenCalledTimes(2);
  draws.mockRestore();
  expect([other.name === block.name, other.size, block.size]).toEqual([false, 9, 8]);
  for (const one of [block, other]) one.unlink();
});

test('who attaches sees the same bytes, whatever size is asked for', () => {
  const block = new SharedMemory({ create: true, size: 512, name: 'mh-test attach' });
  const other = new SharedMemory({ name: 'mh-test attach', size: 7 });
  expect(other.size).toBe(512);
  block.buf[3] = 42;
  expect(other.buf[3]).toBe(42);
  other.close();
  expect(block.buf[3]).toBe(42);
  block.unlink();
  expect(block.buf[3]).toBe(42);
  expect(() => new SharedMemory({ name: 'mh-test attach' })).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => block.unlink()).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'shm_unlink' }));
  block.close();
});

test('a name that is taken is refused, and stays as it is', () => {
  const block = new SharedMemory({ create: true, size: 8, name: 'mh-test taken' });
  block.buf[0] = 1;
  expect(() => new SharedMemory({ create: true, size: 99, name: 'mh-test taken' })).toThrow(
    expect.objectContaining({ code: 'EEXIST' }),
  );
  expect(new SharedMemory({ name: 'mh-test taken' }).buf[0]).toBe(1);
  block.unlink();
});

test('typed arrays over it are memory of the type, at any offset that fits', () => {
  using block = new SharedMemory({ create: true, size: 20 });
  block.asArray('int32', 4, 2)[1] = -5;
  expect([...new Int32Array(block.buf.buffer, 4, 2)]).toEqual([0, -5]);
  expect(block.asArray('d').length).toBe(2);
  expect(block.asArray('q', 8)).toBeInstanceOf(BigInt64Array);
  expect(block.asArray('f', 20).length).toBe(0);
  for (const offset of [1, 22, -4, 1.5]) expect(() => block.asArray('i', offset)).toThrow(RangeError);
  expect(() => block.asArray('i', 0, 6)).toThrow('Expected `length` to be at most 5, got `6` (number)');
  expect(() => block.asArray('x' as 'i')).toThrow(TypeError);
  block.unlink();
});

test('after close every view is empty and asking for one is an error', () => {
  const block = new SharedMemory({ create: true, size: 16 });
  const { buf } = block;
  const numbers = block.asArray('d');
  block.unlink();
  block.close();
  block.close();
  expect([buf.byteLength, numbers.length, numbers[0]]).toEqual([0, 0, undefined]);
  expect(() => block.buf).toThrow(StateError);
  expect(() => block.asArray('d')).toThrow(StateError);
});

test('it cannot be closed while native threads use it', async () => {
  const block = new SharedMemory({ create: true, size: 8 * 2_000_000 });
  const numbers = block.asArray('d').fill(0.5);
  const pool = new Pool(2);
  const mapping = pool.map((x: number) => Math.sin(x) * Math.exp(-x * x), numbers);
  expect(() => block.close()).toThrow('is in use by a running operation');
  const results = await mapping;
  expect(results.every((x) => x === Math.sin(0.5) * Math.exp(-0.25))).toBe(true);
  const sum = pool.reduce('sum', numbers);
  expect(() => block.close()).toThrow(StateError);
  expect(await sum).toBe(1_000_000);
  block.close();
  expect(numbers.length).toBe(0);
  block.unlink();
  pool.close();
  await pool.join();
});

test('wrong options are refused at the call', () => {
  for (const size of [0, -1, 1.5, Number.NaN])
    expect(() => new SharedMemory({ create: true, size })).toThrow(RangeError);
  expect(() => new SharedMemory({ create: true })).toThrow(TypeError);
  expect(() => new SharedMemory({})).toThrow('Expected `name` to be a string');
  for (const name of ['', '.', '..', 'a/b', 'a\0b', 'a\nb', 'x'.repeat(256)])
    for (const create of [true, false]) expect(() => new SharedMemory({ create, size: 1, name })).toThrow(RangeError);
  expect(() => new SharedMemory({ create: true, size: 1, name: 5 as never })).toThrow(TypeError);
  expect(() => new SharedMemory({ create: 1 as never, size: 1 })).toThrow(TypeError);
  expect(() => new SharedMemory(undefined as never)).toThrow(TypeError);
});

test.each(['spawn', 'thread'] as const)('a child by %s writes through the name', async (method) => {
  const block = new SharedMemory({ create: true, size: 8 });
  const { Process } = getContext(method);
  const child = new Process({
    args: [block.name],
    target: async (name: string) => {
      const mh = await import('manyhands');
      new mh.SharedMemory({ name }).asArray('d')[0] = 0.5;
    },
  });
  await child.start();
  expect(await child.join()).toBe(0);
  expect(block.asArray('d')[0]).toBe(0.5);
  expect(exists(block.name)).toBe(true);
  block.unlink();
});

test.each(['spawn', 'thread'] as const)('it travels to a child by %s and back, as itself', async (method) => {
  const { Process } = getContext(method);
  const block = new SharedMemory({ create: true, size: 8 });
  const list = new ShareableList(['a', 1]);
  const back = new Queue<unknown[]>();
  const child = new Process({
    args: [block],
    target: async (given: SharedMemory) => {
      given.asArray('d')[0] = 0.25;
      list.set(1, 2);
      await back.put([given, list, given.name]);
      given.close();
    },
  });
  await child.start();
  expect(await child.join()).toBe(0);
  const [home, same, name] = await back.get();
  expect([home === block, same === list, name]).toEqual([true, true, block.name]);
  expect([block.asArray('d')[0], list.at(1)]).toEqual([0.25, 2]);
  await back.put([block]);
  block.unlink();
  block.close();
  await expect(back.get()).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }));
  await expect(back.put([block])).rejects.toThrow(DataCloneError);
  list.shm.unlink();
  back.close();
});

/** Runs a program that prints names of shared memory, then lives until it is told otherwise. */
async function holder(body: string): Promise<{ names: string[]; child: ReturnType<typeof spawn> }> {
  const program = `import { SharedMemory } from 'manyhands'; ${body} setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { names: line.toString().trim().split(' '), child };
}

const MAKE = `
  const a = new SharedMemory({ create: true, size: 10 });
  const b = new SharedMemory({ create: true, size: 10 });
  const left = new SharedMemory({ create: true, size: 10, track: false });
  b.unlink();
  console.log(a.name, b.name, left.name);
`;

test.each(['SIGKILL', 'SIGTERM'] as const)('a name goes when its creator is ended by %s', async (signal) => {
  const { names, child } = await holder(MAKE);
  const [a = '', b = '', left = ''] = names;
  expect(names.map(exists)).toEqual([true, false, true]);
  child.kill(signal);
  await once(child, 'close');
  await until(() => !exists(a));
  expect([exists(b), exists(left)]).toEqual([false, true]);
  new SharedMemory({ name: left }).unlink();
});

test.each(['ends', 'is killed'])('with a thread that %s go its names, and no process is left of it', async (how) => {
  const children = childProcesses();
  const { Process } = getContext('thread');
  using up = new Queue<string>();
  const thread = new Process({
    target: async () => {
      const block = new SharedMemory({ create: true, size: 8 });
      await up.put(block.name);
      if (how === 'is killed') setInterval(() => undefined, 1000);
    },
  });
  await thread.start();
  const name = await up.get();
  if (how === 'is killed') {
    expect(exists(name)).toBe(true);
    thread.kill();
  }
  await thread.join();
  expect([exists(name), childProcesses()]).toEqual([false, children]);
});

test('a name goes when its creator ends by itself, at once', async () => {
  const { names, child } = await holder(`${MAKE} process.stdin.once('data', () => process.exit(3));`);
  child.stdin!.write('end');
  const [code] = await once(child, 'exit');
  expect([code, ...names.map(exists)]).toEqual([3, false, false, true]);
  new SharedMemory({ name: names[2]! }).unlink();
});

test('who only attached leaves the name when it ends', async () => {
  const block = new SharedMemory({ create: true, size: 10 });
  const { child } = await holder(`const a = new SharedMemory({ name: '${block.name}' }); console.log(a.name);`);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(exists(block.name)).toBe(true);
  block.unlink();
});

test('at its end a process leaves a name that somebody else has taken since', async () => {
  const { names, child } = await holder(`${MAKE} process.stdin.once('data', () => process.exit(3));`);
  const [a = '', , left = ''] = names;
  new SharedMemory({ name: a }).unlink();
  const successor = new SharedMemory({ create: true, size: 77, name: a });
  child.stdin!.write('end');
  await once(child, 'close');
  expect(new SharedMemory({ name: a }).size).toBe(77);
  successor.unlink();
  new SharedMemory({ name: left }).unlink();
});

test('the helper that removes names leaves one that somebody else has taken since', async () => {
  const { names, child } = await holder(MAKE);
  const [a = '', , left = ''] = names;
  new SharedMemory({ name: a }).unlink();
  const successor = new SharedMemory({ create: true, size: 77, name: a });
  child.kill('SIGKILL');
  await once(child, 'close');
  // Its helper ends after it has looked at every name.
  await until(() => helpersOf(child.pid!).length === 0);
  expect(new SharedMemory({ name: a }).size).toBe(77);
  successor.unlink();
  new SharedMemory({ name: left }).unlink();
});

test('a name of any characters goes when its creator is killed', async () => {
  const names = [`it's "mh-test"`, '$HOME `mh-test`', ' \\mh-test;* ', '-rf mh-test', 'mh-test é ='];
  const { child } = await holder(`
    for (const name of ${JSON.stringify(names)}) new SharedMemory({ create: true, size: 1, name });
    console.log('made');
  `);
  expect(names.map(exists)).toEqual(names.map(() => true));
  child.kill('SIGKILL');
  await once(child, 'close');
  await until(() => helpersOf(child.pid!).length === 0);
  expect(names.filter(exists)).toEqual([]);
});

test('no name is left by a program that is killed while it makes and removes one after another', async () => {
  const prefix = `mh-test ${process.pid} `;
  // Thousands of changes in one go: more than the pipe to the helper takes at a time.
  const { child } = await holder(`
    import { writeSync } from 'node:fs';
    const made = [];
    for (let i = 0; ; i++) {
      made.push(new SharedMemory({ create: true, size: 1, name: '${prefix}' + i }));
      if (i === 3000) writeSync(1, 'busy');
      if (made.length > 5) made.shift().unlink();
    }
  `);
  child.kill('SIGKILL');
  await once(child, 'close');
  await until(() => helpersOf(child.pid!).length === 0);
  expect(readdirSync('/dev/shm').filter((name) => name.startsWith(prefix))).toEqual([]);
});

test('thousands of names go one by one, and then their helper', async () => {
  const blocks = Array.from({ length: 3000 }, () => new SharedMemory({ create: true, size: 1 }));
  for (const block of blocks) block.unlink();
  await until(() => helpersOf(process.pid).length === 0);
});

test('without a descriptor for the helper memory is made all the same, with a warning', async () => {
  const program = `
    import { closeSync, existsSync, openSync } from 'node:fs';
    import { SharedMemory } from 'manyhands';
    new SharedMemory({ create: true, size: 1, track: false }).unlink(); // loads what it needs
    const files = [];
    try { for (;;) files.push(openSync('/dev/null')); } catch (error) { if (error.code !== 'EMFILE') throw error; }
    closeSync(files.pop());
    const block = new SharedMemory({ create: true, size: 1 });
    for (const file of files) closeSync(file);
    // Told of both now that it can be started.
    const other = new SharedMemory({ create: true, size: 1 });
    process.once('warning', ({ code }) => console.log(block.name, other.name, code));
    process.stdin.resume();
  `;
  const child = spawn(
    'sh',
    ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', program],
    { cwd: root, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const [block = '', other = '', code] = line.toString().trim().split(' ');
  expect([exists(block), exists(other), code]).toEqual([true, true, 'MANYHANDS_NO_NAME_HELPER']);
  child.kill('SIGKILL');
  await until(() => !exists(block) && !exists(other));
});

test('the helper lives while there are names to answer for', async () => {
  const helpers = (): number => helpersOf(process.pid).length;
  // Those of the tests before end when they have seen that their processes did.
  await until(() => helpers() === 0);
  const block = new SharedMemory({ create: true, size: 1 });
  expect(helpers()).toBe(1);
  const second = new SharedMemory({ create: true, size: 1 });
  expect(helpers()).toBe(1);
  block.unlink();
  expect(helpers()).toBe(1);
  second.unlink();
  await until(() => helpers() === 0);
});

test('the same helper answers for a name after it was refused to be created again', async () => {
  await until(() => helpersOf(process.pid).length === 0);
  const block = new SharedMemory({ create: true, size: 1 });
  const helpers = helpersOf(process.pid);
  expect(() => new SharedMemory({ create: true, size: 1, name: block.name })).toThrow(
    expect.objectContaining({ code: 'EEXIST' }),
  );
  const second = new SharedMemory({ create: true, size: 1 });
  expect(helpersOf(process.pid)).toEqual(helpers);
  second.unlink();
  expect(exists(block.name)).toBe(true);
  block.unlink();
});

/** The helpers that answer for names of the process `pid`, alive or not. */
function helpersOf(pid: number): string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'utf8').endsWith(`manyhands-names\0${pid}\0`);
    } catch {
      // No process, or one that ended while it was looked at.
      return false;
    }
  });
}

test.runIf(hasPython)('Python reads and writes the same bytes, both ways', () => {
  const block = new SharedMemory({ create: true, size: 64 });
  block.buf.set([1, 2, 3]);
  const printed = python(
    `
import sys
m = attach(shared_memory.SharedMemory(sys.argv[1]))
print(bytes(m.buf[:3]).hex(), m.size >= 64)
m.buf[3] = 200
m.close()
`,
    block.name,
  );
  expect(printed).toBe('010203 True\n');
  expect(block.buf[3]).toBe(200);
  block.unlink();
  const name = python(`
m = attach(shared_memory.SharedMemory(create=True, size=16))
m.buf[:4] = b'spam'
print(m.name)
m.close()
`).trim();
  const attached = new SharedMemory({ name });
  expect(Buffer.from(attached.buf.subarray(0, 4)).toString()).toBe('spam');
  attached.unlink();
});
