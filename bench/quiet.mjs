// How much of the machine others use, measured while all contestants are idle.
import { setTimeout as sleep } from 'node:timers/promises';
import { processorSeconds } from './system.mjs';

const WINDOW_MS = 150;
const QUIET = 0.05;
const LONGEST_WAIT_MS = 1000;

async function foreignShare() {
  const before = processorSeconds();
  await sleep(WINDOW_MS);
  const after = processorSeconds();
  return (after.busy - before.busy) / Math.max(0.01, after.total - before.total);
}

/** Waits a few seconds for a quiet moment; the share of all processors that others used in the last look. */
export async function quietMoment() {
  const end = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    const share = await foreignShare();
    if (share <= QUIET || performance.now() > end) return share;
  }
}
