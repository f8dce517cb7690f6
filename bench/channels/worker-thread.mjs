// A worker thread and what Node has between threads: message ports, blocking or not, and BroadcastChannel.
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import {
  isMainThread,
  MessageChannel,
  parentPort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { expect } from '../expect.mjs';
import { monotonicMs } from '../measure.mjs';
import { objectOf } from './contestants.mjs';

/** Messages between two turns of the event loop that a sender lets pass. */
const UNWAITED = 1000;
const SLICE_MS = 50;
let channels = 0;

/** Each side rings the other one's word when it has sent something to a side that may block. */
function portEnd(port, words, mine, { moves }) {
  const theirs = 1 - mine;
  let sent = 0;
  const post = (message) => port.postMessage(message, moves && message.buffer ? [message.buffer] : undefined);
  return {
    send(message) {
      post(message);
      return ++sent % UNWAITED === 0 ? setImmediate() : undefined;
    },
    listen: (take) => void port.on('message', take),
    sendSync(message) {
      post(message);
      Atomics.add(words, theirs, 1);
      Atomics.notify(words, theirs);
    },
    receiveSync() {
      for (;;) {
        const seen = Atomics.load(words, mine);
        const received = receiveMessageOnPort(port);
        if (received !== undefined) return received.message;
        Atomics.wait(words, mine, seen, SLICE_MS);
      }
    },
    close: () => port.close(),
  };
}

function broadcastEnd(name, isFirst) {
  const [outgoing, incoming] = (isFirst ? ['forth', 'back'] : ['back', 'forth']).map(
    (direction) => new BroadcastChannel(`${name} ${direction}`),
  );
  let sent = 0;
  return {
    send(message) {
      outgoing.postMessage(message);
      return ++sent % UNWAITED === 0 ? setImmediate() : undefined;
    },
    listen: (take) => void (incoming.onmessage = ({ data }) => take(data)),
    close() {
      outgoing.close();
      incoming.close();
    },
  };
}

/** @param {{ way: 'port' | 'port, blocking' | 'moved' | 'broadcast', part: string }} options */
export async function connect({ way, part, ...options }) {
  const isBroadcast = objectOf(way) === 'broadcast';
  const name = `bench ${process.pid} ${channels++}`;
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(8));
  const given = { part, name, port: port2, words, way, options };
  const worker = new Worker(new URL(import.meta.url), { workerData: given, transferList: [port2] });
  const end = isBroadcast ? broadcastEnd(name, true) : portEnd(port1, words, 0, { moves: way === 'moved' });
  // A message of a BroadcastChannel that nobody listens to yet is lost.
  await once(worker, 'message');
  return {
    ...end,
    async close() {
      end.close();
      if (isBroadcast) port1.close();
      await worker.terminate();
    },
  };
}

/** Makes what its way says; what that gives closes it. */
export function creator({ way }) {
  if (way === 'broadcast') {
    return () => {
      const channel = new BroadcastChannel('bench');
      return () => channel.close();
    };
  }
  return () => {
    const { port1 } = new MessageChannel();
    return () => port1.close();
  };
}

/** How many channels can live, up to `most`; each has an item then, and gives it. */
export function liveQueues({ most }) {
  const channels = Array.from({ length: most }, () => new MessageChannel());
  channels.forEach(({ port1 }, n) => port1.postMessage(n));
  channels.forEach(({ port2 }, n) => expect(receiveMessageOnPort(port2).message, n));
  for (const { port1 } of channels) port1.close();
  return channels.length;
}

/** A number and two threads that add to it. */
export async function openAdders() {
  const memory = new Int32Array(new SharedArrayBuffer(4));
  const file = new URL('adder.cjs', import.meta.url);
  const workers = [0, 1].map(() => new Worker(file, { workerData: memory }));
  return {
    reset: () => void Atomics.store(memory, 0, 0),
    async add(count) {
      const answers = workers.map((worker) => once(worker, 'message'));
      for (const worker of workers) worker.postMessage(count);
      await Promise.all(answers);
    },
    read: () => Atomics.load(memory, 0),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}

/** Milliseconds from the start of a thread to its first line. */
export function starter() {
  const file = new URL('first-line.cjs', import.meta.url);
  return async () => {
    const begun = monotonicMs();
    const worker = new Worker(file);
    const ended = once(worker, 'exit');
    const [stamp] = await once(worker, 'message');
    await ended;
    return stamp - begun;
  };
}

// The other side.
if (!isMainThread && workerData?.port !== undefined) {
  const { PARTS } = await import('./parts.mjs');
  const { part, name, port, words, way, options } = workerData;
  const isBroadcast = objectOf(way) === 'broadcast';
  const end = isBroadcast ? broadcastEnd(name, false) : portEnd(port, words, 1, { moves: false });
  // A part that blocks comes back never; one on a BroadcastChannel listens when it does.
  if (!isBroadcast) parentPort.postMessage('ready');
  void PARTS[part](end, options);
  if (isBroadcast) parentPort.postMessage('ready');
}
