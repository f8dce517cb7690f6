// What tests of shared objects look at: what of them is in the arena, now and when all is let go.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { getContext } from 'manyhands';
import { native } from '../../dist/internal/native.js';
import { childProcesses, collectGarbage } from '../pool/back-ends.js';

export const methods = ['spawn', 'thread'] as const;

export interface Left {
  readonly objects: number;
  readonly blocks: number;
  readonly participants: number;
  readonly children: number;
}

export function inArena(): Left {
  const { objects, blocks, participants } = native().stats();
  return { objects, blocks, participants, children: childProcesses().length };
}

/** Waits until `probe` holds, for what the system tells only in its own time; the watchdog of the test ends it otherwise. */
export async function until(probe: () => boolean): Promise<void> {
  while (!probe()) {
    collectGarbage();
    await sleep(5);
  }
}

/** What is in the arena when nothing of a test is: this process. */
const EMPTY: Left = { objects: 0, blocks: 0, participants: 1, children: 0 };

const same = (left: Left): boolean => JSON.stringify(left) === JSON.stringify(EMPTY);

/** What is in the arena once all that earlier tests left to the collector and to the system is gone. */
export async function settled(): Promise<Left> {
  await until(() => same(inArena()));
  return EMPTY;
}

/** The arena must be empty at the end of a test file, once what is closed or collected is gone. */
export function expectNothingLeft(): void {
  beforeAll(async () => {
    const { Process } = getContext('spawn');
    const first = new Process({ target: () => undefined });
    await first.start();
    await first.join();
    await settled();
  });
  afterAll(async () => {
    for (let round = 0; round < 100 && !same(inArena()); round++) {
      collectGarbage();
      await sleep(20);
    }
    expect(inArena()).toEqual(EMPTY);
  });
}
