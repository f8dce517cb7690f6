// What the two start methods have in common: how a pool asks for a worker and what it gets to hold.
import type { ResourceLimits } from 'node:worker_threads';

/** How a worker ended. */
export interface ExitStatus {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The uncaught error that ended it, where the system tells. */
  readonly error?: unknown;
}

/** What a worker is told at its start, as text; everything else comes through its queue. */
export interface WorkerDescriptor {
  /** Its entry in the participant table, reserved by the parent. */
  readonly entry: number;
  /** Its queue of messages from the pool. */
  readonly inbox: number;
  /** The pool's queue of replies. */
  readonly outbox: number;
  readonly parentPid: number;
  readonly parentEntry: number;
  /** Its first message is an initializer; it is ready when that has succeeded. */
  readonly initializes: boolean;
  /** Report memory after each batch: 'rss' of a process, 'heap' of a thread. */
  readonly memory: 'rss' | 'heap' | null;
}

export interface LaunchOptions {
  readonly env: Record<string, string> | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly name: string;
}

/** A worker that was started. Its owner is the pool's WorkerSlot, which reaps it when `onExit` is called. */
export interface Launched {
  readonly pid: number;
  /** 0 for a process. */
  readonly threadId: number;
  /** Stops it at once, also in a busy loop. */
  kill(): void;
  /** Keeps the event loop alive until it has exited. */
  ref(): void;
  unref(): void;
  /** The exit status, asked of the system without the event loop; undefined while it runs or when it cannot be told. */
  poll(): ExitStatus | undefined;
}

export type Launch = (
  descriptor: WorkerDescriptor,
  options: LaunchOptions,
  onExit: (status: ExitStatus) => void,
) => Launched;
