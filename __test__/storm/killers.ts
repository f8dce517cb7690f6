// Kills workers of pools from outside: processes by a sibling thread that aims at microseconds, threads by terminate.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Pool } from 'manyhands';
import type { Random } from './random.ts';

const require = createRequire(import.meta.url);
const threads = new Map<number, Worker>();

/** Worker threads started from here on can be found by their id. The package asks the module for the class each time. */
export function watchThreads(): () => void {
  const module = require('node:worker_threads') as { Worker: typeof Worker };
  const original = module.Worker;
  module.Worker = class extends original {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      const { threadId } = this;
      threads.set(threadId, this);
      this.once('exit', () => threads.delete(threadId));
    }
  };
  return () => {
    module.Worker = original;
  };
}

// Waits some microseconds and kills, unless the process is no longer a child of ours.
const SNIPER = `
const { parentPort } = require('node:worker_threads');
const { readFileSync } = require('node:fs');
parentPort.on('message', ({ pid, micros }) => {
  const start = process.hrtime.bigint();
  while (process.hrtime.bigint() - start < BigInt(micros * 1000));
  try {
    const stat = readFileSync('/proc/' + pid + '/stat', 'utf8');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === process.pid) process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
  }
});`;

export class Sniper {
  readonly #worker = new Worker(SNIPER, { eval: true });

  shoot(pid: number, micros: number): void {
    this.#worker.postMessage({ pid, micros });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

// Longest life of a worker that is ready, in ms: enough for some tasks, short enough for many deaths.
const LONGEST_LIFE_MS = 120;

/** One pool under fire: each of its workers is killed some moments after it is ready, some before, some all at once. */
export class Target {
  deaths = 0;
  readonly #sniper: Sniper;
  readonly #random: Random;
  readonly #ready = new Map<number, { readonly pid: number; readonly threadId: number }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  // Three workers in a row that end before they are ready mean to the pool that none can start.
  #mayShootStarting = true;
  #raging = true;

  constructor(pool: Pool, sniper: Sniper, random: Random, died: () => void) {
    this.#sniper = sniper;
    this.#random = random;
    pool.on('workerStart', (worker) => {
      this.#mayShootStarting = true;
      this.#ready.set(worker.id, worker);
      const all = random.below(10) === 0;
      this.#later(LONGEST_LIFE_MS, () => {
        for (const victim of all ? this.#ready.values() : [worker]) this.#kill(victim);
      });
    });
    pool.on('workerExit', ({ id }) => {
      this.deaths++;
      this.#ready.delete(id);
      died();
      if (this.#mayShootStarting && random.below(10) === 0) {
        this.#mayShootStarting = false;
        const starting = pool.workers.filter((worker) => !this.#ready.has(worker.id));
        this.#later(LONGEST_LIFE_MS, () => this.#kill(starting.at(-1)));
      }
    });
  }

  /** Kills nobody any more. */
  end(): void {
    this.#raging = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(longestMs: number, action: () => void): void {
    if (!this.#raging) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, this.#random.below(longestMs));
    this.#timers.add(timer);
  }

  #kill(worker: { pid: number; threadId: number } | undefined): void {
    if (worker === undefined) return;
    if (worker.threadId === 0) this.#sniper.shoot(worker.pid, this.#random.below(1500));
    else void threads.get(worker.threadId)?.terminate();
  }
}
