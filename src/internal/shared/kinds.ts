// The kinds of handles, and which class makes an object of each. A class is loaded when its first handle arrives, so that
// a worker that gets none does not pay for it; the numbers are part of the format of messages.
import { join } from 'node:path';

export const KIND = {
  QUEUE: 1,
  JOINABLE_QUEUE: 2,
  SIMPLE_QUEUE: 3,
  CONNECTION: 4,
  SHARED_MEMORY: 5,
  SHAREABLE_LIST: 6,
  LOCK: 7,
  RLOCK: 8,
  SEMAPHORE: 9,
  BOUNDED_SEMAPHORE: 10,
  EVENT: 11,
  CONDITION: 12,
  BARRIER: 13,
  VALUE: 14,
  RAW_VALUE: 15,
  ARRAY: 16,
  RAW_ARRAY: 17,
  LOGGER: 18,
} as const;

/** Module and name of each kind's class, what errors call its objects, and about how many KB of the arena each takes. */
const CLASSES: readonly (readonly [module: string, name: string, called: string, kilobytes: number])[] = [
  ['', '', 'object', 0],
  ['queue.js', 'Queue', 'queue', 3],
  ['joinable-queue.js', 'JoinableQueue', 'queue', 32],
  ['simple-queue.js', 'SimpleQueue', 'queue', 3],
  ['connection.js', 'Connection', 'connection', 15],
  ['shared-memory.js', 'SharedMemory', 'shared memory', 0],
  ['shareable-list.js', 'ShareableList', 'shareable list', 0],
  ['lock.js', 'Lock', 'lock', 0.5],
  ['rlock.js', 'RLock', 'lock', 0.5],
  ['semaphore.js', 'Semaphore', 'semaphore', 1],
  ['semaphore.js', 'BoundedSemaphore', 'semaphore', 1],
  ['event.js', 'Event', 'event', 0.5],
  ['condition.js', 'Condition', 'condition', 8],
  ['barrier.js', 'Barrier', 'barrier', 1],
  ['value.js', 'Value', 'value', 1],
  ['value.js', 'RawValue', 'value', 1],
  ['shared-array.js', 'SharedArray', 'array', 1],
  ['shared-array.js', 'RawArray', 'array', 1],
  ['internal/process/log.js', 'logger', 'logger', 0],
];

export const kindName = (kind: number): string => CLASSES[kind]?.[2] ?? 'object';

/** Bytes that an object of a kind takes beside what is put into it. */
export const kindBytes = (kind: number): number => 1024 * (CLASSES[kind]?.[3] ?? 0);

/** The class of a kind, or the one object that each environment has of it. */
export function loadKind(kind: number): unknown {
  const [module = '', name = ''] = CLASSES[kind] ?? [];
  if (module === '') throw new RangeError(`A handle of unknown kind ${kind} arrived`);
  // eslint-disable-next-line -- loaded when needed, and this file stands below the public classes
  const exports = require(join(__dirname, '..', '..', module)) as Record<string, unknown>;
  return exports[name];
}
