// What `wait([...])` needs of a process: whether it has ended, and to be told when it does.
import { stayHere } from '../codec/kinds.js';
import { READINESS, type Readiness } from '../shared/waitable.js';
import type { Child } from './child.js';

/** Becomes ready once, when its process has ended. */
export class Sentinel implements Readiness {
  readonly #isReady: () => boolean;
  readonly #onReady: (listener: () => void) => () => void;

  constructor(isReady: () => boolean, onReady: (listener: () => void) => () => void) {
    this.#isReady = isReady;
    this.#onReady = onReady;
  }

  /** For `wait([...])`. */
  get [READINESS](): Readiness {
    return this;
  }

  /** Asks the system. */
  isReady(): boolean {
    return this.#isReady();
  }

  /** Calls back once it is ready, at once when it is already; keeps the event loop alive until then or until it is taken back. */
  onReady(listener: () => void): () => void {
    return this.#onReady(listener);
  }
}

stayHere(Sentinel);

/** That of a child; who waits for it keeps the event loop alive. */
export function childSentinel(child: Child): Sentinel {
  return new Sentinel(
    () => child.exitcode !== null,
    (listener) => {
      child.hold();
      const remove = child.onExit(listener);
      return () => {
        remove();
        child.release();
      };
    },
  );
}
