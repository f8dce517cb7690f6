// A moment of native code for loops over few elements: if they take longer, workers are faster. A native thread takes almost
// as long for one element as for a whole group, while each worker computes one element as fast as V8 can.
import { onceAborted } from '../abort-listeners.js';
import type { Engine } from '../engine/engine.js';
import { originalOf } from '../function/substitutes.js';
import { clearTimeout, setTimeout } from '../memory/timers.js';
import type { CallSettings } from './job.js';

/** Before it ends: as much is lost where it was in vain. */
export const TRIAL_MS = 2;
/** Elements for each thread: five take a worker about as long as a group takes a native thread. */
const FEW = 4;

/** Why native code was stopped. */
const OVER = Symbol('the trial is over');

/** Whether workers may be faster with a function. A kernel is certain to run natively. */
export function isForTrial(
  fn: unknown,
  { ends }: { readonly ends: boolean },
  elements: number,
  threads: number,
): boolean {
  return !ends && elements <= FEW * threads && originalOf(fn) === fn;
}

/** A controller that a signal aborts as well, until it is unlinked. */
export function linkedTo(signal: AbortSignal | undefined): { readonly controller: AbortController; unlink(): void } {
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal?.reason);
  if (signal?.aborted === true) follow();
  return { controller, unlink: signal === undefined ? () => undefined : onceAborted(signal, follow) };
}

/**
 * What `native` gives under these settings, or, if it takes longer than a moment while every worker is free, or twice as long
 * while they are by then, and so on, what `workers` gives.
 */
export async function tried<T>(
  engine: Engine,
  settings: CallSettings,
  native: (settings: CallSettings) => Promise<T>,
  workers: () => Promise<T>,
): Promise<T> {
  const { controller, unlink } = linkedTo(settings.signal);
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  // Workers that are busy, or are still coming up, may be free when as much time has passed again.
  const check = (ms: number): void => {
    timer = setTimeout(() => {
      if (!engine.isFree) return check(2 * ms);
      // The pool does not end between the two.
      engine.hold();
      isOver = true;
      controller.abort(OVER);
    }, ms);
  };
  check(TRIAL_MS);
  try {
    return await native({ ...settings, signal: controller.signal });
  } catch (error) {
    if (error !== OVER) throw error;
    return await workers();
  } finally {
    clearTimeout(timer);
    unlink();
    if (isOver) engine.release();
  }
}
