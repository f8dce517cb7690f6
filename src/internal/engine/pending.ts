// The tasks that wait for a worker: by priority, first in first out within one, with a bound beyond which submissions wait outside.
import { Deque } from './deque.js';
import type { Task } from './task.js';

/** Beyond it, levels that have run empty are dropped: priorities may all be different, as deadlines are. */
const MOST_LEVELS = 16;

export class Pending {
  readonly #maxQueue: number;
  /** Highest priority first; an empty level goes when its place is needed. */
  #levels: { readonly priority: number; readonly tasks: Deque<Task> }[] = [];
  readonly #outside = new Deque<Task>();
  #queued = 0;
  #roomWaiters: (() => void)[] = [];

  constructor(maxQueue: number) {
    this.#maxQueue = maxQueue;
  }

  /** Tasks in the queue. */
  get queued(): number {
    return this.#queued;
  }

  /** Tasks that wait for a place in the queue. */
  get waiting(): number {
    return this.#outside.length;
  }

  /** Whether tasks of several priorities may wait, or have waited lately. */
  get isMixed(): boolean {
    return this.#levels.length > 1;
  }

  get isEmpty(): boolean {
    return this.#queued === 0 && this.#outside.length === 0;
  }

  push(task: Task): void {
    if (this.#queued >= this.#maxQueue) {
      this.#outside.push(task);
    } else {
      this.#level(task.options.priority).push(task);
      this.#queued++;
    }
  }

  /** Tasks that come back from a worker go before those of their priority that never went. */
  putBack(tasks: readonly Task[]): void {
    for (let end = tasks.length; end > 0;) {
      const priority = tasks[end - 1]?.options.priority ?? 0;
      let start = end - 1;
      while (start > 0 && tasks[start - 1]?.options.priority === priority) start--;
      this.#level(priority).unshift(tasks.slice(start, end));
      end = start;
    }
    this.#queued += tasks.length;
  }

  peek(): Task | undefined {
    for (const { tasks } of this.#levels) if (tasks.length > 0) return tasks.peek();
    return undefined;
  }

  shift(): Task | undefined {
    for (const { tasks } of this.#levels) {
      if (tasks.length === 0) continue;
      this.#queued--;
      const task = tasks.shift();
      this.#letIn();
      return task;
    }
    return undefined;
  }

  remove(task: Task): boolean {
    if (this.#level(task.options.priority).remove(task)) {
      this.#queued--;
      this.#letIn();
      return true;
    }
    return this.#outside.remove(task);
  }

  clear(): Task[] {
    const all = this.#levels.flatMap(({ tasks }) => tasks.clear());
    all.push(...this.#outside.clear());
    this.#queued = 0;
    this.#tellRoom();
    return all;
  }

  /** Resolves when a submission would be queued at once; undefined when it would be now. */
  room(): Promise<void> | undefined {
    if (this.#queued < this.#maxQueue && this.#outside.length === 0) return undefined;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  #letIn(): void {
    while (this.#queued < this.#maxQueue && this.#outside.length > 0) {
      const task = this.#outside.shift();
      if (task === undefined) break;
      this.#level(task.options.priority).push(task);
      this.#queued++;
    }
    if (this.#queued < this.#maxQueue) this.#tellRoom();
  }

  #tellRoom(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }

  #level(priority: number): Deque<Task> {
    let at = 0;
    for (; at < this.#levels.length; at++) {
      const level = this.#levels[at];
      if (level === undefined || level.priority < priority) break;
      if (level.priority === priority) return level.tasks;
    }
    const tasks = new Deque<Task>();
    this.#levels.splice(at, 0, { priority, tasks });
    if (this.#levels.length > MOST_LEVELS)
      this.#levels = this.#levels.filter((level) => level.tasks.length > 0 || level.tasks === tasks);
    return tasks;
  }
}
