// How a child begins, worker or Process, on a thread or in a process of its own: it learns what it is and joins the arena.
import type { MessagePort } from 'node:worker_threads';
import { registerTravellers } from '../codec/travellers.js';
import { attachArena, type Arena } from '../memory/arena.js';
import { native, useNativeFile } from '../native.js';
import { exitWithoutWaiting, recordExit } from './exit.js';
import { INHERITED, type ChildDescriptor } from './launch.js';
import { becomeWorker } from './role.js';

// What is known of handles is loaded with the first that a message brings; then it takes this place.
registerTravellers({
  ticketOf: () => undefined,
  revive: (ticket) => {
    const { revive } = require('../shared/handle.js') as typeof import('../shared/handle.js');
    return revive(ticket);
  },
});

export interface Entered<D> {
  readonly descriptor: D;
  readonly arena: Arena;
  readonly isThread: boolean;
  /** Brings SharedArrayBuffers. Threads only. */
  readonly port: MessagePort | undefined;
}

/** Never returns when the parent is dead already and the child is to die with it. */
export function enter<D extends ChildDescriptor>(): Entered<D> {
  becomeWorker();
  // Written by launch-process.ts of the same package; launch-thread.ts gives no arguments.
  const given = process.argv[2];
  const isThread = given === undefined;
  const { manyhands: descriptor, exit, port } = isThread ? threadData<D>() : { manyhands: JSON.parse(given) as D };
  if (exit !== undefined) recordExit(exit);
  useNativeFile(descriptor.binary);
  if (!isThread) {
    process.argv.splice(1);
    // The kernel ends this process when its parent ends, even in a busy loop; if that has happened already, nobody waits.
    if (descriptor.diesWithParent && !native().dieWithParent(descriptor.parentPid)) process.exit(0);
  }
  const arena = joinArena(isThread ? undefined : INHERITED.ARENA, descriptor.reservation);
  if (!isThread) {
    arena.native.adoptBell(INHERITED.BELL, INHERITED.BELL_WRITE);
    arena.native.registerBell(descriptor.parentEntry, INHERITED.PARENT_BELL);
    exitWithoutWaiting(arena);
  }
  return { descriptor, arena, isThread, port };
}

/** A parent that ends while its child starts gives the reserved entry back: then nobody waits for the child any more. */
function joinArena(fd: number | undefined, reservation: number): Arena {
  try {
    return attachArena(fd, reservation);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BAD_ENTRY') process.exit(0);
    throw error;
  }
}

function threadData<D>(): { manyhands: D; exit?: Int32Array; port?: MessagePort } {
  // Loading the module takes more than a millisecond, and a process does not need it.
  const { workerData } = require('node:worker_threads') as typeof import('node:worker_threads');
  // Written by launch-thread.ts of the same package.
  return workerData as { manyhands: D; exit: Int32Array; port: MessagePort };
}
