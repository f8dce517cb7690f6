// A process (or thread) of one's own that runs one function: Python's Process.
import type { Readable, Writable } from 'node:stream';
import { inspect, types } from 'node:util';
import { ProcessError, StateError } from './errors.js';
import { copyOf } from './internal/codec/copy.js';
import { stayHere } from './internal/codec/kinds.js';
import { captureTask, type Captured } from './internal/function/capture.js';
import { limited, type WaitOptions } from './internal/job/time-limit.js';
import { captureInstance } from './internal/process/capture-instance.js';
import type { Child } from './internal/process/child.js';
import { launchChild, type ChildPlan } from './internal/process/launch-child.js';
import { logger } from './internal/process/log.js';
import { childSentinel, type Sentinel } from './internal/process/sentinel.js';
import { signalName } from './internal/worker/signals.js';
import { identity, nextChildPath } from './internal/worker/identity.js';
import { wrongType } from './internal/validate.js';
import { processSettings, type LaunchOptions, type ProcessOptions, type TargetOptions } from './process-options.js';
import { defaultStartMethod, type StartMethod } from './start-method.js';
import type { Task } from './task.js';
import { blockingOptions, waitOptions } from './internal/shared/wait-options.js';
import { monotonicMs } from './internal/memory/clock.js';

/**
 * Legal: initial -> starting -> started -> closed, initial -> closed; starting -> initial when the start failed.
 * `self`: the object stands for the child that it runs in.
 */
type State = 'initial' | 'starting' | 'started' | 'closed' | 'self';

/** Set while a child makes the instance that stands for itself. */
let becoming = false;

/**
 * A child that runs `target(...args)`, or the `run()` of a subclass.
 *
 * It ends when the function's promise has settled and nothing that keeps an event loop alive is left. An error of the
 * function is printed on stderr and makes the exit code 1. Daemonic children end with their parent; the others are joined
 * at the end of the program.
 *
 * @example
 * const child = new Process({ target: (name) => console.log(`hello ${name}`), args: ['Ann'] });
 * await child.start();
 * await child.join(); // 0
 */
export class Process<A extends unknown[] = never[]> {
  readonly #options: LaunchOptions;
  readonly #path: readonly number[];
  #target: Task | undefined;
  #args: readonly unknown[];
  #state: State;
  #name: string;
  #daemon: boolean;
  #authkey: Uint8Array;
  #child: Child | undefined;
  #sentinel: Sentinel | undefined;

  /** @throws TypeError for options of the wrong type */
  constructor(options: TargetOptions<A>);
  constructor(options?: ProcessOptions);
  constructor(options?: ProcessOptions) {
    const { target, args, name, daemon, launch } = processSettings(options);
    this.#target = target;
    this.#args = args;
    this.#options = launch;
    this.#state = becoming ? 'self' : 'initial';
    this.#path = becoming ? identity().path : nextChildPath();
    this.#name = name || `${new.target.name || 'Process'}-${this.#path.join(':')}`;
    this.#daemon = daemon ?? identity().daemon;
    this.#authkey = Uint8Array.from(identity().authkey);
  }

  /** Where the child lives; the classes of a context have theirs. */
  protected get startMethod(): StartMethod {
    return defaultStartMethod();
  }

  /** What the child does: calls `target(...args)`, unless a subclass does something else. */
  run(): unknown {
    const target = this.#target;
    if (target === undefined) return undefined;
    if (typeof target !== 'function') throw new StateError('Only the child can call a target that is a reference');
    return target(...(this.#args as never[]));
  }

  /**
   * Starts the child; resolves when it exists.
   *
   * @throws StateError when it was started before, or by a daemonic process; CaptureError, DataCloneError; ProcessError
   *   when the system cannot start it
   */
  async start(): Promise<void> {
    const plan = this.#plan();
    this.#state = 'starting';
    try {
      const captured = this.#capture();
      if (captured instanceof Promise) plan.args = copyOf(plan.args, 'args', plan.method === 'thread');
      const child = this.#launch(plan, captured instanceof Promise ? await captured : captured);
      if (child.pid === 0) {
        await new Promise<void>((resolve) => void child.onExit(resolve));
        throw new ProcessError('The system cannot start the process', { cause: child.failure });
      }
    } catch (error) {
      this.#state = 'initial';
      throw error;
    }
  }

  /**
   * `start` without a promise.
   *
   * @throws StateError also for a function that may be an export of a module which is not loaded here yet: use `start`
   */
  startSync(): void {
    const plan = this.#plan();
    const captured = this.#capture();
    if (captured instanceof Promise) {
      captured.catch(() => undefined); // the StateError below says what to do instead
      throw new StateError(
        'How the target crosses is known only after its module was looked at: use start() or { module, name }',
      );
    }
    const child = this.#launch(plan, captured);
    if (child.pid === 0) throw new ProcessError('The system cannot start the process', { cause: child.failure });
  }

  /**
   * Waits for the child's end; resolves to its exit code, or to null after `timeout` ms.
   *
   * @throws StateError before `start`
   */
  async join(options?: WaitOptions): Promise<number | null> {
    const limits = waitOptions(options);
    const child = this.#started('join');
    child.hold();
    try {
      const exitcode = (): number | null => child.exitcode;
      return await limited((settle) => child.onExit(settle), exitcode, exitcode, limits);
    } finally {
      child.release();
    }
  }

  /** `join` that blocks this thread. */
  joinSync(options?: Omit<WaitOptions, 'signal'>): number | null {
    const { timeout } = blockingOptions(options);
    const child = this.#started('join');
    child.waitUntil(monotonicMs() + (timeout ?? Infinity));
    return child.exitcode;
  }

  /** Whether it was started and has not ended. */
  isAlive(): boolean {
    this.#checkOpen();
    if (this.#state === 'self') return true;
    return this.#child !== undefined && this.#child.exitcode === null;
  }

  /** Sends SIGTERM; a thread is stopped. Does nothing after its end. @throws StateError before `start` */
  terminate(): void {
    this.#started('terminate').signal('SIGTERM');
  }

  /** Sends SIGKILL; a thread is stopped. */
  kill(): void {
    this.#started('kill').signal('SIGKILL');
  }

  /** Sends SIGINT, which ends a child without a handler of its own; a thread is stopped. */
  interrupt(): void {
    this.#started('interrupt').signal('SIGINT');
  }

  /** Forgets the child; afterwards only `name` can be read. @throws StateError while it is running */
  close(): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'self' || this.#state === 'starting' || this.#child?.exitcode === null)
      throw new StateError('The process is still running: join() or terminate() it before close()');
    this.#state = 'closed';
    this.#child = undefined;
    this.#sentinel = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Undefined before `start`; that of this process for a thread. */
  get pid(): number | undefined {
    this.#checkOpen();
    return this.#state === 'self' ? process.pid : this.#child?.pid;
  }

  /** Null before its end; negative signal number when a signal ended it. */
  get exitcode(): number | null {
    this.#checkOpen();
    return this.#child?.exitcode ?? null;
  }

  /** For `wait([...])`: ready when the child has ended. @throws StateError before `start` */
  get sentinel(): Sentinel {
    const child = this.#started('wait for');
    this.#sentinel ??= childSentinel(child);
    return this.#sentinel;
  }

  /** Shown in messages and logs. */
  get name(): string {
    return this.#state === 'self' ? identity().name : this.#name;
  }

  set name(name: string) {
    if (typeof name !== 'string') throw wrongType('name', 'a string', name);
    if (this.#state === 'self') identity().name = name;
    else this.#name = name;
  }

  /** Whether it ends with its parent, and may have no children of its own. */
  get daemon(): boolean {
    return this.#daemon;
  }

  /** @throws StateError after `start` */
  set daemon(daemon: boolean) {
    if (typeof daemon !== 'boolean') throw wrongType('daemon', 'a boolean', daemon);
    if (this.#state !== 'initial') throw new StateError('`daemon` can be set before start() only');
    this.#daemon = daemon;
  }

  /** The key that children inherit and that authenticates connections. */
  get authkey(): Uint8Array {
    return this.#authkey;
  }

  set authkey(key: Uint8Array) {
    if (!types.isUint8Array(key)) throw wrongType('authkey', 'a Uint8Array', key);
    this.#authkey = Uint8Array.from(key);
  }

  /** Writes to the child; null unless `stdio` says 'pipe'. */
  get stdin(): Writable | null {
    return this.#child?.streams.stdin ?? null;
  }

  /** What the child prints; null unless `stdio` says 'pipe'. */
  get stdout(): Readable | null {
    return this.#child?.streams.stdout ?? null;
  }

  /** What the child prints on stderr; null unless `stdio` says 'pipe'. */
  get stderr(): Readable | null {
    return this.#child?.streams.stderr ?? null;
  }

  /** As Python prints it: `<Process name='Process-1' pid=4711 parent=4710 started>`. */
  [inspect.custom](): string {
    const exitcode = this.#child?.exitcode ?? null;
    const status = this.#state === 'started' && exitcode !== null ? 'stopped' : this.#state;
    const parts = [`${this.constructor.name} name='${this.name}'`];
    if (this.#child !== undefined) parts.push(`pid=${this.#child.pid} parent=${process.pid}`);
    parts.push(status);
    if (exitcode !== null) parts.push(`exitcode=${exitcode < 0 ? `-${signalName(-exitcode) ?? -exitcode}` : exitcode}`);
    if (this.#daemon) parts.push('daemon');
    return `<${parts.join(' ')}>`;
  }

  #checkOpen(): void {
    if (this.#state === 'closed') throw new StateError('The process object is closed');
  }

  #started(verb: string): Child {
    this.#checkOpen();
    if (this.#state === 'self') throw new StateError(`A process cannot ${verb} itself`);
    if (this.#child === undefined) throw new StateError(`Cannot ${verb} a process that was not started`);
    return this.#child;
  }

  /** What is to be started, as it is now. */
  #plan(): ChildPlan & { args: readonly unknown[] } {
    this.#checkOpen();
    if (this.#state !== 'initial') throw new StateError('A process can be started only once');
    if (identity().daemon) throw new StateError('A daemonic process may not have children');
    return {
      method: this.startMethod,
      name: this.#name,
      path: this.#path,
      daemon: this.#daemon,
      authkey: this.#authkey,
      args: this.#args,
      ...this.#options,
    };
  }

  /** The function that the child calls with the arguments. */
  #capture(): Captured | Promise<Captured> {
    const target = this.#target;
    if (this.run === Process.prototype.run) return captureTask(target ?? nothing);
    return captureInstance(runSubclass, this.constructor, Object.assign({}, this), target, Process);
  }

  /** The child; its pid is 0, and this object as it was, when the system cannot start it. */
  #launch(plan: ChildPlan, captured: Captured): Child {
    const child = launchChild(plan, captured, this);
    if (child.pid === 0) return child;
    this.#child = child;
    this.#state = 'started';
    // As in Python, so that what the child has is not kept alive here too.
    this.#target = undefined;
    this.#args = [];
    logger.debug(`started ${plan.name} with pid ${child.pid}`);
    return child;
  }
}

stayHere(Process);

/** What a child without a target does. */
function nothing(): void {
  // There is nothing to call.
}

/**
 * In the child: makes the instance that stands for it, as its parent had it, and runs it. The constructor of the subclass
 * is not called.
 *
 * @internal
 */
export function runSubclass(Class: Function, fields: object, target: Task | undefined, args: unknown[]): unknown {
  const { daemon } = identity();
  becoming = true;
  let instance: Process;
  try {
    instance = Reflect.construct(
      Process,
      [{ args, daemon, ...(target === undefined ? {} : { target }) }],
      Class,
    ) as Process;
  } finally {
    becoming = false;
  }
  return Object.assign(instance, fields).run();
}
