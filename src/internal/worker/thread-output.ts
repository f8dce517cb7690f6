// Sends what a worker thread prints through the queue of replies, so that it is complete and in order before the result.
import type { Outbox } from './outbox.js';

/** Node passes a thread's output through its parent's event loop, where it may come after the result or not at all. */
export function redirectOutput(outbox: Outbox): void {
  redirect(process.stdout, 1, outbox);
  redirect(process.stderr, 2, outbox);
}

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;

function redirect(stream: NodeJS.WriteStream, fd: 1 | 2, outbox: Outbox): void {
  const write: Write = (chunk, encoding, callback) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
    outbox.text(fd, text);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  };
  Object.defineProperty(stream, 'write', { value: write, configurable: true, writable: true });
}
