// What CPython's own tests ask of pipes and of waiting for them: messages of any size apart from each other, slow writers,
// ends sent to children that run already, time limits.
import { type Connection, getContext, Pipe, wait } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { expectNothingLeft, methods } from '../queue/arena.js';

expectNothingLeft();

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

test('an empty message is one: it is polled and received (test_empty_string)', async () => {
  const [a, b] = Pipe();
  for (const poll of [() => a.poll(), () => a.pollSync(), () => a.poll({ timeout: 1000 })]) {
    expect(await a.poll()).toBe(false);
    await b.sendBytes(new Uint8Array());
    expect([await poll(), await poll()]).toEqual([true, true]);
    expect(text(await a.recvBytes())).toBe('');
    expect(await a.poll()).toBe(false);
  }
  a.close();
  b.close();
});

test('wait gives nothing before its time, and looks once for a negative one (test_wait_timeout, test_neg_timeout)', async () => {
  const [a, b] = Pipe();
  const start = performance.now();
  expect(await wait([a, b], { timeout: 150 })).toEqual([]);
  expect(performance.now() - start).toBeGreaterThanOrEqual(149);
  expect(await wait([a, b], { timeout: -1 })).toEqual([]);
  await b.send('x');
  expect(await wait([a, b], { timeout: -1 })).toEqual([a]);
  expect(await wait([a, b], { timeout: 100_000 })).toEqual([a]);
  expect(await a.recv()).toBe('x');
  a.close();
  b.close();
});

describe.each(methods)('with children by %s', (method) => {
  const { Process } = getContext(method);

  test('short and empty messages between come one by one, polled and received (test_strings)', async () => {
    const strings = ['hello', '', 'a', 'b', '', 'bye', '', 'lop'];
    const [here, there] = Pipe();
    const child = new Process({
      args: [there, strings],
      target: async (end: Connection, all: string[]) => {
        for (const one of all) {
          await end.sendBytes(Buffer.from(one));
          // The next goes when this was taken.
          await end.recv();
        }
      },
    });
    await child.start();
    there.close();
    for (const expected of strings) {
      expect([await here.poll({ timeout: null }), await here.poll()]).toEqual([true, true]);
      expect(text(await here.recvBytes())).toBe(expected);
      expect(await here.poll()).toBe(false);
      await here.send('taken');
    }
    expect(await child.join()).toBe(0);
    here.close();
  });

  test('messages of every size stay apart, however fast they follow (test_boundaries, test_dont_merge)', async () => {
    const sizes = [0, 1, 2, 100, 4093, 4096, 65_536, 300_000];
    const [reader, writer] = Pipe({ duplex: false });
    const child = new Process({
      args: [writer, sizes],
      target: (end: Connection, all: number[]) => {
        for (const size of all) for (let i = 0; i < 3; i++) end.sendBytesSync(Buffer.alloc(size, 48 + i));
      },
    });
    await child.start();
    writer.close();
    // All of them are there before the first is taken.
    expect(await child.join()).toBe(0);
    for (const size of sizes) {
      for (let i = 0; i < 3; i++) {
        expect(await reader.poll()).toBe(true);
        const bytes = await reader.recvBytes();
        expect([bytes.byteLength, bytes.every((byte) => byte === 48 + i)]).toEqual([size, true]);
      }
    }
    reader.close();
  });

  test('ends of one way reach a child that runs already, and can there what they could here (test_access)', async () => {
    const [here, there] = Pipe();
    const child = new Process({
      args: [there],
      target: async (end: Connection) => {
        const writer = (await end.recv()) as Connection;
        await writer.send([writer.readable, writer.writable, await writer.recv().catch((error: Error) => error.name)]);
        writer.close();
        const reader = (await end.recv()) as Connection;
        await end.send([await reader.recv(), await reader.send(1).catch((error: Error) => error.name)]);
        reader.close();
      },
    });
    await child.start();
    there.close();
    const [reader, writer] = Pipe({ duplex: false });
    await here.send(writer);
    writer.close();
    expect(await reader.recv()).toEqual([false, true, 'StateError']);
    await expect(reader.recv()).rejects.toMatchObject({ code: 'ERR_EOF' });
    reader.close();
    const [otherReader, otherWriter] = Pipe({ duplex: false });
    await here.send(otherReader);
    otherReader.close();
    await otherWriter.send('for the child');
    expect(await here.recv()).toEqual(['for the child', 'StateError']);
    expect(await child.join()).toBe(0);
    await expect(otherWriter.send(1)).rejects.toMatchObject({ code: 'EPIPE' });
    otherWriter.close();
    here.close();
  });

  test('wait hears of slow writers each time, and of the end of each (test_wait_slow)', async () => {
    const readers: Connection[] = [];
    const children: InstanceType<typeof Process>[] = [];
    for (let n = 0; n < 3; n++) {
      const [reader, writer] = Pipe({ duplex: false });
      readers.push(reader);
      const child = new Process({
        args: [writer, n],
        target: async (end: Connection, number: number) => {
          for (let i = 0; i < 5; i++) {
            await new Promise((resolve) => setTimeout(resolve, 5 * number));
            end.sendSync([i, number]);
          }
        },
      });
      await child.start();
      writer.close();
      children.push(child);
    }
    const seen = new Map<number, number[]>([0, 1, 2].map((n) => [n, []]));
    while (readers.length > 0) {
      for (const ready of await wait(readers)) {
        const message = (await ready.recv().catch(() => undefined)) as [number, number] | undefined;
        if (message !== undefined) seen.get(message[1])?.push(message[0]);
        else readers.splice(readers.indexOf(ready), 1)[0]?.close();
      }
    }
    expect([...seen.values()]).toEqual([0, 1, 2].map(() => [0, 1, 2, 3, 4]));
    for (const child of children) expect(await child.join()).toBe(0);
  });
});
