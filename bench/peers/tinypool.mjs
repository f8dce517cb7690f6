// tinypool, on threads or on child processes.
import { Tinypool } from 'tinypool';
import { inChunks } from './in-chunks.mjs';

export function open(kind, workers, { many = false } = {}) {
  const pool = new Tinypool({
    filename: new URL('tasks.cjs', import.meta.url).href,
    runtime: kind === 'thread' ? 'worker_threads' : 'child_process',
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: many ? 16 : 1,
    // JSON, the default between processes, loses typed arrays.
    serialization: 'advanced',
  });
  return {
    call: (task, value) => pool.run(value, { name: task }),
    map: (task, items) =>
      inChunks(items, workers, (chunk) => pool.run(chunk, { name: task === 'increment' ? 'incrementAll' : task })),
    close: () => pool.destroy(),
  };
}
