// Locks and semaphores of both kinds in threads and processes that die: nobody is ever inside with another one, and no permit
// is lost or doubled.
import { expect, test } from 'vitest';
import { BoundedSemaphore, Lock, RawArray, RLock, Semaphore, StateError } from 'manyhands';
import { Cast, type Part } from './cast.ts';
import { OWN } from './fixtures/desk.cjs';
import { before, expectNothingLeft } from './leftovers.ts';
import { randomFrom, seed, type Random } from './random.ts';
import { DEATHS } from './scale.ts';

const KILLS = DEATHS.lock;
const PERMITS = 2;
const BOUNDED_PERMITS = 3;
const LONGEST_VISITS = 1 << 20;
const PARTS: readonly Part[] = [
  { method: 'thread', role: 'holder' },
  { method: 'thread', role: 'holder' },
  { method: 'thread', role: 'holder' },
  { method: 'thread', role: 'holder' },
  { method: 'spawn', role: 'holder' },
];
const INHERITED = OWN + 3;

interface Sums {
  readonly deaths: number;
  readonly wrong: readonly string[];
  readonly visits: number;
  readonly inherited: number;
  readonly most: number;
  readonly mostBounded: number;
}

/** The largest number of visits at one time. */
function mostInside(visits: Int32Array): number {
  const ends: [tick: number, change: number][] = [];
  for (let at = 2; at + 1 < visits.length; at += 2) {
    const [began = 0, ended = 0] = visits.subarray(at, at + 2);
    // Who died while it made the note left zeros.
    if (began !== 0 && ended !== 0) ends.push([began, 1], [ended, -1]);
  }
  let inside = 0;
  let most = 0;
  for (const [, change] of ends.toSorted(([a], [b]) => a - b)) most = Math.max(most, (inside += change));
  return most;
}

async function round(deaths: number, random: Random): Promise<Sums> {
  const [lock, rlock] = [new Lock(), new RLock()];
  const [semaphore, bounded] = [new Semaphore(PERMITS), new BoundedSemaphore(BOUNDED_PERMITS)];
  const [visits, boundedVisits] = [new RawArray('int32', LONGEST_VISITS), new RawArray('int32', LONGEST_VISITS)];
  let marks = 0;
  const shared = (): object => ({ lock, rlock, semaphore, bounded, visits, boundedVisits, mark: ++marks });
  const cast = new Cast({ module: 'lock-holder.cjs', parts: PARTS, shared, random });
  await cast.storm(deaths);
  await cast.calm(30);
  await cast.end();
  for (const one of [lock, rlock]) {
    expect([one.locked(), one.tryAcquire(), one.ownerDied]).toEqual([false, true, false]);
    one.release();
    expect(() => one.release()).toThrow(StateError);
  }
  for (const [one, permits] of [
    [semaphore, PERMITS],
    [bounded, BOUNDED_PERMITS],
  ] as const) {
    expect(one.getValue()).toBe(permits);
    for (let i = 0; i < permits; i++) expect(one.tryAcquire()).toBe(true);
    expect(one.tryAcquire()).toBe(false);
    for (let i = 0; i < permits; i++) one.release();
    expect(one.getValue()).toBe(permits);
  }
  expect(() => bounded.release()).toThrow(StateError);
  return {
    deaths: cast.deaths,
    wrong: cast.wrong,
    visits: visits.at(0) + boundedVisits.at(0),
    inherited: cast.word(INHERITED),
    most: mostInside(visits.array),
    mostBounded: mostInside(boundedVisits.array),
  };
}

test(`${KILLS} deaths around locks, SEED=${seed}`, { timeout: 60_000 + KILLS * 200 }, async () => {
  const random = randomFrom(seed);
  const start = await before(() => round(3, random));
  const { deaths, wrong, visits, inherited, most, mostBounded } = await round(KILLS, random);
  console.log(
    `lock storm: ${deaths} deaths, ${visits} visits of semaphores, at most ${most} of ${PERMITS} and ${mostBounded} of ` +
      `${BOUNDED_PERMITS} at a time, ${inherited} locks inherited, wrong ${wrong.length} (SEED=${seed})`,
  );
  expect(wrong).toEqual([]);
  expect(deaths).toBeGreaterThanOrEqual(KILLS);
  expect(most).toBe(PERMITS);
  expect(mostBounded).toBeLessThanOrEqual(BOUNDED_PERMITS);
  expect(mostBounded).toBeGreaterThan(1);
  expect(inherited).toBeGreaterThan(0);
  await expectNothingLeft(start);
});
