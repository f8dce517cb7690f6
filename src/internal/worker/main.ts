// The entry of every worker of a pool, process or thread: serves its inbox. The program's own entry is never run here.
import { setDefaultStartMethod } from '../../start-method.js';
import { doorbell } from '../memory/doorbell.js';
import { enter } from './enter.js';
import { becomeChild } from './identity.js';
import type { WorkerDescriptor } from './launch.js';
import { Outbox } from './outbox.js';
import { writeWhole } from './process-output.js';
import { redirectOutput } from './thread-output.js';
import { TaskLoop } from './task-loop.js';

function main(): void {
  const { descriptor, arena, isThread, port } = enter<WorkerDescriptor>();
  becomeChild(descriptor.identity);
  // As in Python, what a worker starts is of its own kind unless it says otherwise.
  setDefaultStartMethod(isThread ? 'thread' : 'spawn');
  // Ctrl-C goes to the whole group of processes; the parent decides what becomes of its workers.
  if (!isThread) process.on('SIGINT', () => undefined);
  const outbox = new Outbox(arena, descriptor.outbox);
  redirectOutput(isThread ? (fd, bytes) => outbox.output(fd, bytes) : writeWhole);
  const bell = doorbell();
  const loop = new TaskLoop(arena, descriptor, outbox, bell, port);
  bell.hold();
  bell.watch(loop);
}

main();
