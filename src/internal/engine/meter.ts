// Counts what an engine did and measures run and wait times, cheaply enough for half a million tasks a second.
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Definition } from '../function/definition.js';
import { monotonicMs } from '../memory/clock.js';
import type { EngineStats, Percentiles } from './engine.js';

const NS_PER_MS = 1e6;
// In a large batch of tiny tasks every eighth is recorded: a record costs about as much as sending the task.
const ALL_UP_TO = 16;
const SAMPLE_MASK = 7;
const MOST_RECENT = 64;

export class Meter {
  submitted = 0;
  completed = 0;
  failed = 0;
  cancelled = 0;
  retried = 0;
  restarts = 0;
  /** Sum of the run times of all tasks, ms. */
  busyMs = 0;
  readonly startedAt = monotonicMs();
  readonly #run = new Times();
  readonly #wait = new Times();
  /** Smoothed run time of one task of a function, ms. */
  readonly #cost = new WeakMap<Definition, number>();

  /** Expected run time of a task in ms; undefined until one of its function has run. */
  costOf(definition: Definition): number | undefined {
    return this.#cost.get(definition);
  }

  ran(definition: Definition, micros: number, batchSize: number, index: number): void {
    const ms = micros / 1000;
    this.busyMs += ms;
    const before = this.#cost.get(definition);
    // Rises at once and falls slowly: a batch that turns out long delays its last task, a short one costs only a message.
    this.#cost.set(definition, before === undefined || ms > before ? ms : before + (ms - before) / 8);
    if (batchSize <= ALL_UP_TO || (index & SAMPLE_MASK) === 0) this.#run.add(ms);
  }

  waited(ms: number, batchSize: number, index: number): void {
    if (batchSize <= ALL_UP_TO || (index & SAMPLE_MASK) === 0) this.#wait.add(ms);
  }

  /** Everything it knows, with what is there now. */
  report(now: Pick<EngineStats, 'workers' | 'queued' | 'waiting' | 'running'>, processes: number): EngineStats {
    const { submitted, completed, failed, cancelled, retried, restarts } = this;
    return {
      ...now,
      submitted,
      completed,
      failed,
      cancelled,
      retried,
      restarts,
      utilisation: Math.min(1, this.busyMs / ((monotonicMs() - this.startedAt) * processes)),
      run: this.#run.percentiles(),
      wait: this.#wait.percentiles(),
    };
  }
}

/** A histogram that is written rarely and many times at once: a lone task should not wait for the code that does it. */
class Times {
  #histogram: RecordableHistogram | undefined;
  /** Not in the histogram yet, ms. */
  readonly #recent: number[] = [];

  add(ms: number): void {
    if (this.#recent.push(ms) === MOST_RECENT) this.#record();
  }

  percentiles(): Percentiles {
    const histogram = this.#record();
    if (histogram.count === 0) return { mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
    const at = (percentile: number): number => histogram.percentile(percentile) / NS_PER_MS;
    return { mean: histogram.mean / NS_PER_MS, p50: at(50), p90: at(90), p99: at(99), max: histogram.max / NS_PER_MS };
  }

  #record(): RecordableHistogram {
    // Loading the module takes 1 to 2 ms.
    this.#histogram ??= (require('node:perf_hooks') as typeof import('node:perf_hooks')).createHistogram();
    for (const ms of this.#recent) this.#histogram.record(Math.max(1, Math.round(ms * NS_PER_MS)));
    this.#recent.length = 0;
    return this.#histogram;
  }
}
