// Ends tasks, each exactly once: gives back what it had, counts it and tells its listener.
import type { Doorbell } from '../memory/doorbell.js';
import type { Deadlines } from './deadlines.js';
import type { FrameWriter } from './frame-writer.js';
import type { InFlight } from './in-flight.js';
import type { Meter } from './meter.js';
import type { Reply } from './reply-reader.js';
import type { ErrorOrigin, Task } from './task.js';

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

export class Settlement {
  readonly #doorbell: Doorbell;
  readonly #frames: FrameWriter;
  readonly #deadlines: Deadlines;
  readonly #meter: Meter;
  readonly #idle: () => void;
  #outstanding = 0;

  /** `idle` is called whenever nothing is outstanding any more. */
  constructor(doorbell: Doorbell, frames: FrameWriter, deadlines: Deadlines, meter: Meter, idle: () => void) {
    this.#doorbell = doorbell;
    this.#frames = frames;
    this.#deadlines = deadlines;
    this.#meter = meter;
    this.#idle = idle;
  }

  get isIdle(): boolean {
    return this.#outstanding === 0;
  }

  /** A task was submitted, or is being prepared: the event loop lives until its end. */
  begin(): void {
    if (this.#outstanding++ === 0) this.#doorbell.hold();
  }

  /** What was being prepared is submitted, or will never be. */
  end(): void {
    if (--this.#outstanding > 0) return;
    this.#doorbell.release();
    this.#idle();
  }

  settle(task: Task, outcome: Outcome, origin: ErrorOrigin): void {
    if (task.state === 'settled') return;
    task.state = 'settled';
    this.#frames.release(task);
    this.#deadlines.delete(task);
    if (--this.#outstanding === 0) this.#doorbell.release();
    if (outcome.ok) {
      this.#meter.completed++;
      task.listener.fulfilled(outcome.value, task);
    } else {
      if (origin === 'given') this.#meter.cancelled++;
      else this.#meter.failed++;
      task.listener.rejected(outcome.error, task, origin);
    }
    if (this.#outstanding === 0) this.#idle();
  }

  replied(task: Task, reply: Reply, inFlight: InFlight): void {
    if (task.state === 'settled') return;
    this.#meter.ran(task.definition, reply.micros, inFlight.tasks.length, task.index);
    this.settle(task, reply, 'task');
  }

  /** Rejects what a batch whose worker is through or dead should have replied to. */
  lost(inFlight: InFlight): void {
    const { tasks, seen, limit } = inFlight;
    if (seen === limit) return;
    inFlight.spoil(`${limit - seen} replies are not there`);
    for (const task of tasks.slice(seen, limit))
      if (task.inFlight === inFlight) this.settle(task, { ok: false, error: inFlight.damage }, 'pool');
  }
}
