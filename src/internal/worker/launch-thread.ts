// Start method 'thread': a child on a worker thread of this process.
import type { StdioOptions } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { arena } from '../memory/arena.js';
import { EXIT_WORD, type ChildDescriptor, type ExitStatus, type Launched, type LaunchOptions } from './launch.js';

export function launchThread(
  descriptor: ChildDescriptor,
  options: LaunchOptions,
  onExit: (status: ExitStatus) => void,
): Launched {
  const exit = new Int32Array(new SharedArrayBuffer(EXIT_WORD.COUNT * 4));
  const worker = new Worker(options.main, {
    workerData: { manyhands: descriptor, exit },
    env: { ...process.env, ...options.env } as Record<string, string>,
    ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
    ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
    name: options.name,
    stdin: isPiped(options.stdio, 0),
    stdout: isPiped(options.stdio, 1),
    stderr: isPiped(options.stdio, 2),
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
  let stopped = false;
  const kill = (): void => {
    stopped = true;
    // It settles when the thread has ended, which 'exit' tells as well; it does not reject.
    void worker.terminate();
    // Wakes it from a native wait, so that it sees the termination at once.
    native.ring(descriptor.entry);
  };
  return {
    pid: process.pid,
    threadId,
    kill,
    signal: kill,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    poll: () => {
      // One that was stopped before it joined runs no JavaScript any more, so it never will.
      const isOver = native.isDead(descriptor.entry) || (stopped && native.isReserved(descriptor.entry));
      return ended ?? (isOver ? { exitCode: codeOf(exit), signal: null } : undefined);
    },
    waitSlice: (ms) => {
      // It has begun to exit: what is left takes a few milliseconds, and nobody notifies of it.
      if (Atomics.wait(exit, EXIT_WORD.EXITING, 0, ms) === 'not-equal') Atomics.wait(exit, EXIT_WORD.NEVER, 0, 1);
    },
    stdin: worker.stdin,
    stdout: isPiped(options.stdio, 1) ? worker.stdout : null,
    stderr: isPiped(options.stdio, 2) ? worker.stderr : null,
  };
}

/** A thread that was stopped from outside never wrote its code. */
function codeOf(exit: Int32Array): number {
  return Atomics.load(exit, EXIT_WORD.EXITING) === 0 ? 1 : Atomics.load(exit, EXIT_WORD.CODE);
}

function isPiped(stdio: StdioOptions | undefined, fd: number): boolean {
  return (typeof stdio === 'string' ? stdio : stdio?.[fd]) === 'pipe';
}
