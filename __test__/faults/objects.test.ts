// Processes, threads and what they share in poor surroundings: no /proc, no room, no descriptors, no folder, no streams.
// Each works, or says what is missing.
import { describe, expect, test } from 'vitest';
import { type ProgramOptions } from '../lifetime/program.js';
import { endPrograms, start } from '../lifetime/starting.js';
import { methods } from '../process/children.js';
import { asNobody, closing, inLostFolder, limited, mounted, noMounts, noOtherUser } from './surroundings.js';

endPrograms();

/** One child and all that it can share; each line of the answer would be another one if something of it were lost. */
const sharing = (method: string): string => `
  const { writeSync, writeFileSync } = require('node:fs');
  const { Queue, Pipe, Lock, Event, Condition, Barrier, Value, RawArray } = manyhands;
  (async () => {
    const [queue, [here, there], lock, event] = [new Queue(2), Pipe(), new Lock(), new Event()];
    const [condition, barrier, value, array] = [new Condition(), new Barrier(2), new Value('i', 1), new RawArray('d', 9)];
    const child = new (manyhands.getContext('${method}').Process)({
      args: [queue, there, lock, event, condition, barrier],
      target: async (queue, end, lock, event, condition, barrier) => {
        await lock.run(() => value.add(4));
        for await (const item of queue) await end.send(item.length ?? item);
        event.set();
        barrier.waitSync();
        await condition.run(() => condition.notify());
        array.array[8] = value.value;
      },
    });
    await condition.acquire();
    await child.start();
    there.close();
    await queue.put(7);
    await queue.put(new Uint8Array(3_000_000));
    const got = [await here.recv(), await here.recv()];
    queue.shutdown();
    const heard = await event.wait();
    barrier.waitSync();
    const notified = await condition.wait();
    condition.release();
    report(...got, heard, notified, await child.join(), value.value, array.at(8));
  })().catch((error) => report('error', error.code, error.message));
`;
const SHARED = '7 3000000 true true 0 5 5';

async function expectShares(method: string, options?: ProgramOptions, before = ''): Promise<void> {
  const program = start(`const report = (...words) => console.log(...words); ${before}${sharing(method)}`, options);
  expect(await program.ended).toEqual({ code: 0, signal: null, out: `${SHARED}\n`, err: '' });
  await program.gone();
}

/** A /dev with what Node needs, and nothing else. */
const EMPTY_DEV =
  'mount -t tmpfs none /dev && for n in null:3 urandom:9; do mknod "/dev/${n%:*}" c 1 "${n#*:}" || exit 1; done';

describe.each(methods)('a child by %s shares everything', (method) => {
  describe.skipIf(noMounts !== undefined)('in a file system of its own', () => {
    test('without /proc', () =>
      expectShares(
        method,
        { wrapper: mounted('umount -l /proc') },
        `if (require('node:fs').existsSync('/proc/self')) throw new Error('there is a /proc');`,
      ));

    test.each(['size=64k', 'ro'])('with a /dev/shm that is %s', (how) =>
      expectShares(method, { wrapper: mounted(`mount -t tmpfs -o ${how} none /dev/shm`) }),
    );

    test('without a /dev/shm', () =>
      expectShares(
        method,
        {
          wrapper: mounted(EMPTY_DEV),
        },
        `if (require('node:fs').existsSync('/dev/shm')) throw new Error('there is a /dev/shm');`,
      ));

    test.skipIf(noOtherUser !== undefined)('as a user who owns nothing, without a folder for temporary files', () =>
      expectShares(method, { wrapper: mounted(asNobody), env: { TMPDIR: '/no/such/folder' } }),
    );

    // Whose /proc tells of the processes outside of it, or of those within.
    test.each([[[]], [['--mount-proc']]])('in a PID namespace of its own, %j', (options) =>
      expectShares(method, { wrapper: ['unshare', '-pf', ...options, '--kill-child'] }),
    );
  });

  test('with 64 descriptors', () => expectShares(method, { wrapper: limited('-n 64') }));
  test('with 4 GB of address space', () => expectShares(method, { wrapper: limited('-v 4194304') }));
  test('without environment variables', () => expectShares(method, { wrapper: ['env', '-i'] }));

  test('with streams of its own that it has destroyed', async () => {
    const program = start(`
      for (const stream of [process.stdin, process.stdout, process.stderr]) stream.destroy();
      function report(...words) { process.exitCode = words.join(' ') === '${SHARED}' ? 77 : 1; }
      ${sharing(method)}`);
    expect((await program.ended).code).toBe(77);
    await program.gone();
  });

  test.each(['<&-', '>&-', '2>&-', '<&- >&- 2>&-'])('with closed streams, %s', async (streams) => {
    const program = start(
      `${sharing(method)} function report(...words) { process.exitCode = words.join(' ') === '${SHARED}' ? 77 : 1; }`,
      {
        wrapper: closing(streams),
      },
    );
    expect((await program.ended).code).toBe(77);
    await program.gone();
  });
});

describe.skipIf(noMounts !== undefined)('memory with a name', () => {
  const making = `
    const make = (size) => {
      try {
        const block = new manyhands.SharedMemory({ create: true, size });
        new manyhands.SharedMemory({ name: block.name }).buf[size - 1] = 7;
        const seen = block.buf[size - 1];
        block.unlink();
        return seen;
      } catch (error) {
        return error.code + ' ' + error.message;
      }
    };
    console.log(make(100));
    console.log(make(1 << 20));`;

  test('is made where /proc is not mounted', async () => {
    const { out, err } = await start(making, { wrapper: mounted('umount -l /proc') }).ended;
    expect([out, err]).toEqual(['7\n7\n', '']);
  });

  test('is made where it fits into /dev/shm', async () => {
    const { out, err } = await start(making, { wrapper: mounted('mount -t tmpfs -o size=64k none /dev/shm') }).ended;
    expect(out).toMatch(/^7\nENOSPC .*\(1048576 bytes do not fit into \/dev\/shm\)\n$/);
    expect(err).toBe('');
  });

  test('is refused where there is no /dev/shm', async () => {
    const { out } = await start(making, { wrapper: mounted(EMPTY_DEV) }).ended;
    expect(out).toMatch(/^(ENOENT .*\(\/dev\/shm is not mounted\)\n){2}$/);
  });
});

describe('a thread that cannot start ends with 1 and says why, also to who blocks for it', () => {
  const joining = (options: string): string => `
    const { Process } = manyhands.getContext('thread');
    (async () => {
      const child = new Process({ name: 'first', ${options} });
      await child.start();
      console.log('joined', await child.join());
      const other = new Process({ name: 'second', ${options} });
      other.startSync();
      console.log('joined', other.joinSync());
    })();`;
  const says = (why: string): RegExp => new RegExp(`^Process first:\\n.*${why}[^]*\\nProcess second:\\n.*${why}`);

  test('without its preloaded module', async () => {
    const { code, out, err } = await start(joining(`execArgv: ['--require', '/no/such/module']`)).ended;
    expect([code, out]).toEqual([0, 'joined 1\njoined 1\n']);
    expect(err).toMatch(says(`Cannot find module '/no/such/module'`));
  });

  test('in a folder that is gone', async () => {
    const { code, out, err } = await start(joining(''), { wrapper: inLostFolder }).ended;
    expect([code, out]).toEqual([0, 'joined 1\njoined 1\n']);
    expect(err).toMatch(says('uv_cwd'));
  });

  test('without descriptors', async () => {
    const program = start(
      `const { closeSync, openSync } = require('node:fs');
      const files = [];
      void [new manyhands.Queue().close(), process.stdout, process.stderr]; // take descriptors of their own
      try { for (;;) files.push(openSync('/dev/null')); } catch (error) { if (error.code !== 'EMFILE') throw error; }
      closeSync(files.pop());
      closeSync(files.pop());
      ${joining('')}`,
      { wrapper: limited('-n 64') },
    );
    const { code, out, err } = await program.ended;
    expect([code, out]).toEqual([0, 'joined 1\njoined 1\n']);
    expect(err).toMatch(says('EMFILE'));
  });
});

test('a thread that has no memory left says so', async () => {
  const program = start(
    `const { Process } = manyhands.getContext('thread');
    const target = () => { for (const all = []; ; ) all.push(new Array(1000).fill(all.length)); };
    const child = new Process({ name: 'eater', target });
    child.start().then(() => child.join()).then((code) => console.log('joined', code));`,
    { execArgv: ['--max-old-space-size=50'] },
  );
  const { code, out, err } = await program.ended;
  expect([code, out]).toEqual([0, 'joined 1\n']);
  expect(err).toContain('Process eater:\nError [ERR_WORKER_OUT_OF_MEMORY]');
});

test('a child process starts in a folder that is gone', () => expectShares('spawn', { wrapper: inLostFolder }));
