// The entry of every worker, process or thread: joins the arena and serves its inbox. The program's own entry is never run here.
import { workerData } from 'node:worker_threads';
import { attachArena } from '../memory/arena.js';
import { doorbell } from '../memory/doorbell.js';
import { native } from '../native.js';
import { INHERITED } from './launch-process.js';
import type { WorkerDescriptor } from './launch.js';
import { Outbox } from './outbox.js';
import { becomeWorker } from './role.js';
import { redirectOutput } from './thread-output.js';
import { TaskLoop } from './task-loop.js';

function threadDescriptor(data: unknown): WorkerDescriptor | undefined {
  if (typeof data !== 'object' || data === null || !('manyhands' in data)) return undefined;
  // Written by launch-thread.ts of the same package.
  return data.manyhands as WorkerDescriptor;
}

function main(): void {
  becomeWorker();
  const forThread = threadDescriptor(workerData);
  const descriptor = forThread ?? (JSON.parse(process.argv[2] ?? '{}') as WorkerDescriptor);
  if (forThread === undefined) {
    process.argv.splice(1);
    // The kernel ends this process when its parent ends, even in a busy loop; if that has happened already, nobody waits.
    if (!native().dieWithParent(descriptor.parentPid)) process.exit(0);
    // Ctrl-C goes to the whole group of processes; the parent decides what becomes of its workers.
    process.on('SIGINT', () => undefined);
  }
  const arena = attachArena(forThread === undefined ? INHERITED.ARENA : undefined, descriptor.entry);
  if (forThread === undefined) {
    arena.native.adoptBell(INHERITED.BELL);
    arena.native.registerBell(descriptor.parentEntry, INHERITED.PARENT_BELL);
  }
  const outbox = new Outbox(arena, descriptor.outbox);
  if (forThread !== undefined) redirectOutput(outbox);
  const bell = doorbell();
  const loop = new TaskLoop(arena, descriptor, outbox, bell);
  bell.hold();
  bell.watch(loop);
}

main();
