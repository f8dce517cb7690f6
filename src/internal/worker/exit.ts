// How a child ends by `process.exit`: a process without waiting for anybody, a thread with its code where its parent finds it.
import type { Arena } from '../memory/arena.js';
import { EXIT_WORD } from './launch.js';

interface Exiting {
  /** What `process.exit` calls behind the listeners of 'exit'. */
  reallyExit(code?: number | string): never;
}

/** What Node writes at the end of a process that it records: then the end is Node's. */
const RECORDS = /--(?:cpu-prof|heap-prof|prof\b|trace-event|heapsnapshot|experimental-test-coverage)/;

/**
 * Node joins the threads of V8 before it ends a process, and one of them may wait for this very thread to collect garbage:
 * then the process stays for ever (seen with Node 24, a few times in a hundred, in a task that calls `process.exit`).
 * Nothing that those threads do is wanted any more, and whoever waits for this process cleans up behind it.
 */
export function exitWithoutWaiting({ native }: Arena): void {
  const flags = `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`;
  if (process.env['NODE_V8_COVERAGE'] !== undefined || RECORDS.test(flags)) return;
  (process as unknown as Exiting).reallyExit = (code = 0) => native.exitNow(Number(code));
}

/** Leaves the exit code of a thread where the parent finds it without its event loop. */
export function recordExit(exit: Int32Array): void {
  process.on('exit', (code) => {
    Atomics.store(exit, EXIT_WORD.CODE, code);
    Atomics.store(exit, EXIT_WORD.EXITING, 1);
    Atomics.notify(exit, EXIT_WORD.EXITING);
  });
}
