// Two children of manyhands that do the same thing at the same time, as often as they are told.
import { Queue } from '../../dist/index.mjs';
import { startChild } from './manyhands.mjs';

const MODULE = new URL(import.meta.url);
const CHILDREN = 2;

/** Children that call an exported function of this module with the shared objects. */
export async function openPair(kind, work, shared) {
  const starts = Array.from({ length: CHILDREN }, () => new Queue());
  const done = new Queue();
  const ends = await Promise.all(
    starts.map((start) => startChild(kind, MODULE, 'repeat', [work, start, done, shared])),
  );
  return {
    /** Each child does it `count` times; resolves when both have. */
    async round(count) {
      for (const start of starts) start.putNowait(count);
      for (const _ of starts) await done.get();
    },
    close: () => Promise.all(ends.map((end) => end())),
  };
}

export function repeat(work, start, done, shared) {
  for (;;) {
    const count = start.getSync();
    WORK[work](count, shared);
    done.putSync(count);
  }
}

function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const WORK = {
  /** Sections under a lock, each of `ms`; the counter has no lock of its own. */
  sections(count, { lock, counter, ms }) {
    for (let n = 0; n < count; n++) {
      lock.acquireSync();
      const before = counter.value;
      spin(ms);
      counter.value = before + 1;
      lock.release();
    }
  },

  add(count, { counter }) {
    for (let n = 0; n < count; n++) counter.add(1);
  },
};
