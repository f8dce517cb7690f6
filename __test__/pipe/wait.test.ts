// wait([...]): connections, queues, sentinels, sockets and streams together; the rows of CPython's TestWait.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { type Connection, EOFError, getContext, parentProcess, Pipe, Queue, SimpleQueue, wait } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, methods } from '../queue/arena.js';

expectNothingLeft();

test('gives those that are ready, in the order given, and takes nothing', async () => {
  const [a, b] = Pipe();
  const [c, d] = Pipe();
  const queue = new Queue<number>();
  expect(await wait([a, queue, c], { timeout: 0 })).toEqual([]);
  expect(await wait([a, queue, c], { timeout: 5 })).toEqual([]);
  expect(await wait([], { timeout: 5 })).toEqual([]);
  await queue.put(1);
  await d.send(2);
  expect(await wait([c, a, queue])).toEqual([c, queue]);
  expect(await wait(new Set([queue]))).toEqual([queue]);
  expect([await queue.get(), await c.recv()]).toEqual([1, 2]);
  const waiting = wait([a, queue, c]);
  await b.send('x');
  expect(await waiting).toEqual([a]);
  d.close();
  expect(await wait([queue, c])).toEqual([c]);
  queue.shutdown();
  expect(await wait([queue])).toEqual([queue]);
  for (const end of [a, b, c, queue]) end.close();
});

test('refuses what cannot be waited for, and ends by time and signal', async () => {
  const [a, b] = Pipe();
  await expect(wait([{}] as never)).rejects.toThrow('Expected `objects[0]` to be a connection, queue, sentinel');
  await expect(wait(7 as never)).rejects.toThrow(TypeError);
  await expect(wait([a], { timeout: 'x' as never })).rejects.toThrow(TypeError);
  const controller = new AbortController();
  const waiting = wait([a, b], { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  b.close();
  a.close();
  await expect(wait([a])).rejects.toThrow('is closed');
});

test('rejects when one of its objects is closed meanwhile', async () => {
  const [a, b] = Pipe();
  const [c, d] = Pipe();
  const queue = new Queue<number>();
  const simple = new SimpleQueue<number>();
  for (const object of [a, queue, simple]) {
    const alone = wait([object]);
    const together = wait([c, object], { timeout: 60_000 });
    object.close();
    for (const waiting of [alone, together])
      await expect(waiting).rejects.toMatchObject({
        name: 'StateError',
        message: expect.stringContaining('was closed'),
      });
  }
  for (const end of [b, c, d]) end.close();
});

test('waits for a thousand objects at once', async () => {
  const pipes = Array.from({ length: 500 }, () => Pipe({ duplex: false }));
  const queues = Array.from({ length: 500 }, () => new Queue<number>());
  const all = [...pipes.map(([reader]) => reader), ...queues];
  expect(await wait(all, { timeout: 5 })).toEqual([]);
  const waiting = wait(all);
  await pipes[333]![1].send(1);
  expect(await waiting).toEqual([pipes[333]![0]]);
  await queues[444]!.put(1);
  expect(await wait(all)).toEqual([pipes[333]![0], queues[444]]);
  for (const [reader, writer] of pipes) {
    reader.close();
    writer.close();
  }
  for (const queue of queues) queue.close();
});

test('waits for sockets and streams beside connections', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [socket] = await accepted;
  const stream = new PassThrough();
  const [a, b] = Pipe();
  expect(await wait([a, socket, stream], { timeout: 5 })).toEqual([]);
  const waiting = wait([a, socket, stream]);
  client.write('hello');
  expect(await waiting).toEqual([socket]);
  expect(String(socket.read())).toBe('hello');
  stream.write('x');
  expect(await wait([a, stream])).toEqual([stream]);
  client.end();
  expect(await wait([a, socket])).toEqual([socket]);
  for (const end of [client, socket]) end.destroy();
  server.close();
  await once(server, 'close');
  a.close();
  b.close();
});

test('a stream that ends without more data is ready', async () => {
  const streams = [Readable.from([]), createReadStream('/dev/null'), new PassThrough(), new PassThrough()] as const;
  const [never, ended, later, drained] = streams;
  const open = new PassThrough();
  drained.write('x');
  expect(await wait([open, drained])).toEqual([drained]);
  expect(String(drained.read())).toBe('x');
  const waits = [never, ended, later, drained].map((stream) => wait([open, stream]));
  await new Promise((resolve) => void setImmediate(resolve));
  later.end();
  drained.end();
  expect(await Promise.all(waits)).toEqual(streams.map((stream) => [stream]));
  expect(await wait([...streams], { timeout: 0 })).toEqual([...streams]);
  open.destroy();
});

describe.each(methods)('with children by %s', (method) => {
  const { Process } = getContext(method);

  test('multiplexes readers until each is at its end', async () => {
    const readers: Connection[] = [];
    const children = Array.from({ length: 4 }, (_, n) => {
      const [reader, writer] = Pipe({ duplex: false });
      readers.push(reader);
      const child = new Process({
        args: [writer, n],
        target: async (end: Connection, number: number) => {
          for (let i = 0; i < 10; i++) await end.send([i, number]);
          end.close();
        },
      });
      return { child, writer };
    });
    for (const { child, writer } of children) {
      await child.start();
      writer.close();
    }
    const messages: unknown[] = [];
    while (readers.length > 0) {
      for (const ready of await wait(readers)) {
        try {
          messages.push(await ready.recv());
        } catch (error) {
          expect(error).toBeInstanceOf(EOFError);
          readers.splice(readers.indexOf(ready), 1);
          ready.close();
        }
      }
    }
    const expected = [0, 1, 2, 3].flatMap((n) => Array.from({ length: 10 }, (_, i) => [i, n]));
    const key = (message: unknown): string => JSON.stringify(message);
    expect(messages.map(key).sort()).toEqual(expected.map(key).sort());
    for (const { child } of children) expect(await child.join()).toBe(0);
  });

  test('sentinels are ready when their process has ended', async () => {
    const [a, b] = Pipe();
    const child = new Process({ target: () => new Promise(() => undefined) });
    await child.start();
    const { sentinel } = child;
    expect(await wait([sentinel, a], { timeout: 5 })).toEqual([]);
    const waiting = wait([a, sentinel]);
    child.kill();
    expect(await waiting).toEqual([sentinel]);
    expect(await wait([sentinel])).toEqual([sentinel]);
    await child.join();
    a.close();
    b.close();
    expect(parentProcess()).toBeNull();
  });
});
