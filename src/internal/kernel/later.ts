// Work that can wait until the call that needs it is on its way.
import { setTimeout } from '../memory/timers.js';

/** Jest takes a file that is loaded after the end of a test for a mistake of the test, and loads all anew for each file. */
const isPossible = process.env['JEST_WORKER_ID'] === undefined;

/**
 * Does `work` in a turn of the event loop of its own; not at all if the program ends before, or where files cannot be loaded
 * at any time. What it fails with is left to the call that cannot do without it.
 */
export function later(work: () => void): void {
  if (!isPossible) return;
  // An immediate that does not keep the program alive would wait for whatever wakes the event loop next.
  setTimeout(() => {
    try {
      work();
    } catch {
      // Nobody has asked for it yet.
    }
  }, 1).unref();
}
