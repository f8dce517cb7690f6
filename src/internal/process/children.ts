// The living children of this environment, and what becomes of them when its program ends.
import type { Child } from './child.js';

interface Member {
  readonly child: Child;
  readonly daemon: boolean;
  /** The public object. */
  readonly owner: object;
}

const living = new Map<Child, Member>();
let installed = false;

export function addChild(child: Child, daemon: boolean, owner: object): void {
  install();
  living.set(child, { child, daemon, owner });
}

export function removeChild(child: Child): void {
  living.delete(child);
}

/** The owners of the children that live, oldest first. */
export function livingChildren(): object[] {
  const alive = [...living.values()].filter(({ child }) => child.exitcode === null);
  return alive.map(({ owner }) => owner);
}

/**
 * As in Python: when the program has nothing left to do, daemonic children are stopped and the others are joined.
 * `process.exit()` does not wait; it stops the daemonic ones, and what ignores that dies with this process.
 */
function install(): void {
  if (installed) return;
  installed = true;
  process.on('beforeExit', () => {
    stopDaemons();
    for (const { child, daemon } of living.values()) if (!daemon) child.hold();
  });
  process.on('exit', stopDaemons);
}

function stopDaemons(): void {
  for (const { child, daemon } of living.values()) if (daemon) child.signal('SIGTERM');
}
