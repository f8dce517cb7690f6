// Writes what a worker process prints to the descriptor that it shares with its parent, whole, before the task goes on.
import { writeSync } from 'node:fs';

const PAUSE_MS = 1;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Node's own stream queues what a full pipe or socket does not take, and the result of the task would overtake it. A
 * reader that has gone away takes nothing any more: then there is nobody to tell.
 */
export function writeWhole(fd: 1 | 2, chunk: string | Uint8Array): void {
  let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  while (rest.byteLength > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE' || code === 'EBADF') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
}
