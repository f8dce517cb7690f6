// Start method 'thread': a worker on a worker thread of this process.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { arena } from '../memory/arena.js';
import type { ExitStatus, Launched, LaunchOptions, WorkerDescriptor } from './launch.js';

const MAIN = join(__dirname, 'main.js');

export function launchThread(
  descriptor: WorkerDescriptor,
  options: LaunchOptions,
  onExit: (status: ExitStatus) => void,
): Launched {
  const worker = new Worker(MAIN, {
    workerData: { manyhands: descriptor },
    env: { ...process.env, ...options.env } as Record<string, string>,
    ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
    ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
    name: options.name,
  });
  let error: unknown;
  let ended: ExitStatus | undefined;
  worker.once('error', (cause) => {
    error = cause;
  });
  worker.once('exit', (exitCode) => {
    ended = { exitCode, signal: null, error };
    onExit(ended);
  });
  worker.unref();
  const { threadId } = worker;
  const { native } = arena();
  return {
    pid: process.pid,
    threadId,
    kill: () => {
      // It settles when the thread has ended, which 'exit' tells as well; it does not reject.
      void worker.terminate();
      // Wakes it from a native wait, so that it sees the termination at once.
      native.ring(descriptor.entry);
    },
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    poll: () => ended ?? (native.isDead(descriptor.entry) ? { exitCode: 1, signal: null } : undefined),
  };
}
