// The kinds of message between a pool and its workers, as the KIND word of a block's header, and what the other words mean.

/** Pool to worker. */
export const TO_WORKER = {
  /** A leased block laid out as in batch.ts. */
  BATCH: 1,
  /** Payload: { id, body } of a function. Sent before the first batch that uses it. */
  DEFINE: 2,
  /** Payload: the initializer, as a task's frame; answered by READY or INITIALIZER_FAILED. */
  INITIALIZE: 3,
  /** Finish what came before, then exit. */
  CLOSE: 4,
  /** Send PROBED when what came before is finished. Header word 6: its number, for the answer. */
  PROBE: 7,
} as const;

/** Worker to pool. */
export const TO_POOL = {
  /** The worker runs and its initializer (if any) has succeeded. */
  READY: 16,
  /** Payload: what the initializer threw. */
  INITIALIZER_FAILED: 17,
  /** A batch of which some replies are new, or which is finished; the block of the batch itself. */
  PROGRESS: TO_WORKER.BATCH,
  /** A reply too large for its batch. Header words: 6 = block of the batch, 7 = number of the task in it. */
  REPLY: 18,
  /** Payload: text that a worker thread wrote. Header word 6: file descriptor, 1 or 2. */
  OUTPUT: 19,
  /** Payload: { task, error }: an unhandled rejection or uncaught exception in the worker. */
  FAULT: 20,
  /** The answer to a PROBE, in its block. */
  PROBED: 24,
} as const;

/** Header words of a REPLY, after those that the arena uses. */
export const REPLY_WORD = { BATCH: 6, INDEX: 7 } as const;
/** Header word of a PROBE and a PROBED. */
export const PROBE_WORD = { NUMBER: 6 } as const;
/** Header word of an OUTPUT. */
export const OUTPUT_WORD = { FD: 6 } as const;

/** The status of a reply: low byte of its first word; the rest is the run time in microseconds, at most 2^24 - 1. */
export const STATUS = {
  /** The value follows. */
  OK: 0,
  /** What was thrown follows. */
  THREW: 1,
  /** The result could not be encoded; the DataCloneError follows. */
  UNENCODABLE: 2,
  /** The reply came in a REPLY message. */
  ELSEWHERE: 3,
} as const;

export const REPLY_HEADER_BYTES = 8;
export const LONGEST_MICROS = 0xff_ffff;
