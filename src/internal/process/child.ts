// A parent's hold on one started child: whether it lives, how it ended, and waiting for that.
import type { MessagePort } from 'node:worker_threads';
import type { StartMethod } from '../../start-method.js';
import { LAUNCHERS } from '../worker/launchers.js';
import type { ChildDescriptor, ExitStatus, LaunchOptions, Launched } from '../worker/launch.js';
import { signalNumber } from '../worker/signals.js';
import { printError } from './print-error.js';
import { monotonicMs } from '../memory/clock.js';

const SLICE_MS = 50;

export class Child {
  readonly #launched: Launched;
  readonly #isThread: boolean;
  readonly #name: string;
  readonly #listeners = new Set<() => void>();
  /** The signal that stopped a thread: threads have none of their own. */
  #stoppedBy = 0;
  #exitcode: number | null = null;
  #failure: unknown;
  #holds = 0;

  /** `onExit` is called first of all listeners. Throws when the system refuses at once. */
  constructor(
    method: StartMethod,
    descriptor: ChildDescriptor,
    options: LaunchOptions,
    onExit: (child: Child) => void,
  ) {
    this.#isThread = method === 'thread';
    this.#name = options.name;
    this.#listeners.add(() => onExit(this));
    this.#launched = LAUNCHERS[method](descriptor, options, (status) => this.#ended(status));
  }

  get pid(): number {
    return this.#launched.pid;
  }

  get threadId(): number {
    return this.#launched.threadId;
  }

  /** Brings SharedArrayBuffers. Threads only. */
  get port(): MessagePort | undefined {
    return this.#launched.port;
  }

  get streams(): Pick<Launched, 'stdin' | 'stdout' | 'stderr'> {
    return this.#launched;
  }

  /** Python's: null while it runs, negative signal number when a signal ended it. Asks the system. */
  get exitcode(): number | null {
    if (this.#exitcode === null) {
      const status = this.#launched.poll();
      if (status !== undefined) this.#ended(status);
    }
    return this.#exitcode;
  }

  /** Why the system could not start it. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Calls back once it has ended; at once when it has already. */
  onExit(listener: () => void): () => void {
    if (this.exitcode !== null) {
      listener();
      return () => undefined;
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps the event loop alive until it has ended or the matching `release`. */
  hold(): void {
    if (this.#holds++ === 0) this.#launched.ref();
  }

  release(): void {
    if (--this.#holds === 0) this.#launched.unref();
  }

  /** Blocks this thread until it has ended or the deadline (of monotonicMs()) has come. */
  waitUntil(deadline: number): void {
    while (this.exitcode === null) {
      const left = deadline - monotonicMs();
      if (left <= 0) return;
      this.#waitSlice(Math.min(SLICE_MS, left));
    }
  }

  // A function of its own: V8 looks for a pending termination at function entry, not at the back edge of a loop.
  #waitSlice(ms: number): void {
    this.#launched.waitSlice(ms);
  }

  signal(name: NodeJS.Signals): void {
    if (this.exitcode !== null) return;
    if (this.#isThread && this.#stoppedBy === 0) this.#stoppedBy = signalNumber(name);
    this.#launched.signal(name);
  }

  #ended({ exitCode, signal, error, isPrinted }: ExitStatus): void {
    // Its own stderr has ended, so this goes to ours; its end may be known long since to who blocked this thread for it.
    if (error !== undefined && isPrinted === false) printError(this.#name, error);
    if (this.#exitcode !== null) return;
    this.#failure = error;
    if (this.#stoppedBy !== 0) this.#exitcode = -this.#stoppedBy;
    else this.#exitcode = signal === null ? (exitCode ?? 1) & 0xff : -signalNumber(signal);
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }
}
