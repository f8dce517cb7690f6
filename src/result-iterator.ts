// The lazy results of `imap` and `imapUnordered`.
import { TimeoutError } from './errors.js';
import type { Engine } from './internal/engine/engine.js';
import { ImapJob, type ImapSettings } from './internal/job/imap-job.js';
import type { Job } from './internal/job/job.js';
import { milliseconds, optionalObject } from './internal/validate.js';

interface Request<R> {
  resolve(result: IteratorResult<R, undefined>): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout | undefined;
}

/**
 * An async iterator over results. A failed item rejects its `next` and the iteration can go on; when the source itself
 * throws, every item before is delivered, then its error.
 *
 * @example
 * for await (const size of pool.imap(measure, files())) console.log(size);
 */
export class ResultIterator<R> implements AsyncIterableIterator<R> {
  readonly #job: ImapJob;
  readonly #requests: Request<R>[] = [];
  readonly #ended: () => void;
  #state: 'open' | 'ended' = 'open';
  #serving = false;

  /** @internal Made by pools. */
  constructor(
    engine: Engine,
    makeJob: () => Job,
    source: Iterable<unknown> | AsyncIterable<unknown>,
    settings: ImapSettings,
    lifecycle: { opened(iterator: { unbind(): void }): void; ended(iterator: { unbind(): void }): void },
  ) {
    const iterator =
      Symbol.asyncIterator in source ? { async: source[Symbol.asyncIterator]() } : { sync: source[Symbol.iterator]() };
    let job: Job;
    let failure: { readonly error: unknown } | undefined;
    try {
      job = makeJob();
    } catch (error) {
      failure = { error };
    }
    this.#job = new ImapJob(engine, job!, iterator, settings, () => this.#serve());
    const handle = { unbind: () => this.#job.unbind() };
    let told = false;
    this.#ended = () => {
      if (told) return;
      told = true;
      lifecycle.ended(handle);
    };
    lifecycle.opened(handle);
    if (failure !== undefined) {
      this.#job.fail(failure.error);
      return;
    }
    const { captured } = job!;
    if (captured instanceof Promise) {
      captured.then(
        (ready) => this.#job.start(ready),
        (error: unknown) => this.#job.fail(error),
      );
    } else {
      this.#job.start(captured);
    }
  }

  /**
   * The next result.
   *
   * @throws TimeoutError when it is not there within `timeout` ms; a later `next` gets it
   */
  next(options: { timeout?: number } = {}): Promise<IteratorResult<R, undefined>> {
    return new Promise((resolve, reject) => {
      const timeout = milliseconds('timeout', optionalObject('options', options)?.['timeout']);
      const request: Request<R> = { resolve, reject, timer: undefined };
      this.#requests.push(request);
      this.#serve();
      if (timeout === undefined || !this.#requests.includes(request)) return;
      const timedOut = (): void => {
        this.#requests.splice(this.#requests.indexOf(request), 1);
        reject(new TimeoutError(`The next result is not ready after ${timeout} ms`));
      };
      if (timeout <= 0) timedOut();
      else request.timer = setTimeout(timedOut, timeout);
    });
  }

  /** Stops: takes nothing more from the source and cancels what has not ended. Called by `break`. */
  async return(): Promise<IteratorResult<R, undefined>> {
    if (this.#state === 'open') {
      this.#state = 'ended';
      this.#job.stop(undefined);
      this.#answerAll();
      this.#ended();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #serve(): void {
    // Taking an outcome makes room, which may bring the next change while this one is being served.
    if (this.#serving) return;
    this.#serving = true;
    this.#answer();
    this.#serving = false;
  }

  #answer(): void {
    if (this.#state === 'open') {
      while (this.#requests.length > 0) {
        const outcome = this.#job.take();
        if (outcome === undefined) break;
        const request = this.#requests.shift();
        clearTimeout(request?.timer);
        // The values are what the worker's function gave; their type is the caller's statement.
        if (outcome.ok) request?.resolve({ done: false, value: outcome.value as R });
        else request?.reject(outcome.error);
      }
      if (this.#job.settled) this.#ended();
      const { end } = this.#job;
      if (end === undefined) return;
      if (end.error !== undefined) {
        const request = this.#requests.shift();
        if (request === undefined) return;
        clearTimeout(request.timer);
        request.reject(end.error.thrown);
      }
      this.#state = 'ended';
    }
    this.#answerAll();
  }

  #answerAll(): void {
    for (const request of this.#requests.splice(0)) {
      clearTimeout(request.timer);
      request.resolve({ done: true, value: undefined });
    }
  }
}
