// How many CPUs there are, and how many this process may use.
import { cpus } from 'node:os';
import { native } from './internal/native.js';

/**
 * Number of logical CPUs of the machine, whatever part of it this process may use.
 *
 * @example
 * cpuCount(); // 8
 */
export function cpuCount(): number {
  return Math.max(1, cpus().length);
}

/**
 * Number of CPUs that this process may use: honours its affinity mask and the CPU limit of its control group (a
 * container's `--cpus`), rounded down, at least 1. The default number of workers of a pool.
 *
 * @example
 * availableCpuCount(); // 2 in a container started with --cpus=2
 */
export function availableCpuCount(): number {
  return Math.max(1, native().availableCpus());
}
