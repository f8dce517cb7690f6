// Objects of another load of the package, whose numbers mean something in another memory: refused, never taken for one of ours.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as mh from 'manyhands';
import { afterAll, describe, expect, test } from 'vitest';
import { methods } from './arena.js';

const root = join(import.meta.dirname, '../..');
mkdirSync(join(root, 'target'), { recursive: true });
// Inside the package, so that what it needs is found.
const copy = mkdtempSync(join(root, 'target/load-'));
for (const folder of ['dist', 'prebuilds']) cpSync(join(root, folder), join(copy, folder), { recursive: true });
afterAll(() => rmSync(copy, { recursive: true }));

const load = createRequire(import.meta.url);
const other = load(join(copy, 'dist/index.js')) as typeof mh;
const memory = new other.SharedMemory({ create: true, size: 8 });
afterAll(() => {
  memory.close();
  memory.unlink();
});

const strangers: readonly (readonly [name: string, object: object])[] = [
  ['Queue', new other.Queue()],
  ['JoinableQueue', new other.JoinableQueue()],
  ['SimpleQueue', new other.SimpleQueue()],
  ['Connection', other.Pipe()[0]],
  ['Lock', new other.Lock()],
  ['RLock', new other.RLock()],
  ['Semaphore', new other.Semaphore()],
  ['Condition', new other.Condition()],
  ['Event', new other.Event()],
  ['Barrier', new other.Barrier(2)],
  ['Value', new other.Value('i', 3)],
  ['SharedArray', new other.SharedArray('i', [1, 2])],
  ['SharedMemory', memory],
];

describe.each(strangers)('a %s of another load', (name, object) => {
  test('is no item, message or argument', async () => {
    expect(Object.getPrototypeOf(object)).not.toBe((mh as unknown as Record<string, Function>)[name]?.prototype);
    const refused = new RegExp(`it is an? ${name} of another load of manyhands`);
    using queue = new mh.Queue();
    const [here, there] = mh.Pipe();
    await expect(queue.put([object])).rejects.toThrow(refused);
    // The second time, too: what is known of a class by then does not make it ordinary.
    expect(() => queue.putNowait({ object })).toThrow(mh.DataCloneError);
    await expect(here.send(object)).rejects.toThrow(refused);
    expect(queue.empty()).toBe(true);
    here.close();
    there.close();
  });
});

test.each(methods)('it is refused at the start of a child by %s, as an argument and captured', async (method) => {
  const { Process } = mh.getContext(method);
  const queue = new other.Queue();
  const child = new Process({ target: (mine: object) => void mine, args: [queue] });
  await expect(child.start()).rejects.toThrow(/args\[0\] cannot be copied: it is a Queue of another load/);
  const capturing = new Process({ target: () => void queue.empty() });
  await expect(capturing.start()).rejects.toThrow(/it is a Queue of another load/);
  queue.close();
});
