// Shared objects that are forgotten instead of closed: V8 sees little of what they take, and yet collects them in time.
import { setImmediate as turn } from 'node:timers/promises';
import { JoinableQueue, Pipe } from 'manyhands';
import { expect, test } from 'vitest';
import { expectNothingLeft, inArena, settled } from './arena.js';

expectNothingLeft();

/** A pipe takes four objects of the arena, a queue two. */
const COUNT = 20_000;

test.each([
  ['pipes', () => Pipe()],
  ['queues that count tasks', () => new JoinableQueue()],
] as const)('%s never fill the memory', async (_, make) => {
  await settled();
  let peak = 0;
  for (let i = 0; i < COUNT; i++) {
    make();
    if (i % 20 > 0) continue;
    await turn();
    peak = Math.max(peak, inArena().objects);
  }
  // Half of what there would be if V8 did not know.
  expect(peak).toBeLessThan(20_000);
});
