// What the two start methods have in common: how a child is asked for and what its parent gets to hold.
import type { StdioOptions } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { MessagePort, ResourceLimits } from 'node:worker_threads';
import type { ChildIdentity } from './identity.js';

/** Descriptors that a child process inherits, beside its standard streams. */
export const INHERITED = { ARENA: 3, BELL: 4, BELL_WRITE: 5, PARENT_BELL: 6, PARENT_LIFE: 7 } as const;

/**
 * Words that a thread shares with its parent, so that its exit code is known while the parent's event loop is blocked.
 * PRINTED: it has told of the uncaught error that ends it.
 */
export const EXIT_WORD = { EXITING: 0, CODE: 1, NEVER: 2, PRINTED: 3, COUNT: 4 } as const;

/** How a child ended. */
export interface ExitStatus {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The uncaught error that ended it, where the system tells. */
  readonly error?: unknown;
  /** False for a thread that did not print that error itself: it could not start, or had no memory left. */
  readonly isPrinted?: boolean;
}

/** What every child is told at its start, as text; everything else comes through the arena. */
export interface ChildDescriptor {
  /** Its place in the participant table, reserved by the parent. */
  readonly reservation: number;
  /** The file of the native addon, so that the child need not look for it. */
  readonly binary: string;
  readonly parentPid: number;
  readonly parentEntry: number;
  /** Processes only: the kernel ends it when its parent ends. */
  readonly diesWithParent: boolean;
}

/** What a worker of a pool is told. */
export interface WorkerDescriptor extends ChildDescriptor {
  /** Its queue of messages from the pool. */
  readonly inbox: number;
  /** The pool's queue of replies. */
  readonly outbox: number;
  readonly identity: ChildIdentity;
  /** Its first message is an initializer; it is ready when that has succeeded. */
  readonly initializes: boolean;
  /** Report memory after each batch: 'rss' of a process, 'heap' of a thread. */
  readonly memory: 'rss' | 'heap' | null;
}

export interface LaunchOptions {
  /** The file that the child runs. */
  readonly main: string;
  readonly env: Record<string, string | undefined> | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly name: string;
  /** Standard input, output and error; by default nothing, and the parent's. */
  readonly stdio?: StdioOptions | undefined;
  /** Gives a child process a socket that ends when its parent does, at `INHERITED.PARENT_LIFE`. */
  readonly watchesParent?: boolean;
}

/** A child that was started. Its owner reaps it when `onExit` is called. */
export interface Launched {
  /** 0 when the system could not start it; `onExit` tells why. */
  readonly pid: number;
  /** 0 for a process. */
  readonly threadId: number;
  /** Stops it at once, also in a busy loop. */
  kill(): void;
  /** Sends a signal. A thread knows none: it is stopped. */
  signal(name: NodeJS.Signals): void;
  /** Keeps the event loop alive until it has exited. */
  ref(): void;
  unref(): void;
  /** The exit status, asked of the system without the event loop; undefined while it runs or when it cannot be told. */
  poll(): ExitStatus | undefined;
  /** Blocks this thread until the child may have exited, at most one slice. */
  waitSlice(ms: number): void;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Brings SharedArrayBuffers. Threads only. */
  readonly port?: MessagePort;
}

export type Launch = (
  descriptor: ChildDescriptor,
  options: LaunchOptions,
  onExit: (status: ExitStatus) => void,
) => Launched;
