// Parts of a bench in processes of their own, and pools that have loaded what they need.
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ThreadPool } from '../../dist/index.mjs';

/** Long enough for a pool to load ahead. */
const IDLE_MS = 300;

/** What a program prints as JSON; `url` is that of its file. */
export function answerOf(url, args, nodeFlags = []) {
  const ran = spawnSync(process.execPath, [...nodeFlags, fileURLToPath(url), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (ran.status !== 0) throw new Error(`${args.join(' ')} ended with ${ran.status ?? ran.signal}`);
  return JSON.parse(ran.stdout);
}

/** A pool that had nothing to do for a while. */
export async function idlePool(threads) {
  const pool = await ThreadPool.create(threads);
  await pause(IDLE_MS);
  return pool;
}
