// Takes SharedArrayBuffers that came from a pool or a worker thread: values refer to them by number, a port brings the memory.
//
// Each end takes them in the order in which the other posted them. What came with a task that was taken back, or with a
// reply that nobody read, is passed over.
import type { MessagePort } from 'node:worker_threads';

/** What is posted: a SharedArrayBuffer and the number by which a value refers to it. */
export type NumberedBuffer = readonly [number: number, buffer: SharedArrayBuffer];

/** The buffer that was posted under the number; undefined: none was. Does not need the event loop. */
export function takeBuffer(port: MessagePort | undefined, number: number): SharedArrayBuffer | undefined {
  // Loading the module takes more than a millisecond, and processes do not need it.
  const { receiveMessageOnPort } = require('node:worker_threads') as typeof import('node:worker_threads');
  for (;;) {
    const received = port && (receiveMessageOnPort(port) as { message: NumberedBuffer } | undefined);
    if (received === undefined) return undefined;
    const [posted, buffer] = received.message;
    if (posted === number) return buffer;
  }
}
