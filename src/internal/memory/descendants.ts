// Buries the children of a child that has ended: they end with it, but a moment later, and nobody is told of that.
import { arena } from './arena.js';
import { clearTimeout, setTimeout } from './timers.js';

// The kernel has signalled them by now; how long they take to end depends on the load of the machine. Whoever is missed
// by the last look is buried at the next end of a child.
const LOOKS_AFTER_MS = [5, 20, 80, 320, 1280];

let timer: NodeJS.Timeout | undefined;

/** Looks for dead participants several times in the next seconds. Called at the end of a child process. */
export function buryDescendants(): void {
  clearTimeout(timer);
  look(0);
}

function look(round: number): void {
  const ms = LOOKS_AFTER_MS[round];
  if (ms === undefined) return;
  timer = setTimeout(() => {
    arena().native.reap();
    look(round + 1);
  }, ms).unref();
}
