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
} as const;

/** What errors call them. */
export const KIND_NAMES: readonly string[] = [
  '',
  'queue',
  'queue',
  'queue',
  'connection',
  'shared memory',
  'shareable list',
];

/** Module and name of each kind's class. */
const CLASSES: readonly (readonly [string, string])[] = [
  ['', ''],
  ['queue.js', 'Queue'],
  ['', ''],
  ['', ''],
  ['connection.js', 'Connection'],
  ['shared-memory.js', 'SharedMemory'],
  ['shareable-list.js', 'ShareableList'],
];

/** The class of a kind. */
export function loadKind(kind: number): unknown {
  const [module, name] = CLASSES[kind] ?? ['', ''];
  if (module === '') throw new RangeError(`A handle of unknown kind ${kind} arrived`);
  // eslint-disable-next-line -- loaded when needed, and this file stands below the public classes
  const exports = require(join(__dirname, '..', '..', module)) as Record<string, unknown>;
  return exports[name];
}
