// Runs a function over a source that is pulled only as far as the consumer has come: the engine room of imap.
import { AsyncResource } from 'node:async_hooks';
import { DataCloneError } from '../../errors.js';
import type { Engine, ItemOutcomes } from '../engine/engine.js';
import type { Captured } from '../function/capture.js';
import { checkedResult } from './items.js';
import type { Job } from './job.js';

/** How the items of a chunk ended: those that failed have no value. */
interface ChunkOutcomes {
  readonly values: unknown[];
  readonly failures: ReadonlyMap<number, unknown>;
}

/** One item's end: a value or an error. */
export type ItemOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

export interface ImapSettings {
  readonly chunksize: number;
  /** At most so many items are taken ahead of the consumer. */
  readonly buffersize: number;
  readonly ordered: boolean;
}

export type Source = { readonly sync: Iterator<unknown> } | { readonly async: AsyncIterator<unknown> };

/** How a source ended; with an error when it or the whole iteration failed. */
export interface End {
  readonly error?: { readonly thrown: unknown };
}

export class ImapJob {
  readonly #engine: Engine;
  readonly #job: Job;
  readonly #settings: ImapSettings;
  readonly #source: Source;
  readonly #changed: () => void;
  // Pulling runs in the context of the caller of imap, wherever the result that made room came in.
  readonly #scope = new AsyncResource('manyhands.imap');
  /** Outcomes of chunks by the position of their first; with `ordered: false` by order of arrival. */
  readonly #outcomes = new Map<number, ChunkOutcomes>();
  /** Those that are being taken, and how many of them have been. */
  #current: ChunkOutcomes | undefined;
  #currentTaken = 0;
  #captured: Captured | undefined;
  #arrived = 0;
  #taken = 0;
  #delivered = 0;
  #running = 0;
  #pulling = false;
  #unbounded = false;
  /** Nobody asks for outcomes any more. */
  #stopped = false;
  /** How the source ended: nothing more will be taken. */
  #end: End | undefined;
  #chunk: unknown[] = [];

  constructor(engine: Engine, job: Job, source: Source, settings: ImapSettings, changed: () => void) {
    this.#engine = engine;
    this.#job = job;
    this.#source = source;
    this.#settings = settings;
    this.#changed = changed;
  }

  start(captured: Captured): void {
    this.#captured = captured;
    this.pull();
  }

  /** Everything was taken and has ended, delivered or not. */
  get settled(): boolean {
    return this.#end !== undefined && this.#running === 0 && this.#chunk.length === 0;
  }

  /** The next outcome if it is there. */
  take(): ItemOutcome | undefined {
    const chunk = (this.#current ??= this.#nextChunk());
    if (chunk === undefined) return undefined;
    const { values, failures } = chunk;
    const i = this.#currentTaken++;
    const value = values[i];
    // The chunk must not keep what the consumer is done with.
    values[i] = undefined;
    if (this.#currentTaken === values.length) this.#current = undefined;
    this.#delivered++;
    this.#refill();
    return failures.has(i) ? { ok: false, error: failures.get(i) } : { ok: true, value };
  }

  #nextChunk(): ChunkOutcomes | undefined {
    const chunk = this.#outcomes.get(this.#delivered);
    this.#outcomes.delete(this.#delivered);
    this.#currentTaken = 0;
    return chunk;
  }

  /** After the last outcome: nothing (undefined) while more may come, else how the source ended. */
  get end(): End | undefined {
    return this.#delivered === this.#taken && this.settled ? this.#end : undefined;
  }

  /** Takes the whole source whatever the consumer does: the pool is being joined. */
  unbind(): void {
    this.#unbounded = true;
    this.pull();
  }

  /** Takes nothing more, cancels what has not ended and forgets what has. */
  stop(reason: unknown, end: End = {}): void {
    this.#stopped = true;
    this.#leaveSource(end);
    this.#taken = this.#delivered;
    this.#outcomes.clear();
    this.#current = undefined;
    this.#job.cancel(reason);
    this.#changed();
  }

  /** Takes nothing more; what was sent is delivered before `thrown`. */
  fail(thrown: unknown): void {
    this.#leaveSource({ error: { thrown } });
    this.#changed();
  }

  #leaveSource(end: End): void {
    this.#taken -= this.#chunk.length;
    this.#chunk = [];
    if (this.#end !== undefined) return;
    this.#end = end;
    try {
      if ('sync' in this.#source) this.#source.sync.return?.();
      else this.#source.async.return?.().then(undefined, () => undefined);
    } catch {
      // The consumer has left: as in `for await`, an error of the source's clean-up has nobody to go to.
    }
  }

  pull(): void {
    if (this.#captured === undefined || this.#pulling || this.#end !== undefined) return;
    this.#pulling = true;
    this.#scope.runInAsyncScope(() => {
      if ('sync' in this.#source) {
        this.#pullSync(this.#source.sync);
        this.#pulling = false;
      } else {
        // It catches what the source throws and never rejects.
        void this.#pullAsync(this.#source.async);
      }
    });
  }

  /** Takes more once there is room for a chunk, or for half of what may be ahead: one by one, each item would be a task. */
  #refill(): void {
    const { chunksize, buffersize } = this.#settings;
    if (buffersize - this.#ahead >= Math.min(chunksize, Math.ceil(buffersize / 2))) this.pull();
  }

  get #ahead(): number {
    return this.#unbounded ? this.#running + this.#chunk.length : this.#taken - this.#delivered;
  }

  get #hasRoom(): boolean {
    return this.#end === undefined && this.#ahead < this.#settings.buffersize && this.#engine.room() === undefined;
  }

  #pullSync(source: Iterator<unknown>): void {
    try {
      while (this.#hasRoom) {
        const item = checkedResult(source.next());
        if (item.done === true) {
          this.#finish({});
          break;
        }
        this.#add(item.value);
      }
    } catch (thrown) {
      this.#finish({ error: { thrown } });
    }
    this.#flush();
    this.#waitForRoom();
  }

  async #pullAsync(source: AsyncIterator<unknown>): Promise<void> {
    try {
      while (this.#hasRoom) {
        // A consumer that waits must not wait for a chunk to fill up.
        if (this.#running === 0) this.#flush();
        const item = checkedResult(await source.next());
        if (this.#end !== undefined) break;
        if (item.done === true) {
          this.#finish({});
          break;
        }
        this.#add(item.value);
      }
    } catch (thrown) {
      this.#finish({ error: { thrown } });
    }
    this.#flush();
    this.#pulling = false;
    this.#waitForRoom();
    // Room may have been made while the last item was awaited.
    if (this.#hasRoom) this.#refill();
  }

  #waitForRoom(): void {
    if (this.#end !== undefined) return;
    void this.#engine.room()?.then(() => this.pull());
  }

  #finish(end: End): void {
    this.#flush();
    this.#end ??= end;
    this.#changed();
  }

  #add(item: unknown): void {
    // The source may have ended this iteration while it made the item.
    if (this.#end !== undefined) return;
    this.#taken++;
    this.#chunk.push(item);
    if (this.#chunk.length >= this.#settings.chunksize) this.#flush();
  }

  #flush(): void {
    const items = this.#chunk;
    const captured = this.#captured;
    if (items.length === 0 || captured === undefined) return;
    this.#chunk = [];
    const first = this.#taken - items.length;
    this.#submit(captured, items, first);
  }

  #submit(captured: Captured, items: unknown[], first: number): void {
    this.#running += items.length;
    try {
      this.#job.submit(
        captured,
        { kind: 'items', items, start: 0, end: items.length, spread: false, each: true },
        {
          fulfilled: (value, task) => {
            const { values, failures } = value as ItemOutcomes;
            const explained = [...failures].map(([i, error]) => [i, this.#job.explained(error, 'task', task)] as const);
            this.#arrive(first, { values: values as unknown[], failures: new Map(explained) });
          },
          rejected: (error) => this.#arrive(first, allFailed(items.length, error)),
        },
      );
    } catch (error) {
      this.#running -= items.length;
      this.#submitSingly(captured, items, first, error);
    }
  }

  /** One item of a chunk cannot be encoded: only that one fails. */
  #submitSingly(captured: Captured, items: unknown[], first: number, error: unknown): void {
    if (items.length === 1) {
      this.#running++;
      const refused =
        error instanceof DataCloneError ? this.#job.explained(atItem(error, first), 'pool', undefined) : error;
      this.#arrive(first, allFailed(1, refused));
      return;
    }
    items.forEach((item, i) => this.#submit(captured, [item], first + i));
  }

  #arrive(first: number, chunk: ChunkOutcomes): void {
    const { length } = chunk.values;
    this.#running -= length;
    if (!this.#stopped) this.#outcomes.set(this.#settings.ordered ? first : this.#arrived, chunk);
    this.#arrived += length;
    // What a slow source has given so far must not wait for what it gives next.
    if (this.#running === 0) this.#flush();
    this.#changed();
    this.#refill();
  }
}

function allFailed(count: number, error: unknown): ChunkOutcomes {
  return {
    values: Array.from({ length: count }),
    failures: new Map(Array.from({ length: count }, (_, i) => [i, error])),
  };
}

/** The same error about an item that was encoded alone, by its place in the source. */
function atItem(error: DataCloneError, index: number): DataCloneError {
  const [path, message] = [error.path, error.message].map((text) => text.replace(/^items\[0\]/, `items[${index}]`));
  return new DataCloneError(message as string, { path: path as string });
}
