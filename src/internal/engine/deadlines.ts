// Watches the run time of tasks that have a limit: the clock starts when the worker starts the task, not when it was sent.
import { TimeoutError } from '../../errors.js';
import { LONGEST_TIMER, monotonicMs } from '../memory/clock.js';
import type { Task } from './task.js';
import { clearTimeout, setTimeout } from '../memory/timers.js';

/** How soon to look again at a task that its worker has not started yet, at least. */
const SHORTEST_LOOK_MS = 1;

export class Deadlines {
  readonly #timers = new Map<Task, NodeJS.Timeout>();
  readonly #expired: (task: Task) => void;

  constructor(expired: (task: Task) => void) {
    this.#expired = expired;
  }

  /** Watches a task that was sent; again after it was sent once more. */
  add(task: Task): void {
    if (!this.#timers.has(task)) this.#schedule(task);
  }

  delete(task: Task): void {
    clearTimeout(this.#timers.get(task));
    this.#timers.delete(task);
  }

  /** Looks at once, for a thread that is blocked and so gets no timers. */
  check(): void {
    for (const task of [...this.#timers.keys()]) {
      if (remaining(task) <= 0) {
        this.delete(task);
        this.#expired(task);
      }
    }
  }

  error(task: Task): TimeoutError {
    return new TimeoutError(`The task ran longer than ${task.options.timeoutMs ?? 0} ms`);
  }

  #schedule(task: Task): void {
    const left = Math.min(LONGEST_TIMER, Math.max(SHORTEST_LOOK_MS, remaining(task)));
    const timer = setTimeout(() => {
      this.#timers.delete(task);
      if (task.state === 'settled') return;
      if (remaining(task) <= 0) this.#expired(task);
      else this.#schedule(task);
    }, left);
    // The pending call keeps the program alive, not its time limit.
    timer.unref();
    this.#timers.set(task, timer);
  }
}

function remaining(task: Task): number {
  // A task that has not started has all of its time left, and never none: a limit of 0 ends it once it runs.
  const limit = Math.max(SHORTEST_LOOK_MS, task.options.timeoutMs ?? Infinity);
  if (task.state !== 'sent' || task.inFlight === undefined) return limit;
  const { batch } = task.inFlight;
  const { startedAt } = batch;
  if (startedAt === 0) return limit;
  const now = monotonicMs();
  // A start that is yet to come (or no number) is damage: the task would run without a limit.
  return startedAt <= now ? startedAt + (task.options.timeoutMs ?? Infinity) - now : 0;
}
