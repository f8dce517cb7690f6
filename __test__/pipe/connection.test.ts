// Pipes: values and bytes both ways, ends that travel, end of file and broken pipe; the rows of CPython's _TestConnection.
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  BufferTooShortError,
  type Connection,
  EOFError,
  getContext,
  Pipe,
  Queue,
  StateError,
  TimeoutError,
} from 'manyhands';
import { describe, expect, test } from 'vitest';
import { native } from '../../dist/internal/native.js';
import { expectNothingLeft, inArena, methods } from '../queue/arena.js';

expectNothingLeft();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const broken = expect.objectContaining({ code: 'EPIPE', syscall: 'send' });

describe('a pipe', () => {
  test('carries values both ways, in order, as copies', async () => {
    const [a, b] = Pipe();
    const value = {
      list: [1, 2n, 'x'],
      map: new Map([['k', new Date(7)]]),
      nothing: null,
      view: new Float64Array([0.5]),
    };
    await a.send(value);
    a.sendSync(undefined);
    value.list = [];
    await b.send('back');
    expect(await b.recv()).toEqual({ ...value, list: [1, 2n, 'x'] });
    expect(b.recvSync()).toBeUndefined();
    expect(await a.recv()).toBe('back');
    for (let i = 0; i < 500; i++) a.sendSync(i);
    for (let i = 0; i < 500; i++) expect(b.recvSync()).toBe(i);
    a.close();
    b.close();
  });

  test('carries bytes, whole and apart, empty ones and large ones too', async () => {
    const [a, b] = Pipe();
    const bytes = Buffer.from('hello world');
    await a.sendBytes(bytes);
    await a.sendBytes(bytes, 6);
    a.sendBytesSync(bytes, 2, 3);
    await a.sendBytes(new ArrayBuffer(0));
    await a.sendBytes(new Uint16Array([0x4142]));
    const got = [await b.recvBytes(), await b.recvBytes(), b.recvBytesSync(), await b.recvBytes(), await b.recvBytes()];
    expect(got.map(String)).toEqual(['hello world', 'world', 'llo', '', 'BA']);
    expect(got[0]).toBeInstanceOf(Buffer);
    const large = Buffer.alloc(50 << 20, 'abc');
    await a.sendBytes(large);
    expect(Buffer.compare(await b.recvBytes(), large)).toBe(0);
    for (const [offset, size] of [[-1], [12], [0, 12], [6, 6], [1.5], [0, -1]] as const)
      await expect(a.sendBytes(bytes, offset, size)).rejects.toThrow(RangeError);
    await expect(a.sendBytes('text' as never)).rejects.toThrow(
      'Expected `buffer` to be an ArrayBuffer or a view of one',
    );
    a.close();
    b.close();
  });

  test('receives bytes into a view, or says what they were', async () => {
    const [a, b] = Pipe();
    const target = new Uint8Array(8);
    await a.sendBytes(Buffer.from('abc'));
    await a.sendBytes(Buffer.from('de'));
    expect([await b.recvBytesInto(target, 1), b.recvBytesIntoSync(target, 6)]).toEqual([3, 2]);
    expect(Buffer.from(target).toString('latin1')).toBe('\0abc\0\0de');
    await a.sendBytes(Buffer.from('too long for it'));
    const error = await b.recvBytesInto(target).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BufferTooShortError);
    expect(String((error as BufferTooShortError).data)).toBe('too long for it');
    await expect(b.recvBytesInto(target, 9)).rejects.toThrow(RangeError);
    await expect(b.recvBytesInto([] as never)).rejects.toThrow(TypeError);
    a.close();
    b.close();
  });

  test('receives bytes of every size into a view, and sends of a large buffer only the part', async () => {
    const [a, b] = Pipe();
    const memory = new Uint8Array(20 << 20).map((_, i) => i % 253);
    const target = new Uint8Array(17 << 20);
    for (const size of [0, 1, 64, 4000, 4093, 5000, 32_767, 32_768, 100_000, 262_144, 1 << 20, 9 << 20, 16 << 20]) {
      const part = memory.subarray(7, 7 + size);
      target.fill(255);
      await a.sendBytes(memory, 7, size);
      // The block of the part, not of all the memory.
      if (size > 0) expect(native().stats().bytes).toBeLessThan(size * 4 + 400_000);
      expect(await b.recvBytesInto(target, 3)).toBe(size);
      expect(Buffer.compare(target.subarray(3, 3 + size), part)).toBe(0);
      expect([target[2], target[3 + size]]).toEqual([255, 255]);
      a.sendBytesSync(part);
      expect(Buffer.compare(b.recvBytesSync(), part)).toBe(0);
    }
    await a.send({ not: 'bytes' });
    await a.send({ not: 'bytes' });
    expect(await b.recvBytesInto(target)).toBe((await b.recvBytes()).byteLength);
    a.close();
    b.close();
  });

  test('a thread that takes large items without ever turning its event loop gives their memory back', () => {
    const [a, b] = Pipe();
    const item = new Float64Array(1 << 17);
    const before = inArena().blocks;
    for (let i = 0; i < 100; i++) {
      a.sendSync(item);
      b.recvSync();
    }
    expect(inArena().blocks).toBe(before);
    a.close();
    b.close();
  });

  test('a message longer than maxLength ends the reading', async () => {
    const [a, b] = Pipe();
    await a.sendBytes(Buffer.alloc(10));
    await a.sendBytes(Buffer.alloc(10));
    expect((await b.recvBytes({ maxLength: 10 })).byteLength).toBe(10);
    await expect(b.recvBytes({ maxLength: 9 })).rejects.toMatchObject({ code: 'EMSGSIZE' });
    expect([b.readable, b.writable, b.closed]).toEqual([false, true, false]);
    await expect(b.recv()).rejects.toThrow(StateError);
    a.close();
    b.close();
    const [reader, writer] = Pipe({ duplex: false });
    writer.sendBytesSync(Buffer.alloc(2));
    expect(() => reader.recvBytesSync({ maxLength: 1 })).toThrow(expect.objectContaining({ code: 'EMSGSIZE' }));
    expect(reader.closed).toBe(true);
    await expect(writer.send(1)).rejects.toThrow(broken);
    writer.close();
  });

  test('of one way has one reader and one writer', async () => {
    const [reader, writer] = Pipe({ duplex: false });
    expect([reader.readable, reader.writable, writer.readable, writer.writable]).toEqual([true, false, false, true]);
    await writer.send('one way');
    expect(await reader.recv()).toBe('one way');
    await expect(reader.send(1)).rejects.toThrow('The connection is read-only');
    expect(() => reader.sendBytesSync(Buffer.from('x'))).toThrow(StateError);
    for (const attempt of [writer.recv(), writer.poll(), writer.recvBytes()])
      await expect(attempt).rejects.toThrow('The connection is write-only');
    writer.close();
    await expect(reader.recv()).rejects.toThrow(EOFError);
    reader.close();
    expect(() => Pipe({ duplex: 1 as never })).toThrow(TypeError);
  });

  test('polls without taking anything', async () => {
    const [a, b] = Pipe();
    expect([await a.poll(), a.pollSync(), await a.poll({ timeout: -1 }), await a.poll({ timeout: 5 })]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    const waiting = a.poll({ timeout: null });
    await b.send('');
    expect(await waiting).toBe(true);
    expect([await a.poll(), a.pollSync({ timeout: null })]).toEqual([true, true]);
    expect([await a.recv(), await a.poll()]).toEqual(['', false]);
    b.close();
    expect([await a.poll(), a.pollSync({ timeout: null })]).toEqual([true, true]);
    a.close();
  });

  test('gives what was sent before the end of file, then EOFError; sending is a broken pipe', async () => {
    const [a, b] = Pipe();
    await a.send(1);
    await a.send(2);
    const early = Pipe();
    const pending = early[0].recv();
    early[1].close();
    await expect(pending).rejects.toThrow(EOFError);
    early[0].close();
    a.close();
    a.close();
    expect([await b.recv(), b.recvSync()]).toEqual([1, 2]);
    await expect(b.recv()).rejects.toThrow(EOFError);
    expect(() => b.recvSync()).toThrow(EOFError);
    await expect(b.send(1)).rejects.toThrow(broken);
    expect(() => b.sendSync(1)).toThrow(broken);
    b.close();
  });

  test('iterates until the end of file', async () => {
    const [reader, writer] = Pipe({ duplex: false });
    for (const value of [1, 2, 3]) await writer.send(value);
    writer.close();
    const seen: unknown[] = [];
    for await (const value of reader) seen.push(value);
    expect(seen).toEqual([1, 2, 3]);
    reader.close();
  });

  test('an iteration that is left while it waits receives nothing more', async () => {
    const [a, b] = Pipe();
    const iterator = a[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await b.send('still there');
    expect(await a.recv()).toBe('still there');
    for (const end of [a, b]) end.close();
  });

  test('makes a sender wait that is 1,024 messages ahead, and lets it time out and abort', async () => {
    const [reader, writer] = Pipe({ duplex: false });
    for (let i = 0; i < 1024; i++) writer.sendSync(i);
    expect(() => writer.sendSync('more', { timeout: 0 })).toThrow(TimeoutError);
    await expect(writer.send('more', { timeout: 5 })).rejects.toThrow(TimeoutError);
    const controller = new AbortController();
    const aborted = writer.send('more', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    const late = writer.send('last');
    for (let i = 0; i < 1024; i++) expect(reader.recvSync()).toBe(i);
    await late;
    expect(await reader.recv()).toBe('last');
    await expect(reader.recv({ timeout: 5 })).rejects.toThrow(TimeoutError);
    const stuck = Pipe({ duplex: false });
    for (let i = 0; i < 1024; i++) stuck[1].sendSync(i);
    const sending = stuck[1].send('never');
    stuck[0].close();
    await expect(sending).rejects.toThrow(broken);
    for (const end of [reader, writer, stuck[1]]) end.close();
  });

  test('a closed connection can do nothing, and what waited for it rejects', async () => {
    const [a, b] = Pipe();
    const [receiving, polling] = [a.recv(), a.poll({ timeout: null })];
    a.close();
    await expect(receiving).rejects.toThrow(StateError);
    await expect(polling).rejects.toThrow(StateError);
    expect([a.closed, a.readable, a.writable]).toEqual([true, false, false]);
    for (const call of [() => a.recvSync(), () => a.sendSync(1), () => a.pollSync(), () => a.fileno()])
      expect(call).toThrow(StateError);
    for (const attempt of [a.recv(), a.send(1), a.poll(), a.recvBytes(), a.sendBytes(Buffer.from('x'))])
      await expect(attempt).rejects.toThrow(StateError);
    {
      using c = b;
      expect(c.fileno()).toBeGreaterThan(2);
    }
    expect(b.closed).toBe(true);
  });

  test('an end that is forgotten ends like one that is closed', async () => {
    const here = Pipe()[0];
    const ended = here.poll({ timeout: null });
    let isOver = false;
    void ended.then(() => (isOver = true));
    while (!isOver) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(() => here.recvSync()).toThrow(EOFError);
    expect(() => here.sendSync(1)).toThrow(broken);
    here.close();
  });

  test('refuses what cannot be copied, and the message before and behind arrive', async () => {
    const [a, b] = Pipe();
    await a.send(1);
    await expect(a.send({ deep: [() => 1] })).rejects.toMatchObject({ code: 'ERR_DATA_CLONE', path: 'value.deep[0]' });
    await a.send(2);
    expect([await b.recv(), await b.recv(), await b.poll()]).toEqual([1, 2, false]);
    await expect(a.recv({ timeout: 'x' as never })).rejects.toThrow(TypeError);
    await expect(a.recv({ timeOut: 5 } as object)).rejects.toThrow('Expected `timeOut` to be spelt `timeout`');
    a.close();
    b.close();
  });

  test('an end comes home as the same object, and lives while a message carries it', async () => {
    const [a, b] = Pipe();
    const [c, d] = Pipe();
    await c.send([a]);
    a.close();
    expect(await b.poll({ timeout: 5 })).toBe(false);
    await b.send('for the end on its way');
    const [home] = (await d.recv()) as [Connection];
    expect(home.closed).toBe(false);
    expect(await home.recv()).toBe('for the end on its way');
    await c.send(home);
    expect(await d.recv()).toBe(home);
    await c.send(home);
    home.close();
    c.close();
    // The message with the end is lost with the pipe that carries it.
    d.close();
    await expect(b.recv()).rejects.toThrow(EOFError);
    b.close();
  });
});

describe.each(methods)('a pipe to a child by %s', (method) => {
  const { Process } = getContext(method);

  test('carries messages there and back, and ends with the child', async () => {
    const [here, there] = Pipe();
    const child = new Process({
      args: [there],
      target: async (end: Connection) => {
        for await (const value of end) await end.send(['echo', value]);
      },
    });
    await child.start();
    there.close();
    for (const value of [1, 'two', { three: new Uint8Array(3) }, new Error('four')]) {
      await here.send(value);
      expect(await here.recv()).toEqual(['echo', value]);
    }
    const bytes = Buffer.alloc(16 << 20, 7);
    await here.sendBytes(bytes);
    expect(Buffer.compare(((await here.recv()) as [string, Buffer])[1], bytes)).toBe(0);
    here.close();
    expect(await child.join()).toBe(0);
  });

  test('blocks threads in both directions at once', async () => {
    const [here, there] = Pipe();
    const child = new Process({
      args: [there],
      target: (end: Connection) => {
        for (let i = 0; i < 3000; i++) end.sendSync((end.recvSync() as number) + 1);
      },
    });
    child.startSync();
    there.close();
    for (let i = 0; i < 3000; i++) {
      here.sendSync(i);
      expect(here.recvSync()).toBe(i + 1);
    }
    expect(child.joinSync()).toBe(0);
    expect(() => here.recvSync()).toThrow(EOFError);
    here.close();
  });

  test('is at its end when the child is killed, also while this thread is blocked', async () => {
    for (const blocked of [false, true]) {
      const [here, there] = Pipe();
      const child = new Process({
        args: [there],
        target: async (end: Connection) => {
          await end.send('up');
          for (;;);
        },
      });
      await child.start();
      there.close();
      expect(await here.recv()).toBe('up');
      if (blocked) {
        child.kill();
        expect(() => here.recvSync()).toThrow(EOFError);
      } else {
        const receiving = here.recv();
        child.kill();
        await expect(receiving).rejects.toThrow(EOFError);
      }
      await expect(here.send(1)).rejects.toThrow(broken);
      expect(await child.join()).toBe(-9);
      here.close();
    }
  });

  test('travels in a captured variable, a queue, and through a third process', async () => {
    const [here, there] = Pipe();
    const queue = new Queue<Connection>();
    const first = new Process({ target: async () => queue.put(there) });
    await first.start();
    expect(await first.join()).toBe(0);
    there.close();
    const second = new Process({
      target: async () => {
        const end = await queue.get();
        await end.send('from the second');
      },
    });
    await second.start();
    expect(await here.recv()).toBe('from the second');
    await expect(here.recv()).rejects.toThrow(EOFError);
    expect(await second.join()).toBe(0);
    here.close();
    queue.close();
  });

  test('an end that two have is at its end when both have gone', async () => {
    const [here, there] = Pipe();
    const target = async (end: Connection): Promise<void> => {
      await end.send('up');
      await end.recv();
    };
    const children = [1, 2].map(() => new Process({ target, args: [there] }));
    for (const child of children) await child.start();
    there.close();
    expect([await here.recv(), await here.recv()]).toEqual(['up', 'up']);
    children[0]!.kill();
    await children[0]!.join();
    expect(await here.poll({ timeout: 5 })).toBe(false);
    await here.send('end');
    await expect(here.recv()).rejects.toThrow(EOFError);
    expect(await children[1]!.join()).toBe(0);
    here.close();
  });
});

test('an idle connection does not keep a program alive, a pending call does', async () => {
  const { spawn } = await import('node:child_process');
  const run = async (body: string): Promise<string> => {
    const program = `import { Pipe } from 'manyhands'; const [a, b] = Pipe(); ${body}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    await once(child, 'close');
    return out;
  };
  expect(await run(`await a.send(1); await b.recv(); process.on('exit', () => console.log('ended'));`)).toBe('ended\n');
  expect(await run(`a.recv().then(console.log); setTimeout(() => b.send('late'), 50).unref();`)).toBe('late\n');
});
