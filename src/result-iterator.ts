// The lazy results of `imap` and `imapUnordered`.
import { inspect } from 'node:util';
import { onceAborted } from './internal/abort-listeners.js';
import { StateError, TimeoutError } from './errors.js';
import { stayHere } from './internal/codec/kinds.js';
import type { Engine } from './internal/engine/engine.js';
import { ImapJob, type ImapSettings, type ItemOutcome, type Source } from './internal/job/imap-job.js';
import { isAsyncIterable } from './internal/job/items.js';
import { callerStack, withCaller } from './internal/job/caller-stack.js';
import type { Job } from './internal/job/job.js';
import { LONGEST_TIMER } from './internal/memory/clock.js';
import { milliseconds, optionalObject } from './internal/validate.js';
import { clearTimeout, setTimeout } from './internal/memory/timers.js';

/** The options of a call without any. */
const UNLIMITED = {};

interface Request<R> {
  resolve(result: IteratorResult<R, undefined>): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout | undefined;
}

/** What a pool can do with an iterator whose source it still pulls. */
export interface OpenIterator {
  /** The pool is being joined: takes the rest of the source, whatever the consumer does. */
  unbind(): void;
  /** The pool has failed: takes nothing more. */
  fail(error: unknown): void;
}

export interface IteratorLifecycle {
  opened(iterator: OpenIterator): unknown;
  ended(iterator: OpenIterator): void;
}

/**
 * An async iterator over results. A failed item rejects its `next` and the iteration can go on; when the source itself
 * throws, every item before is delivered, then its error.
 *
 * @example
 * for await (const size of pool.imap(measure, files())) console.log(size);
 */
export class ResultIterator<R> implements AsyncIterableIterator<R> {
  readonly #job: ImapJob | undefined;
  readonly #requests: Request<R>[] = [];
  readonly #lifecycle: IteratorLifecycle;
  readonly #handle: OpenIterator;
  #removeListener: () => void = () => undefined;
  #state: 'open' | 'ended' = 'open';
  #isOpen = false;
  #serving = false;
  /** The last answer was an error, and nobody has asked since. */
  #leftByError = false;
  /** Why there is no job: the function or the source could not even be begun. */
  #failure: { readonly thrown: unknown } | undefined;

  /** @internal Made by pools. */
  constructor(
    engine: Engine,
    makeJob: () => Job,
    source: Iterable<unknown> | AsyncIterable<unknown>,
    settings: ImapSettings & { readonly signal: AbortSignal | undefined },
    lifecycle: IteratorLifecycle,
  ) {
    this.#lifecycle = lifecycle;
    this.#handle = { unbind: () => this.#unbind(), fail: (error) => this.#job?.fail(error) };
    let job: Job;
    try {
      job = makeJob();
      this.#job = new ImapJob(engine, job, sourceOf(source), settings, () => this.#serve());
    } catch (thrown) {
      this.#failure = { thrown };
      return;
    }
    this.#isOpen = true;
    lifecycle.opened(this.#handle);
    const { signal } = settings;
    if (signal !== undefined) {
      this.#removeListener = onceAborted(signal, () =>
        this.#job?.stop(signal.reason, { error: { thrown: signal.reason } }),
      );
    }
    this.#begin(engine, job, this.#job);
  }

  #begin(engine: Engine, { captured }: Job, imap: ImapJob): void {
    if (!(captured instanceof Promise)) {
      imap.start(captured);
      return;
    }
    engine.hold();
    captured
      .then(
        (ready) => imap.start(ready),
        (error: unknown) => imap.fail(error),
      )
      .finally(() => engine.release());
  }

  /**
   * The next result.
   *
   * @throws TimeoutError when it is not there within `timeout` ms; a later `next` gets it
   */
  next(options: { timeout?: number } = UNLIMITED): Promise<IteratorResult<R, undefined>> {
    const ready = options === UNLIMITED ? this.#ready() : undefined;
    if (ready !== undefined) {
      this.#leftByError = !ready.ok;
      return ready.ok ? Promise.resolve({ done: false, value: ready.value as R }) : Promise.reject(ready.error);
    }
    const caller = options?.timeout === undefined ? undefined : callerStack();
    return new Promise((resolve, reject) => {
      const timeout = milliseconds('timeout', optionalObject('options', options)?.['timeout']);
      const request: Request<R> = { resolve, reject, timer: undefined };
      this.#leftByError = false;
      this.#requests.push(request);
      this.#serve();
      if (timeout === undefined || !this.#requests.includes(request)) return;
      const timedOut = (): void => {
        this.#requests.splice(this.#requests.indexOf(request), 1);
        const error = new TimeoutError(`The next result is not ready after ${timeout} ms`);
        reject(caller === undefined ? error : withCaller(error, 'pool', caller, undefined));
      };
      if (timeout <= 0) timedOut();
      else request.timer = setTimeout(timedOut, Math.min(timeout, LONGEST_TIMER));
    });
  }

  /** Stops: takes nothing more from the source and cancels what has not ended. Called by `break`. */
  async return(): Promise<IteratorResult<R, undefined>> {
    if (this.#state === 'open') {
      this.#state = 'ended';
      this.#job?.stop(undefined);
      this.#answerAll();
      this.#close();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [inspect.custom](): string {
    return `ResultIterator { ${this.#state} }`;
  }

  #unbind(): void {
    // `for await` does not say that it left because an item failed; whoever goes on asks again at once. The rest of the
    // source, which may be endless, is not taken for nobody.
    if (this.#leftByError && this.#requests.length === 0)
      this.#job?.fail(new StateError('The pool was joined after an item had failed: the rest of the source was left'));
    else this.#job?.unbind();
  }

  #close(): void {
    this.#removeListener();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#lifecycle.ended(this.#handle);
  }

  /** What the next request gets, where nobody waits for it. */
  #ready(): ItemOutcome | undefined {
    if (this.#serving || this.#requests.length > 0 || this.#state !== 'open') return undefined;
    // Taking it makes room: what that changes is served after it.
    this.#serving = true;
    const outcome = this.#job?.take();
    this.#serving = false;
    this.#serve();
    return outcome;
  }

  #serve(): void {
    // Taking an outcome makes room, which may bring the next change while this one is being served.
    if (this.#serving) return;
    this.#serving = true;
    this.#answer();
    this.#serving = false;
  }

  #answer(): void {
    const job = this.#job;
    if (this.#state === 'open') {
      while (job !== undefined && this.#requests.length > 0) {
        const outcome = job.take();
        if (outcome === undefined) break;
        // The values are what the worker's function gave; their type is the caller's statement.
        if (outcome.ok) this.#nextRequest()?.resolve({ done: false, value: outcome.value as R });
        else this.#rejectNext(outcome.error);
      }
      if (job?.settled === true) this.#close();
      const end = job === undefined ? { error: this.#failure } : job.end;
      if (end === undefined) return;
      if (end.error !== undefined) {
        if (this.#requests.length === 0) return;
        this.#rejectNext(end.error.thrown);
      }
      this.#state = 'ended';
    }
    this.#answerAll();
  }

  #nextRequest(): Request<R> | undefined {
    const request = this.#requests.shift();
    clearTimeout(request?.timer);
    return request;
  }

  #rejectNext(error: unknown): void {
    this.#leftByError = true;
    this.#nextRequest()?.reject(error);
  }

  #answerAll(): void {
    while (this.#requests.length > 0) this.#nextRequest()?.resolve({ done: true, value: undefined });
  }
}

stayHere(ResultIterator);

function sourceOf(items: Iterable<unknown> | AsyncIterable<unknown>): Source {
  return isAsyncIterable(items) ? { async: items[Symbol.asyncIterator]() } : { sync: items[Symbol.iterator]() };
}
