// Contestants that take turns: what memory gives changes by a factor of two from one second to another on a shared machine.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/** In one turn: calls that are counted, at most, and milliseconds after which no more follow. */
const [CALLS, ENOUGH_MS] = [100, 50];
/** Before each turn: the threads of OpenMP go on spinning for milliseconds after their work. */
const PAUSE_MS = 20;

export const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** A call that warms up caches and counts only if it was long, then some more; gives their median, and the last answer, if that is a number. */
export async function turn(run, prepare) {
  const times = [];
  let [answer, all] = [undefined, 0];
  for (let call = -1; call < CALLS && all < ENOUGH_MS; call++) {
    prepare?.();
    const begun = performance.now();
    answer = await run();
    const ms = performance.now() - begun;
    if (call < 0 && ms < ENOUGH_MS) continue;
    times.push(ms);
    all += ms;
  }
  return { ms: middle(times), answer: typeof answer === 'number' ? answer : undefined };
}

/** A program that takes a turn for each line it is sent, and answers `ms answer`, or `-` where it has no such row. */
export class Rival {
  #child;
  #lines;

  constructor(command, args, env = {}) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async turn(row) {
    this.#child.stdin.write(`${row}\n`);
    const { value = '-' } = await this.#lines.next();
    const [ms, answer] = value.split(' ').map(Number);
    return Number.isFinite(ms) ? { ms, answer } : undefined;
  }

  end() {
    this.#child.stdin.end();
  }
}

/** A rival's side of it, in JavaScript: `rowOf(line)` gives what to run, what to do before and what to answer; undefined: it has no such row. */
export async function takeTurnsByLine(rowOf) {
  for await (const line of createInterface({ input: process.stdin })) {
    const row = rowOf(line);
    if (row === undefined) {
      console.log('-');
      continue;
    }
    const { ms, answer } = await turn(row.run, row.prepare);
    console.log(`${ms} ${row.answer?.() ?? answer}`);
  }
}

/** Lets each of `{ name: turn }` take so many turns, one after the other; those without an answer take part no longer. */
export async function takeTurns(contestants, rounds) {
  const left = new Map(Object.entries(contestants));
  const results = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, take] of left) {
      await pause(PAUSE_MS);
      const result = await take();
      if (result === undefined) {
        left.delete(name);
        continue;
      }
      results[name] ??= { turns: [] };
      results[name].turns.push(result.ms);
      results[name].answer = result.answer;
    }
  }
  for (const result of Object.values(results)) result.ms = middle(result.turns);
  return results;
}

/** How many times longer than ours a rival takes: in each round, at almost the same time; the median. */
export const times = (rival, ours) => middle(rival.turns.map((ms, round) => ms / ours.turns[round]));
