// Start method 'thread': a child on a worker thread of this process.
import { MessageChannel, Worker } from 'node:worker_threads';
import { arena, entryOf } from '../memory/arena.js';
import { ThreadLife } from './thread-life.js';
import { EXIT_WORD, type ChildDescriptor, type ExitStatus, type Launched, type LaunchOptions } from './launch.js';
import { standardStreams } from './standard-streams.js';

export function launchThread(
  descriptor: ChildDescriptor,
  options: LaunchOptions,
  onExit: (status: ExitStatus) => void,
): Launched {
  const exit = new Int32Array(new SharedArrayBuffer(EXIT_WORD.COUNT * 4));
  const { native } = arena();
  const [stdin, stdout, stderr] = standardStreams(options.stdio).map((stream) => stream === 'pipe');
  const life = new ThreadLife();
  const { port1, port2 } = new MessageChannel();
  const start = (): Worker =>
    new Worker(options.main, {
      workerData: { manyhands: descriptor, exit, port: port2 },
      transferList: [port2],
      env: present({ ...process.env, ...options.env }),
      ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
      ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
      name: options.name,
      stdin,
      stdout,
      stderr,
    });
  let worker: Worker;
  try {
    worker = life.begin(start);
  } catch (refused) {
    port1.close();
    throw refused;
  }
  let error: unknown;
  let ended: ExitStatus | undefined;
  worker.once('error', (cause) => {
    error = cause;
  });
  worker.once('exit', (exitCode) => {
    // Node gives 0 for a thread that it could not start at all.
    const isFailure = error !== undefined && !hasBegunToExit(exit);
    const isPrinted = Atomics.load(exit, EXIT_WORD.PRINTED) === 1;
    ended = { exitCode: isFailure ? exitCode || 1 : exitCode, signal: null, error, isPrinted };
    onExit(ended);
    port1.close();
  });
  worker.unref();
  const { threadId } = worker;
  let stopped = false;
  let isOver = false;
  /** Whether it will never join: it was stopped before it did, or is gone. One that was stopped runs no JavaScript any more. */
  const isLost = (): boolean =>
    native.isReserved(descriptor.reservation) &&
    (stopped || life.isGone()) &&
    // It may have joined, and ended, while this looked.
    native.isReserved(descriptor.reservation);
  const kill = (): void => {
    // It settles when the thread has ended, which 'exit' tells as well; it does not reject. Each call adds a listener.
    if (!stopped) void worker.terminate();
    stopped = true;
    // Wakes it from a native wait, so that it sees the termination at once.
    native.ring(entryOf(descriptor.reservation));
  };
  return {
    pid: process.pid,
    threadId,
    kill,
    signal: kill,
    ref: () => worker.ref(),
    unref: () => {
      if (!isOver) worker.unref();
    },
    poll: () => {
      if (ended !== undefined) return ended;
      if (!native.hasEnded(descriptor.reservation) && !isLost()) return undefined;
      // The program does not end before it has heard why.
      isOver = true;
      worker.ref();
      return { exitCode: codeOf(exit), signal: null };
    },
    waitSlice: (ms) => {
      // It has begun to exit: what is left takes a few milliseconds, and nobody notifies of it.
      if (Atomics.wait(exit, EXIT_WORD.EXITING, 0, ms) === 'not-equal') Atomics.wait(exit, EXIT_WORD.NEVER, 0, 1);
    },
    stdin: worker.stdin,
    stdout: stdout ? worker.stdout : null,
    stderr: stderr ? worker.stderr : null,
    port: port1,
  };
}

/** One that was stopped, ran out of memory or could not start runs no JavaScript at its end. */
const hasBegunToExit = (exit: Int32Array): boolean => Atomics.load(exit, EXIT_WORD.EXITING) !== 0;

/** A thread that was stopped from outside never wrote its code. */
function codeOf(exit: Int32Array): number {
  return hasBegunToExit(exit) ? Atomics.load(exit, EXIT_WORD.CODE) : 1;
}

/** As for a process; that of a thread would have the text `undefined`. */
function present(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
