// Several pools work in every way while their workers are killed at random instants; every call is accounted for.
//
// Starting a worker costs 20 (thread) to 40 ms (process) of CPU, so most deaths are of threads. Half of the pools
// run tasks again, so tasks are checked to run at most as often as they may. SEED repeats the choices.
import { expect, test } from 'vitest';
import { Pool, ThreadPool } from 'manyhands';
import { CALLS, Tally, type Scene } from './calls.ts';
import { Executions } from './executions.ts';
import { Sniper, Target, watchThreads } from './killers.ts';
import { beforePools, expectNothingLeft } from './leftovers.ts';
import { randomFrom, seed } from './random.ts';
import { DEATHS } from './scale.ts';

const KILLS = DEATHS.pool;
const CLIENTS_PER_POOL = 5;

test(`${KILLS} deaths of workers, SEED=${seed}`, { timeout: 60_000 + KILLS * 200 }, async () => {
  const unwatch = watchThreads();
  const start = await beforePools();
  const random = randomFrom(seed);
  const sniper = new Sniper();
  const executions = new Executions();
  const tally = new Tally();
  const pools = [
    { pool: new ThreadPool(3), retries: 0 },
    { pool: new ThreadPool(2), retries: 2 },
    { pool: new Pool(2), retries: 0 },
    { pool: new Pool(1), retries: 3 },
  ];
  let enough = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const deaths = (): number => targets.reduce((sum, target) => sum + target.deaths, 0);
  const targets = pools.map(
    ({ pool }) =>
      new Target(pool, sniper, random, () => {
        if (deaths() >= KILLS) enough();
      }),
  );

  let raging = true;
  const clients = pools.flatMap(({ pool, retries }) =>
    Array.from({ length: CLIENTS_PER_POOL }, async () => {
      const scene: Scene = { pool, executions, tally, random, retries };
      while (raging && tally.wrong.length === 0) await random.pick(Object.values(CALLS))(scene);
    }),
  );
  await Promise.race([reached, Promise.all(clients)]);
  for (const target of targets) target.end();
  raging = false;
  await Promise.all(clients);
  const kills = deaths();
  for (const { pool } of pools) pool.close();
  await Promise.all(pools.map(({ pool }) => pool.join()));
  await sniper[Symbol.asyncDispose]();
  unwatch();
  tally.checkRuns(executions.counts());
  executions.remove();
  console.log(
    `pool storm: ${kills} deaths, ${tally.calls} calls, ${tally.fulfilled} gave values, ${tally.died} died with their worker, ` +
      `wrong ${tally.wrong.length}, run too often ${tally.executions.length} (SEED=${seed})`,
  );
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  expect(tally.wrong).toEqual([]);
  expect(tally.executions).toEqual([]);
  expect(Math.min(tally.fulfilled, tally.died)).toBeGreaterThan(0);
  await expectNothingLeft(start);
});
