// The process that one is in, its parent, and its living children, as Python's functions of these names give them.
import { inspect, types } from 'node:util';
import { limited, type WaitOptions } from './internal/job/time-limit.js';
import { livingChildren } from './internal/process/children.js';
import { isParentAlive, onParentExit } from './internal/process/parent.js';
import { Sentinel } from './internal/process/sentinel.js';
import { identity } from './internal/worker/identity.js';
import { wrongType } from './internal/validate.js';
import type { Process } from './process.js';
import { waitOptions } from './internal/shared/wait-options.js';

/** The process that asks: the program itself, a Process, or a worker of a pool. */
export interface CurrentProcess {
  /** `MainProcess` in the program that the user started. */
  name: string;
  /** The key that children inherit. */
  authkey: Uint8Array;
  readonly pid: number;
  readonly daemon: boolean;
  readonly exitcode: null;
  isAlive(): true;
  /** Does nothing, as in Python. */
  close(): void;
}

/** The process that started this one. */
export interface ParentProcess {
  readonly name: string;
  readonly pid: number;
  /** Asks the system. Always true for the parent of a thread, which ends with it. */
  isAlive(): boolean;
  /** Waits for the parent's end; false after `timeout` ms. */
  join(options?: WaitOptions): Promise<boolean>;
  /** For `wait([...])`: ready when the parent has ended. */
  readonly sentinel: Sentinel;
}

const current: CurrentProcess & { [inspect.custom](): string } = {
  get name() {
    return identity().name;
  },
  set name(name) {
    if (typeof name !== 'string') throw wrongType('name', 'a string', name);
    identity().name = name;
  },
  get authkey() {
    return identity().authkey;
  },
  set authkey(key) {
    if (!types.isUint8Array(key)) throw wrongType('authkey', 'a Uint8Array', key);
    identity().authkey = Uint8Array.from(key);
  },
  get pid() {
    return process.pid;
  },
  get daemon() {
    return identity().daemon;
  },
  exitcode: null,
  isAlive: () => true,
  close: () => undefined,
  /** As Python prints it: `<MainProcess pid=4711 started>`. */
  [inspect.custom]: () => `<${identity().name} pid=${process.pid} started${identity().daemon ? ' daemon' : ''}>`,
};

// A program may log it as JSON, which is no place for a key.
Object.defineProperty(current, 'authkey', { enumerable: false });

/**
 * The process that asks. In the program that the user started its name is `MainProcess`.
 *
 * @example
 * console.log(`${currentProcess().name} begins`);
 */
export function currentProcess(): CurrentProcess {
  return current;
}

let parent: ParentProcess | null | undefined;

/**
 * The process that started this one; null in the program that the user started.
 *
 * @example
 * // in a non-daemonic child: go on until the parent is gone
 * while (parentProcess()?.isAlive()) await work();
 */
export function parentProcess(): ParentProcess | null {
  const given = identity().parent;
  parent ??=
    given === undefined
      ? null
      : {
          name: given.name,
          pid: given.pid,
          isAlive: isParentAlive,
          join: async (options) =>
            await limited(
              onParentExit,
              () => true,
              () => false,
              waitOptions(options),
            ),
          sentinel: new Sentinel(() => !isParentAlive(), onParentExit),
        };
  return parent;
}

/**
 * The children of this process that live, in a fresh list, oldest first. Grandchildren and workers of pools are not
 * among them.
 */
export function activeChildren(): Process[] {
  // Only `Process` adds to the list.
  return livingChildren() as Process[];
}

/** Does nothing: a child never runs the program's entry again, so that no program needs the guard that Python's do. */
export function freezeSupport(): void {
  // Kept so that translated programs run unchanged.
}
