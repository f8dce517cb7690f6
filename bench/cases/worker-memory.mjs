// Resident memory of one worker that has run a task: of a process beyond a bare `node`, of a thread beyond its process without.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, residentBytes } from '../system.mjs';
import { expect } from '../expect.mjs';

const MEGABYTE = 1e6;

/** Resident bytes of a node process that waits and does nothing else. */
async function bareNode() {
  const child = spawn(process.execPath, ['-e', 'console.log(); setInterval(() => {}, 1e6)'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await sleep(100);
  const bytes = residentBytes(child.pid);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  return bytes;
}

export default {
  title: 'Memory of a worker beyond a bare node',
  unit: 'MB',
  better: 'lower',
  bar: { limit: 12, kind: 'process' },
  peers: ['manyhands', 'piscina', 'tinypool', 'workerpool', 'poolifier'],
  fresh: true,
  rounds: 5,
  start({ open, kind }) {
    let pool;
    return {
      async round() {
        const bare = await bareNode();
        const before = residentBytes(process.pid);
        pool = open();
        for (let n = 0; n < 20; n++) expect(await pool.call('increment', n), n + 1);
        await Promise.all([pool.call('increment', 1), pool.call('increment', 2)]);
        await sleep(300);
        if (kind === 'thread') return [(residentBytes(process.pid) - before) / 2 / MEGABYTE];
        return childrenOf(process.pid).map((pid) => (residentBytes(pid) - bare) / MEGABYTE);
      },
      close: () => pool.close(),
    };
  },
};
