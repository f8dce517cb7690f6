// One task of a pool, from its submission until it is settled: its encoded frame, its options and its place in a batch.
import type { Definition } from '../function/definition.js';
import type { NumberedBuffer } from '../worker/shared-buffers.js';
import type { TypedArray } from './engine.js';
import { FRAME_KIND } from './frame.js';
import type { InFlight } from './in-flight.js';
import type { ResultList } from './result-list.js';

/** Legal: queued -> sent -> settled; sent -> queued when it is taken back or retried; queued -> settled when it is cancelled. */
export type TaskState = 'queued' | 'sent' | 'settled';

/** What the pool says about a task besides the frame; may be shared by many tasks. */
export interface TaskOptions {
  readonly priority: number;
  /** How often to run the task again when its worker dies. */
  readonly retries: number;
  /** Longest run time in ms; undefined: no limit. */
  readonly timeoutMs: number | undefined;
}

/** A large binary of the frame in a block of its own; the tag tells it from a later use of the same block. */
export interface Attachment {
  readonly block: number;
  readonly tag: number;
}

/** Who is told how the task ended; exactly one of the two is called, once. */
export interface TaskListener {
  fulfilled(value: unknown, task: Task): void;
  rejected(error: unknown, task: Task, origin: ErrorOrigin): void;
}

/**
 * Where an error comes from. `task`: the function threw it in the worker; `pool`: made here for this task alone, as
 * its death or time-out; `given`: somebody else's, such as the reason of a signal, which may end many tasks.
 */
export type ErrorOrigin = 'task' | 'pool' | 'given';

export class Task {
  state: TaskState = 'queued';
  readonly definition: Definition;
  /** The frame: `bytes[start, end)`, shared with the tasks that were encoded around it. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Block that holds the frame when it is too large for a batch; 0: none. */
  block = 0;
  attachments: readonly Attachment[] | undefined;
  /** The SharedArrayBuffers in the frame, for whichever thread gets it. */
  sharedBuffers: readonly NumberedBuffer[] | undefined;
  /** The kind of its frame, which is also how its reply is read. */
  kind: number = FRAME_KIND.CALL;
  /** Where the results of a chunk go. */
  place: { readonly target: TypedArray | ResultList; readonly start: number; readonly count: number } | undefined;
  options: TaskOptions;
  readonly listener: TaskListener;
  /** monotonicMs() at submission. */
  readonly submittedAt: number;
  /** The batch it was sent in, and its number there. */
  inFlight: InFlight | undefined;
  index = 0;

  constructor(definition: Definition, options: TaskOptions, listener: TaskListener, submittedAt: number) {
    this.definition = definition;
    this.options = options;
    this.listener = listener;
    this.submittedAt = submittedAt;
    this.bytes = EMPTY;
    this.start = 0;
    this.end = 0;
  }
}

const EMPTY = new Uint8Array(0);
