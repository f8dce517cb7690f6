// The options of a pool after they were checked: what a local engine is built from.
import type { ResourceLimits } from 'node:worker_threads';
import type { StartMethod } from '../../start-method.js';
import type { Task } from '../../task.js';

export interface LocalSettings {
  readonly processes: number;
  readonly initializer: Task | undefined;
  readonly initargs: readonly unknown[];
  /** Infinity: no limit. */
  readonly maxTasksPerChild: number;
  /** Bytes. */
  readonly maxMemoryPerChild: number | undefined;
  readonly method: StartMethod;
  readonly retries: number;
  readonly taskTimeoutMs: number | undefined;
  /** Infinity: no limit. */
  readonly maxQueue: number;
  readonly name: string;
  readonly env: Record<string, string | undefined> | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
}
