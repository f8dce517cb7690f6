// The entry of a Process, on a thread or in a process of its own: calls its function and ends as Python's children do.
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { setDefaultStartMethod } from '../../start-method.js';
import { loadDefinition } from '../function/instantiate.js';
import { doorbell } from '../memory/doorbell.js';
import { becomeChild, identity } from '../worker/identity.js';
import { enter } from '../worker/enter.js';
import { redirectOutput } from '../worker/thread-output.js';
import { EXIT_WORD, type ChildDescriptor } from '../worker/launch.js';
import { logger } from './log.js';
import { watchParent } from './parent.js';
import { printError } from './print-error.js';
import { takeStartMessage, type StartMessage } from './start-message.js';

const napping = new Int32Array(new SharedArrayBuffer(4));

/** What a Process is told at its start. */
export interface ProcessDescriptor extends ChildDescriptor {
  /** The queue that holds its start message. */
  readonly inbox: number;
  /** Threads only: the output streams that are the parent's, and those that nobody reads. */
  readonly output: { readonly own: readonly (1 | 2)[]; readonly silent: readonly (1 | 2)[] };
}

function main(): void {
  const { descriptor, arena, isThread, port } = enter<ProcessDescriptor>();
  if (isThread) {
    // Made by launch-thread.ts.
    const { exit } = workerData as { exit: Int32Array };
    redirectOutput(writeNow, descriptor.output.own);
    redirectOutput(() => undefined, descriptor.output.silent);
    printUncaught(exit);
  } else {
    watchParent();
  }
  const message = takeStartMessage(arena, descriptor.inbox, port);
  becomeChild(message.inherited.identity, message.inherited.authkey);
  setDefaultStartMethod(message.inherited.startMethod);
  void run(message);
}

/** Never rejects: an error of the function is printed and makes the exit code 1. */
async function run({ body, values, args }: StartMessage): Promise<void> {
  const bell = doorbell();
  // The function may wait for something that keeps no event loop alive; the child lives until it has settled.
  bell.hold();
  logger.info('child process calling self.run()');
  try {
    const loaded = await loadDefinition(body);
    const fn = (await loaded.instantiate(values)) as (...given: readonly unknown[]) => unknown;
    await fn(...args);
  } catch (error) {
    printError(identity().name, error);
    process.exitCode = 1;
  } finally {
    bell.release();
  }
}

/** Node prints the uncaught error of a process, but that of a thread it hands to the parent. */
function printUncaught(exit: Int32Array): void {
  process.on('uncaughtExceptionMonitor', (error) => {
    if (process.listenerCount('uncaughtException') > 0) return;
    printError(identity().name, error);
    Atomics.store(exit, EXIT_WORD.PRINTED, 1);
  });
}

/** Writes at once: the thread may end, or its parent be blocked, before any event loop would come to it. */
function writeNow(fd: 1 | 2, given: string | Uint8Array): void {
  let bytes = Buffer.from(given);
  while (bytes.byteLength > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A pipe that nobody reads any more takes nothing; as with any child, that is no error of the program.
      if (code !== 'EAGAIN') return;
      Atomics.wait(napping, 0, 0, 1);
    }
  }
}

main();
