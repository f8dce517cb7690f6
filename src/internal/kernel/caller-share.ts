// What the calling thread does of native work: short work alone, and for a moment its share of longer work.
import { setImmediate } from '../memory/timers.js';

/** Work below it is done by the caller alone: a thread would not have woken up before. */
export const INLINE_NS = 50_000;
/** Work below it the calling thread helps with for so long: it may take as long to wake others and be woken by them. */
const HELPED_NS = 4_000_000;
const HELP_US = 200;
/** Nor longer in one turn of the event loop: a call that has ended when it returns lets the next one begin in the same turn. */
const HELPED_TURN_MS = 1;

/** When the caller first helped in this turn. */
let begun: number | undefined;

/** Microseconds for which the calling thread helps with work of estimated `ns`, if that surely ends. */
export function helpUs(ns: number, ends: boolean): number {
  if (!ends || ns >= HELPED_NS) return 0;
  const now = performance.now();
  if (begun === undefined) {
    begun = now;
    setImmediate(() => (begun = undefined));
  }
  return now - begun < HELPED_TURN_MS ? HELP_US : 0;
}
