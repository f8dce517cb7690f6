// workerpool, on threads or on child processes.
import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import { inChunks } from './in-chunks.mjs';

export function open(kind, workers) {
  const pool = workerpool.pool(fileURLToPath(new URL('workerpool-worker.cjs', import.meta.url)), {
    workerType: kind,
    minWorkers: workers,
    maxWorkers: workers,
    // JSON, the default between processes, loses typed arrays.
    forkOpts: { serialization: 'advanced' },
  });
  return {
    call: (task, value) => pool.exec(task, [value]),
    map: (task, items) =>
      inChunks(items, workers, (chunk) => pool.exec(task === 'increment' ? 'incrementAll' : task, [chunk])),
    close: () => pool.terminate(true),
  };
}
