// Whether a worker thread is there, asked of the system: one that ends before it joins the arena tells nobody but the event
// loop of its parent, which may be blocked.
import { native } from '../native.js';

/** Made right before a thread is started. */
export class ThreadLife {
  /** The threads there were before; none where the system does not tell. */
  readonly #others: ReadonlySet<number>;
  #started: readonly number[] | undefined;

  /** @throws ERR_SYSTEM when there is no descriptor left: a thread needs some, too */
  constructor() {
    this.#others = new Set(native().threads());
  }

  /** Called right after the start. */
  begin(): void {
    if (this.#others.size === 0) return;
    try {
      const ids = native().threads();
      // More than the one that was started where another thread starts one at this moment.
      if (ids.length > 0) this.#started = ids.filter((id) => !this.#others.has(id));
    } catch {
      // The new thread has the last descriptor; it is asked again later.
    }
  }

  /** Whether it has ended. False where that cannot be told. */
  isGone(): boolean {
    if (this.#started === undefined) this.begin();
    return this.#started !== undefined && this.#started.every((id) => native().threadIsGone(id));
  }
}
