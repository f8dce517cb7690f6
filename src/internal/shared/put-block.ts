// Puts the block of an item that found no room: as soon as there is some, or never, and then the block is freed.
import { arena } from '../memory/arena.js';
import { SIDE } from '../memory/doorbell.js';
import { waitSync, type Attempt, type Limits, type WaitLine } from './wait-line.js';

/** Resolves when `put` has put the block; rejects with what `put` or `timedOut` throws. */
export async function putBlock(
  block: number,
  line: WaitLine,
  put: Attempt<undefined>,
  timedOut: () => never,
  limits: Limits,
): Promise<void> {
  try {
    await line.wait(put, timedOut, limits);
  } catch (error) {
    arena().native.free(block);
    throw error;
  }
}

/** The same, blocking this thread. */
export function putBlockSync(
  block: number,
  queue: number,
  put: Attempt<undefined>,
  timedOut: () => never,
  timeout: number | undefined,
): void {
  try {
    waitSync(queue, SIDE.PUT, put, timedOut, timeout);
  } catch (error) {
    arena().native.free(block);
    throw error;
  }
}
