// Runs a function over a whole collection: cuts it into chunks, submits them at once, and puts the results together.
import { onceAborted } from '../abort-listeners.js';
import type { TypedArray } from '../engine/engine.js';
import { ResultList } from '../engine/result-list.js';
import type { Captured } from '../function/capture.js';
import { argumentsByPlace } from './argument-lists.js';
import type { Job } from './job.js';
import type { ProgressReport } from './progress.js';

/** How a map ends; exactly one of the two is called, once. */
export interface MapOutcome {
  fulfilled(results: unknown[] | TypedArray): void;
  rejected(error: unknown): void;
}

export interface MapSettings {
  readonly chunksize: number;
  /** Each item is the argument list (starmap). */
  readonly spread: boolean;
  readonly progress: ProgressReport | undefined;
}

// A chunk of a typed array that lies within one segment of the arena is read and written in place.
const LARGEST_TYPED_CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Lets a call end once: by its outcome, by its signal or by `cancel`, which rejects with the reason whatever had failed
 * before, and then stops what still runs.
 */
export function endOnce(
  signal: AbortSignal | undefined,
  outcome: MapOutcome,
  stop: (error: unknown) => void,
): { readonly outcome: MapOutcome; cancel(error: unknown): void } {
  let ended = false;
  const end = (tell: () => void): boolean => {
    if (ended) return false;
    ended = true;
    unlisten?.();
    tell();
    return true;
  };
  const cancel = (error: unknown): void => {
    if (end(() => outcome.rejected(error))) stop(error);
  };
  const unlisten = signal === undefined ? undefined : onceAborted(signal, () => cancel(signal.reason));
  return {
    outcome: {
      fulfilled: (results) => void end(() => outcome.fulfilled(results)),
      rejected: (error) => void end(() => outcome.rejected(error)),
    },
    cancel,
  };
}

/** Waits for every chunk, also after a failure, then reports the first error it received. */
class Gathering {
  readonly #outcome: MapOutcome;
  readonly #settings: MapSettings;
  readonly #finish: () => unknown[] | TypedArray;
  #chunks: number;
  #done = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(settings: MapSettings, chunks: number, finish: () => unknown[] | TypedArray, outcome: MapOutcome) {
    this.#settings = settings;
    this.#chunks = chunks;
    this.#finish = finish;
    this.#outcome = outcome;
  }

  chunkFulfilled(items: number): void {
    this.#done += items;
    this.#settings.progress?.advance(this.#done);
    this.#chunkEnded();
  }

  chunkRejected(error: unknown): void {
    this.#failure ??= { error };
    this.#chunkEnded();
  }

  #chunkEnded(): void {
    if (--this.#chunks > 0) return;
    this.#settings.progress?.end();
    if (this.#failure === undefined) this.#outcome.fulfilled(this.#finish());
    else this.#outcome.rejected(this.#failure.error);
  }
}

/** Throws DataCloneError, before any result, when an item cannot be copied; what was submitted by then is cancelled. */
export function mapItems(
  job: Job,
  captured: Captured,
  items: readonly unknown[],
  settings: MapSettings,
  outcome: MapOutcome,
): void {
  const { chunksize, spread } = settings;
  const count = items.length;
  const target = new ResultList(count);
  const gathering = new Gathering(settings, Math.ceil(count / chunksize), () => target.all(), outcome);
  submitAll(job, count, chunksize, (start, end) => {
    const lists = spread ? argumentsByPlace(items, start, end) : undefined;
    job.submit(
      captured,
      lists === undefined
        ? { kind: 'items', items, start, end, spread, each: false, target }
        : { kind: 'lists', lists, start: 0, end: end - start, target, place: start },
      {
        fulfilled: () => gathering.chunkFulfilled(end - start),
        rejected: (error) => gathering.chunkRejected(error),
      },
    );
  });
}

/** The same over lists side by side, all at least `count` long: `fn(...lists)` for each place. */
export function mapLists(
  job: Job,
  captured: Captured,
  lists: readonly ArrayLike<unknown>[],
  count: number,
  settings: MapSettings,
  outcome: MapOutcome,
): void {
  const { chunksize } = settings;
  const target = new ResultList(count);
  const gathering = new Gathering(settings, Math.ceil(count / chunksize), () => target.all(), outcome);
  submitAll(job, count, chunksize, (start, end) => {
    job.submit(
      captured,
      { kind: 'lists', lists, start, end, target, place: start },
      {
        fulfilled: () => gathering.chunkFulfilled(end - start),
        rejected: (error) => gathering.chunkRejected(error),
      },
    );
  });
}

/** The same over typed arrays side by side; `out` stores results as its type does, without it they are listed. */
export function mapColumns(
  job: Job,
  captured: Captured,
  columns: readonly TypedArray[],
  out: TypedArray | undefined,
  settings: MapSettings,
  outcome: MapOutcome,
): void {
  const { spread } = settings;
  const count = columns[0]?.length ?? 0;
  const target = out ?? new ResultList(count);
  const given = columns.reduce((bytes, column) => bytes + column.BYTES_PER_ELEMENT, 0);
  const largest = Math.max(1, Math.floor(LARGEST_TYPED_CHUNK_BYTES / Math.max(given, out?.BYTES_PER_ELEMENT ?? 8)));
  const chunksize = Math.min(settings.chunksize, largest);
  const finish = (): unknown[] | TypedArray => (target instanceof ResultList ? target.all() : target);
  const gathering = new Gathering(settings, Math.ceil(count / chunksize), finish, outcome);
  submitAll(job, count, chunksize, (start, end) => {
    job.submit(
      captured,
      { kind: 'typed', columns, spread, start, end, target },
      {
        fulfilled: () => gathering.chunkFulfilled(end - start),
        rejected: (error) => gathering.chunkRejected(error),
      },
    );
  });
}

function submitAll(job: Job, count: number, chunksize: number, submit: (start: number, end: number) => void): void {
  try {
    for (let start = 0; start < count; start += chunksize) submit(start, Math.min(start + chunksize, count));
  } catch (error) {
    job.cancel(error);
    throw error;
  }
}

/** Submits nothing and is done: an empty collection. */
export function mapNothing(target: TypedArray | undefined, outcome: MapOutcome): void {
  outcome.fulfilled(target ?? []);
}
