// Tells the pool of errors that belong to no reply: unhandled rejections and uncaught exceptions in a worker.
import { TO_POOL } from '../engine/messages.js';
import type { Outbox } from './outbox.js';
import { copyable } from './uncopyable-error.js';

/** A rejection that nobody handles is reported and the worker goes on; an uncaught exception ends it, as it ends any program. */
export function reportFaults(outbox: Outbox, currentTask: () => string): void {
  const report = (error: unknown, fatal: boolean): void => {
    if (isPoolGone(error)) process.exit(0);
    try {
      outbox.value(TO_POOL.FAULT, { task: currentTask(), error: copyable(error), fatal });
    } catch (problem) {
      if (isPoolGone(problem)) process.exit(0);
      throw problem;
    }
  };
  process.on('unhandledRejection', (error) => report(error, false));
  process.on('uncaughtException', (error) => {
    report(error, true);
    process.exit(1);
  });
}

/** The pool's queues go when its process ends; its workers learn it so if they are faster than the signal that ends them. */
function isPoolGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BAD_HANDLE';
}
