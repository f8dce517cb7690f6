// Conditions and events in threads and processes that die: no notification is lost, so nobody sleeps for ever, and the lock of
// a condition is its waker's alone.
import { expect, test } from 'vitest';
import { Condition, Event, Lock, RLock } from 'manyhands';
import { Cast, type Part } from './cast.ts';
import { OWN } from './fixtures/desk.cjs';
import { before, expectNothingLeft } from './leftovers.ts';
import { randomFrom, seed, type Random } from './random.ts';
import { DEATHS } from './scale.ts';

const KILLS = DEATHS.condition;
const PARTS: readonly Part[] = [
  { method: 'thread', role: 'producerInTurns' },
  { method: 'thread', role: 'producerBlocked' },
  { method: 'thread', role: 'consumerBlocked' },
  { method: 'spawn', role: 'consumerInTurns' },
  { method: 'thread', role: 'setter' },
  { method: 'thread', role: 'waiter' },
  { method: 'thread', role: 'waiter' },
];
const [PRODUCED, TAKEN, INHERITED] = [OWN, OWN + 1, OWN + 2];

interface Sums {
  readonly deaths: number;
  readonly wrong: readonly string[];
  readonly taken: number;
  readonly inherited: number;
}

async function round(deaths: number, lock: Lock | RLock, random: Random): Promise<Sums> {
  const [notEmpty, notFull, event] = [new Condition(lock), new Condition(lock), new Event()];
  const cast = new Cast({
    module: 'condition-users.cjs',
    parts: PARTS,
    shared: () => ({ notEmpty, notFull, event }),
    random,
  });
  await cast.storm(deaths);
  await cast.calm(30);
  await cast.end(() =>
    notEmpty.run(() => {
      notEmpty.notifyAll();
      notFull.notifyAll();
    }),
  );
  expect([lock.locked(), lock.tryAcquire(), lock.ownerDied]).toEqual([false, true, false]);
  lock.release();
  const left = cast.word(PRODUCED) - cast.word(TAKEN);
  expect(left).toBeGreaterThanOrEqual(0);
  return { deaths: cast.deaths, wrong: cast.wrong, taken: cast.word(TAKEN), inherited: cast.word(INHERITED) };
}

test(`${KILLS} deaths around conditions and events, SEED=${seed}`, { timeout: 60_000 + KILLS * 200 }, async () => {
  const random = randomFrom(seed);
  const start = await before(() => round(3, new Lock(), random));
  const rounds = [
    await round(Math.ceil(KILLS / 2), new Lock(), random),
    await round(Math.ceil(KILLS / 2), new RLock(), random),
  ];
  const sum = (what: 'deaths' | 'taken' | 'inherited'): number => rounds.reduce((total, one) => total + one[what], 0);
  const wrong = rounds.flatMap((one) => one.wrong);
  console.log(
    `condition storm: ${sum('deaths')} deaths, ${sum('taken')} taken from the store, ${sum('inherited')} locks inherited, ` +
      `wrong ${wrong.length} (SEED=${seed})`,
  );
  expect(wrong).toEqual([]);
  expect(sum('deaths')).toBeGreaterThanOrEqual(KILLS);
  expect(Math.min(sum('taken'), sum('inherited'))).toBeGreaterThan(0);
  await expectNothingLeft(start);
});
