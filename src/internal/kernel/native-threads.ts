// The native threads of one pool, started with the first call that needs them.
import { native } from '../native.js';
import type { NativeHandle } from '../native-kernels.js';

export class NativeThreads {
  /** Number of threads. */
  readonly count: number;
  #handle: NativeHandle | undefined;
  #ended = false;

  constructor(count: number) {
    this.count = count;
  }

  /** The handle for native calls; undefined once the threads have ended. */
  get handle(): NativeHandle | undefined {
    if (this.#ended) return undefined;
    this.#handle ??= native().nativePool(this.count);
    return this.#handle;
  }

  /** Stops what runs and joins the threads. */
  end(): void {
    this.#ended = true;
    if (this.#handle !== undefined) native().nativePoolEnd(this.#handle);
    this.#handle = undefined;
  }
}
