// Listens to AbortSignals: one listener for each signal, however many calls wait for it.
//
// A signal with more than ten listeners makes Node warn of a leak, and taking one of many back is a search.

class Listeners {
  readonly #signal: AbortSignal;
  readonly #all = new Set<() => void>();
  readonly #onAbort = (): void => {
    for (const listener of this.#all) listener();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(listener: () => void): void {
    if (this.#all.size === 0) this.#signal.addEventListener('abort', this.#onAbort);
    this.#all.add(listener);
  }

  delete(listener: () => void): void {
    if (this.#all.delete(listener) && this.#all.size === 0) this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

const known = new WeakMap<AbortSignal, Listeners>();

/** Calls `listener` once when the signal is aborted, in the order of the calls; the function it returns takes that back. */
export function onceAborted(signal: AbortSignal, listener: () => void): () => void {
  let listeners = known.get(signal);
  if (listeners === undefined) {
    listeners = new Listeners(signal);
    known.set(signal, listeners);
  }
  const remove = (): void => listeners.delete(entry);
  const entry = (): void => {
    remove();
    listener();
  };
  listeners.add(entry);
  return remove;
}
