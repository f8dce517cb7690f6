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
} as const;

/** Module and name of each kind's class, and what errors call its objects. */
const CLASSES: readonly (readonly [module: string, name: string, called: string])[] = [
  ['', '', 'object'],
  ['queue.js', 'Queue', 'queue'],
  ['joinable-queue.js', 'JoinableQueue', 'queue'],
  ['simple-queue.js', 'SimpleQueue', 'queue'],
  ['connection.js', 'Connection', 'connection'],
  ['shared-memory.js', 'SharedMemory', 'shared memory'],
  ['shareable-list.js', 'ShareableList', 'shareable list'],
  ['lock.js', 'Lock', 'lock'],
  ['rlock.js', 'RLock', 'lock'],
  ['semaphore.js', 'Semaphore', 'semaphore'],
  ['semaphore.js', 'BoundedSemaphore', 'semaphore'],
  ['event.js', 'Event', 'event'],
  ['condition.js', 'Condition', 'condition'],
  ['barrier.js', 'Barrier', 'barrier'],
  ['value.js', 'Value', 'value'],
  ['value.js', 'RawValue', 'value'],
  ['shared-array.js', 'SharedArray', 'array'],
  ['shared-array.js', 'RawArray', 'array'],
];

export const kindName = (kind: number): string => CLASSES[kind]?.[2] ?? 'object';

/** The class of a kind. */
export function loadKind(kind: number): unknown {
  const [module = '', name = ''] = CLASSES[kind] ?? [];
  if (module === '') throw new RangeError(`A handle of unknown kind ${kind} arrived`);
  // eslint-disable-next-line -- loaded when needed, and this file stands below the public classes
  const exports = require(join(__dirname, '..', '..', module)) as Record<string, unknown>;
  return exports[name];
}
