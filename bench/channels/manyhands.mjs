// manyhands on the two sides of a channel, either two queues or a pipe: this one, and a Process or thread.
import { fileURLToPath } from 'node:url';
import { getContext, JoinableQueue, Pipe, Queue } from '../../dist/index.mjs';
import { expect } from '../expect.mjs';
import { monotonicMs } from '../measure.mjs';
import { objectOf } from './contestants.mjs';

/** Messages that may wait in a queue; in a pipe as many. */
const CAPACITY = 1024;
const MODULE = new URL('manyhands.mjs', import.meta.url);

/** The longest message of a way that receives into memory of its own. */
const LONGEST = 2 ** 20;

const isPipe = (way) => objectOf(way).startsWith('Pipe');
/** Bytes are received into the same memory again and again. */
const isBytes = (way) => objectOf(way) === 'Pipe, bytes';

const contextOf = (kind) => getContext(kind === 'process' ? 'spawn' : 'thread');

/** Starts a child that calls an exported function of the module; what it gives ends it. */
export async function startChild(kind, module, name, args) {
  const { Process } = contextOf(kind);
  const child = new Process({ target: { module: fileURLToPath(module), name }, args, daemon: true });
  await child.start();
  return async () => {
    child.kill();
    await child.join();
  };
}

/** What each side sends into and receives from. */
function bothSides(way, capacity) {
  if (isPipe(way)) {
    const [here, there] = Pipe();
    return [
      [here, here],
      [there, there],
    ];
  }
  const [forth, back] = [new Queue(capacity), new Queue(capacity)];
  return [
    [forth, back],
    [back, forth],
  ];
}

function endOf(way, [outgoing, incoming], isOther = false) {
  const receive = isPipe(way) ? () => incoming.recv() : () => incoming.get();
  const memory = isBytes(way) && isOther ? new Uint8Array(LONGEST) : undefined;
  let isEnding = false;
  return {
    send: isPipe(way) ? (message) => outgoing.send(message) : (message) => outgoing.put(message),
    async listen(take) {
      try {
        for (;;) take(await receive());
      } catch (error) {
        if (!isEnding) throw error;
      }
    },
    sendSync(message) {
      if (!isPipe(way)) outgoing.putSync(message);
      else if (isBytes(way) && !isOther) outgoing.sendBytesSync(message);
      else outgoing.sendSync(message);
    },
    receiveSync() {
      if (!isPipe(way)) return incoming.getSync();
      return memory === undefined ? incoming.recvSync() : memory.subarray(0, incoming.recvBytesIntoSync(memory));
    },
    /** What ends from now on was to end. */
    endSoon: () => void (isEnding = true),
    close() {
      outgoing.close();
      incoming.close();
    },
  };
}

/**
 * Starts the other side, which plays one of the PARTS; gives the end on this side.
 *
 * @param {{ kind: 'process' | 'thread', way: 'Queue' | 'Pipe' | 'Pipe, bytes', part: string, capacity?: number }} options
 */
export async function connect({ kind, way, part, capacity = CAPACITY, ...options }) {
  const [here, there] = bothSides(way, capacity);
  const endOther = await startChild(kind, MODULE, 'play', [part, way, there, options]);
  if (isPipe(way)) there[0].close();
  const end = endOf(way, here);
  return {
    ...end,
    async close() {
      end.endSoon();
      // It must not see the end of the pipe.
      await endOther();
      end.close();
    },
  };
}

/** What the child of `connect` does. */
export async function play(part, way, ends, options) {
  const { PARTS } = await import('./parts.mjs');
  await PARTS[part](endOf(way, ends, true), options);
}

/** Makes what its way says; what that gives closes it. */
export function creator({ way }) {
  const create = {
    Queue: () => [new Queue()],
    JoinableQueue: () => [new JoinableQueue()],
    Pipe: () => Pipe(),
  }[way];
  return () => {
    const made = create();
    return () => made.forEach((one) => one.close());
  };
}

/** How many queues can live, up to `most`; each has an item then, and gives it. */
export function liveQueues({ most }) {
  const queues = Array.from({ length: most }, () => new Queue());
  queues.forEach((queue, n) => queue.putNowait(n));
  queues.forEach((queue, n) => expect(queue.getNowait(), n));
  for (const queue of queues) queue.close();
  return queues.length;
}

/** Milliseconds from the start of a child to its first line. */
export function starter({ kind }) {
  const { Process } = contextOf(kind);
  const lines = new Queue();
  return async () => {
    const begun = monotonicMs();
    const child = new Process({ target: firstLine, args: [lines] });
    await child.start();
    const stamp = await lines.get();
    expect(await child.join(), 0);
    return stamp - begun;
  };
}

function firstLine(lines) {
  const [seconds, nanoseconds] = process.hrtime();
  lines.putNowait(seconds * 1000 + nanoseconds / 1e6);
}
