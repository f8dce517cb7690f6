// Whether a worker thread is there, asked of the system: one that ends before it joins the arena tells nobody but the event
// loop of its parent, which may be blocked.
import { native } from '../native.js';

/** The life of one thread, as far as the system tells of it. */
export class ThreadLife {
  /** More than one where another thread started one at that moment; undefined where the system does not tell. */
  #started: readonly number[] | undefined;

  /**
   * Calls `start`, which starts the thread.
   *
   * @throws ERR_SYSTEM when there is no descriptor left: a thread needs some, too
   */
  begin<T>(start: () => T): T {
    const addon = native();
    // Open until the thread was started: that may take the last descriptors.
    const folder = addon.openThreads();
    if (folder < 0) return start();
    try {
      const before = new Set(addon.threads(folder));
      const result = start();
      const after = addon.threads(folder);
      if (before.size > 0 && after.length > 0) this.#started = after.filter((id) => !before.has(id));
      return result;
    } finally {
      addon.closeFd(folder);
    }
  }

  /** Whether it has ended. False where that cannot be told. */
  isGone(): boolean {
    return this.#started !== undefined && this.#started.every((id) => native().threadIsGone(id));
  }
}
