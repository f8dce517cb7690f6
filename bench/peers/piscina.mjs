// Piscina, threads only.
import Piscina from 'piscina';
import { inChunks } from './in-chunks.mjs';

export function open(_kind, workers, { many = false } = {}) {
  const pool = new Piscina({
    filename: new URL('tasks.cjs', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    // Several tasks at a worker hide the way there and back when there are many; one at a time is its default.
    concurrentTasksPerWorker: many ? 16 : 1,
  });
  return {
    call: (task, value) => pool.run(value, { name: task }),
    map: (task, items) =>
      inChunks(items, workers, (chunk) => pool.run(chunk, { name: task === 'increment' ? 'incrementAll' : task })),
    close: () => pool.destroy(),
  };
}
