// Runs single tasks: reads the frame, calls the function, writes the reply. Stays synchronous unless the function is not.
import { damagedMemory } from '../codec/codec-error.js';
import { encode, encodeItems } from '../codec/encode.js';
import { sizedList } from '../codec/sized-list.js';
import { FRAME_KIND } from '../engine/frame.js';
import { REPLY_HEADER_BYTES } from '../engine/messages.js';
import type { Batch } from '../engine/batch.js';
import { monotonicMs } from '../memory/clock.js';
import type { Arena } from '../memory/arena.js';
import { elementCalls, itemCalls, spreadCalls } from './element-calls.js';
import type { Frame, FrameReader } from './frame-reader.js';
import type { FunctionTable } from './function-table.js';
import type { ReplyPosition, ReplyWriter } from './reply-writer.js';

type Callable = (...args: unknown[]) => unknown;
type MaybePromise<T> = T | Promise<T>;

/** Where a worker is in a batch, and when it came there. */
export interface BatchProgress extends ReplyPosition {
  /** Where the frames end, from the start of the batch's payload. */
  readonly framesEnd: number;
  /** Whether the pool wants to know when each task starts. */
  readonly timed: boolean;
  /** The next frame, from the start of the batch's payload. */
  frameAt: number;
  announcedAt: number;
  /** How often the batch was put into the pool's queue. */
  announcements: number;
  /** monotonicMs() when the last task ended. */
  endedAt: number;
}

/** What a task gave, and how to write it into a reply. */
type Result =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'items'; readonly values: readonly unknown[] }
  | { readonly kind: 'each'; readonly values: unknown[]; readonly failures: [number, boolean, unknown][] }
  | { readonly kind: 'block'; readonly block: number; readonly length: number };

export class TaskRunner {
  readonly #arena: Arena;
  readonly #frames: FrameReader;
  readonly #functions: FunctionTable;
  readonly #replies: ReplyWriter;

  constructor(arena: Arena, frames: FrameReader, functions: FunctionTable, replies: ReplyWriter) {
    this.#arena = arena;
    this.#frames = frames;
    this.#functions = functions;
    this.#replies = replies;
  }

  /**
   * Runs the next task of a batch; a promise when it is asynchronous. What the task throws is its reply; throws or rejects
   * itself only when the batch is damaged.
   */
  run(batch: Batch, progress: BatchProgress): Promise<void> | undefined {
    const startedAt = monotonicMs();
    if (progress.timed) batch.startedAt = monotonicMs();
    const start = batch.start + progress.frameAt;
    const length = this.#frames.lengthAt(batch.u8, start, batch.start + progress.framesEnd);
    progress.frameAt += length;
    // Where a task begins depends on those before it: all of them must be whole.
    if (progress.done + 1 === progress.count && progress.frameAt !== progress.framesEnd)
      throw damagedMemory(`the tasks of a batch end at byte ${progress.frameAt}, not ${progress.framesEnd}`);
    try {
      const result = this.#perform(this.#frames.read(batch.u8, start, start + length));
      if (result instanceof Promise) {
        return result.then(
          (value) => this.#reply(batch, progress, startedAt, value),
          (error: unknown) => this.#threw(batch, progress, startedAt, error),
        );
      }
      this.#reply(batch, progress, startedAt, result);
    } catch (error) {
      this.#threw(batch, progress, startedAt, error);
    }
    return undefined;
  }

  /** Runs the call that a block holds, outside of any batch. */
  async runStandalone(block: number): Promise<void> {
    const { u8, start, end } = this.#arena.payload(block);
    await this.#perform(this.#frames.read(u8, start, end));
  }

  #reply(batch: Batch, progress: BatchProgress, startedAt: number, result: Result): void {
    progress.endedAt = monotonicMs();
    const micros = (progress.endedAt - startedAt) * 1000;
    const { done } = progress;
    try {
      switch (result.kind) {
        case 'value':
          this.#replies.ok(batch, progress, micros, (writer, context) => encode(result.value, writer, context));
          break;
        case 'items':
          this.#replies.ok(batch, progress, micros, (writer, context) =>
            encodeItems(result.values, 0, result.values.length, writer, context),
          );
          break;
        case 'each':
          this.#replies.each(batch, progress, micros, result.values, result.failures);
          break;
        case 'block':
          this.#replies.stored(batch, progress, micros, result.block, result.length);
      }
    } catch (error) {
      if (progress.done === done) this.#replies.unencodable(batch, progress, micros, error);
      else throw error;
    }
  }

  #threw(batch: Batch, progress: BatchProgress, startedAt: number, error: unknown): void {
    progress.endedAt = monotonicMs();
    this.#replies.threw(batch, progress, (progress.endedAt - startedAt) * 1000, error);
  }

  #perform(frame: Frame): MaybePromise<Result> {
    const fn = this.#functions.get(frame.definition, frame.values);
    return fn instanceof Promise ? fn.then((ready) => this.#call(ready, frame)) : this.#call(fn, frame);
  }

  #call(fn: Callable, frame: Frame): MaybePromise<Result> {
    switch (frame.kind) {
      case FRAME_KIND.CALL: {
        const value = fn(...(frame.items as readonly unknown[]));
        return isThenable(value)
          ? settled(value).then((awaited) => ({ kind: 'value', value: awaited }))
          : { kind: 'value', value };
      }
      case FRAME_KIND.ITEMS:
        return callItems(frame.spread ? spreadCalls(fn, frame) : itemCalls(fn, frame), frame.items.length);
      case FRAME_KIND.COLUMNS:
      case FRAME_KIND.LISTS:
        return callItems(elementCalls(fn, frame), frame.items.length);
      case FRAME_KIND.EACH:
        return callEach(fn, frame);
      default:
        return this.#callTyped(fn, frame);
    }
  }

  /** Writes the results of a typed chunk where the pool will read them. */
  #callTyped(fn: Callable, frame: Frame): MaybePromise<Result> {
    const { items, resultType: Results } = frame;
    const call = elementCalls(fn, frame);
    const count = items.length;
    const length = REPLY_HEADER_BYTES + count * Results.BYTES_PER_ELEMENT;
    const block = this.#arena.native.alloc(length);
    const { u8 } = this.#arena.segmentOf(block);
    const at = this.#arena.offsetOf(block) + this.#arena.headerBytes + REPLY_HEADER_BYTES;
    // One view for all element types: what is stored is converted as the type stores it.
    const results = new Results(u8.buffer as ArrayBuffer, at, count) as Float64Array;
    const done: Result = { kind: 'block', block, length };
    const from = (first: number): MaybePromise<Result> => {
      for (let i = first; i < count; i++) {
        const result = call(i);
        if (isThenable(result)) {
          return settled(result).then((value) => {
            results[i] = value as number;
            return from(i + 1);
          });
        }
        results[i] = result as number;
      }
      return done;
    };
    const discard = (error: unknown): never => {
      this.#arena.native.free(block);
      throw error;
    };
    try {
      const outcome = from(0);
      return outcome instanceof Promise ? outcome.catch(discard) : outcome;
    } catch (error) {
      return discard(error);
    }
  }
}

/** Makes every call of a chunk; the first failure ends it. */
function callItems(call: (i: number) => unknown, count: number): MaybePromise<Result> {
  const values = sizedList(count);
  const from = (first: number): MaybePromise<Result> => {
    for (let i = first; i < count; i++) {
      const value = call(i);
      if (isThenable(value)) {
        return settled(value).then((awaited) => {
          values[i] = awaited;
          return from(i + 1);
        });
      }
      values[i] = value;
    }
    return { kind: 'items', values };
  };
  return from(0);
}

/** Calls the function for every item; a failure is that item's. */
function callEach(fn: Callable, { items }: Frame): MaybePromise<Result> {
  const count = items.length;
  const values = sizedList(count);
  const failures: [number, boolean, unknown][] = [];
  const failed = (i: number, error: unknown): void => {
    failures.push([i, true, error]);
    values[i] = undefined;
  };
  const from = (first: number): MaybePromise<Result> => {
    for (let i = first; i < count; i++) {
      try {
        const value = fn(items[i]);
        if (isThenable(value)) {
          return settled(value)
            .then(
              (awaited) => {
                values[i] = awaited;
              },
              (error: unknown) => failed(i, error),
            )
            .then(() => from(i + 1));
        }
        values[i] = value;
      } catch (error) {
        failed(i, error);
      }
    }
    return { kind: 'each', values, failures };
  };
  return from(0);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/** A native promise for any thenable. */
function settled(value: PromiseLike<unknown>): Promise<unknown> {
  return value instanceof Promise ? value : Promise.resolve(value);
}
