// A barrier in threads and processes that die: each death breaks it, nobody waits for the dead, and after a reset all pass in step.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Barrier } from 'manyhands';
import { Cast, type Part } from './cast.ts';
import { doomAt, ownAt } from './fixtures/desk.cjs';
import { CALM_ROUNDS, HAS, PARTIES, WORD } from './fixtures/parties.cjs';
import { before, expectNothingLeft } from './leftovers.ts';
import { randomFrom, seed, type Random } from './random.ts';
import { DEATHS } from './scale.ts';

const KILLS = DEATHS.barrier;
const PARTS: readonly Part[] = [
  { method: 'thread', role: 'inTurns' },
  { method: 'thread', role: 'blocked' },
  { method: 'spawn', role: 'inTurns' },
];

interface Sums {
  readonly deaths: number;
  readonly wrong: readonly string[];
  readonly broken: number;
  readonly checked: number;
}

async function round(deaths: number, random: Random): Promise<Sums> {
  const barrier = new Barrier(PARTIES);
  let resetAt = 0;
  let checked = 0;
  const cast: Cast = new Cast({
    module: 'parties.cjs',
    parts: PARTS,
    shared: () => ({ barrier }),
    random,
    died: ({ desk, killedAt }) => {
      const had = Atomics.exchange(cast.words.array, ownAt(desk), HAS.NOTHING) !== HAS.NOTHING;
      // Who ends by itself, but not while it waits, breaks nothing, though it be killed on its way. A reset since it died
      // has mended what it broke.
      const wasDoomed = cast.word(doomAt(desk)) !== 0;
      if (had && !wasDoomed && killedAt !== undefined && killedAt > resetAt) {
        checked++;
        if (!barrier.broken) cast.wrong.push(`the death of party ${desk} broke nothing`);
      }
      barrier.reset();
      resetAt = performance.now();
    },
  });
  await cast.storm(deaths);
  const isStorming = (): boolean => PARTS.some((_, desk) => cast.word(ownAt(desk)) !== HAS.DONE_STORMING);
  while (cast.wrong.length === 0 && isStorming()) {
    barrier.abort();
    await pause(2);
  }
  barrier.reset();
  // They count from here, before anybody begins.
  const through = cast.calm(CALM_ROUNDS);
  Atomics.store(cast.words.array, WORD.GO, 1);
  await through;
  expect(cast.wrong).toEqual([]);
  const places = Array.from({ length: PARTIES }, (_, place) => cast.word(WORD.PLACES + place));
  expect(places).toEqual([CALM_ROUNDS, CALM_ROUNDS, CALM_ROUNDS]);
  expect([barrier.broken, barrier.nWaiting]).toEqual([false, 0]);
  await cast.end();
  return { deaths: cast.deaths, wrong: cast.wrong, broken: cast.word(WORD.BROKEN), checked };
}

test(`${KILLS} deaths of parties of a barrier, SEED=${seed}`, { timeout: 60_000 + KILLS * 200 }, async () => {
  const random = randomFrom(seed);
  const start = await before(() => round(3, random));
  const { deaths, wrong, broken, checked } = await round(KILLS, random);
  console.log(
    `barrier storm: ${deaths} deaths, ${checked} of them seen to break it, found broken ${broken} times, ` +
      `wrong ${wrong.length} (SEED=${seed})`,
  );
  expect(wrong).toEqual([]);
  expect(deaths).toBeGreaterThanOrEqual(KILLS);
  expect(Math.min(broken, checked)).toBeGreaterThan(0);
  await expectNothingLeft(start);
});
