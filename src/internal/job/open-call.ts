// A call on native threads while it runs: its pool does not end before it, and a signal or a time limit stops it.
import { TimeoutError } from '../../errors.js';
import { onceAborted } from '../abort-listeners.js';
import type { CallSettings } from './job.js';
import { LONGEST_TIMER } from '../memory/clock.js';
import { clearTimeout, setTimeout } from '../memory/timers.js';

interface Open {
  unbind(): void;
  fail(error: unknown): void;
}

/** Told of what runs: the pool does not end before. */
export interface OpenCalls {
  opened(open: Open): void;
  ended(open: Open): void;
}

/** Calls `stop` when the call shall end early. The function it returns is for the end, when no thread writes any more. */
export function openCall(
  calls: OpenCalls,
  { timeoutMs, signal }: CallSettings,
  stop: (reason: unknown) => void,
): () => void {
  const open: Open = { unbind: () => undefined, fail: stop };
  calls.opened(open);
  const unlisten = signal === undefined ? undefined : onceAborted(signal, () => stop(signal.reason));
  const late = (): void => stop(new TimeoutError(`The task ran longer than ${timeoutMs ?? 0} ms`));
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER));
  return () => {
    if (timer !== undefined) clearTimeout(timer);
    unlisten?.();
    calls.ended(open);
  };
}
