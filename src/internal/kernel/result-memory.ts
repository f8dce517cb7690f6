// Memory for large results: what nobody needs any more is used again, for the system takes long to clear new pages.
import { isMainThread } from 'node:worker_threads';
import { setImmediate, setTimeout } from '../memory/timers.js';
import { native } from '../native.js';

/** Below it the call costs more than the pages. */
export const LARGE_BYTES = 4 * 1024 * 1024;
/**
 * So many buffers between two turns of the event loop: only there Node tells that their memory is free, and calls that end
 * at once can follow each other without any turn.
 */
const MOST_IN_A_TURN = 4;

/**
 * Moves memory to a buffer of its own, which can be transferred to other threads like any; those over memory of an addon
 * cannot. Node 20 does not have it.
 */
const { transfer } = ArrayBuffer.prototype as { transfer?: (this: ArrayBuffer) => ArrayBuffer };

const isPossible = transfer !== undefined && isMainThread;
let timer: NodeJS.Timeout | undefined;
let turn: NodeJS.Immediate | undefined;
let takenInTurn = 0;

/** What `take` gives, of memory that is used again later; undefined: not here, not now, or `take` has none. */
export function fromReusedMemory<T>(take: () => T | null): T | undefined {
  if (!isPossible || takenInTurn === MOST_IN_A_TURN) return undefined;
  const taken = take();
  if (taken === null) return undefined;
  takenInTurn += 1;
  turn ??= setImmediate(turned);
  if (timer === undefined) expire();
  return taken;
}

/** A buffer with anything in it, over memory that is used again later; undefined: not here, or not now. */
export function reusedBuffer(bytes: number): ArrayBuffer | undefined {
  return fromReusedMemory(() => ownBuffer(native().resultBuffer(bytes)));
}

/** What a buffer of native code becomes before anybody sees it. */
export const ownBuffer = (buffer: ArrayBuffer | null): ArrayBuffer | null =>
  buffer === null ? null : (transfer?.call(buffer) ?? null);

function turned(): void {
  turn = undefined;
  takenInTurn = 0;
}

/** Looks whether idle memory has waited long enough, now and when it will have. */
function expire(): void {
  const waits = native().dropIdleResults();
  timer = waits > 0 ? setTimeout(expire, Math.ceil(waits)).unref() : undefined;
}
