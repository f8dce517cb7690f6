// poolifier, on threads or on processes of node:cluster.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FixedClusterPool, FixedThreadPool } from 'poolifier';
import { inChunks } from './in-chunks.mjs';

export function open(kind, workers) {
  const file = (name) => fileURLToPath(new URL(name, import.meta.url));
  const pool =
    kind === 'thread'
      ? new FixedThreadPool(workers, file('poolifier-thread.cjs'))
      : // JSON, the default between processes, loses typed arrays.
        new FixedClusterPool(workers, file('poolifier-process.cjs'), { settings: { serialization: 'advanced' } });
  return {
    call: (task, value) => pool.execute(value, task),
    map: (task, items) =>
      inChunks(items, workers, (chunk) => pool.execute(chunk, task === 'increment' ? 'incrementAll' : task)),
    // Its destroy() may wait for ever for a worker that had nothing to do yet.
    close: () => Promise.race([pool.destroy(), sleep(500)]),
  };
}
