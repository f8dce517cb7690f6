// The cases of the bench, in the order of its table.
const NAMES = [
  'first-result',
  'round-trip-hot',
  'round-trip-silent',
  'tiny-tasks',
  'tiny-tasks-constant',
  'tiny-closures',
  'map-numbers',
  'map-typed',
  'array-1mib',
  'array-64mib',
  'map-objects',
  'cpu-speed-up',
  'pending-memory',
  'pending-time',
  'idle-processor',
  'worker-memory',
];

/** The cases of messages between two sides. */
const MESSAGES = [
  'latency-blocking',
  'latency-hot',
  'latency-sleeping',
  'echo-object',
  'stream-64b',
  'stream-64b-crowd',
  'stream-1mib',
  'lock-blocking',
  'lock-async',
  'lock-contended',
  'value-add',
  'create-queue',
  'live-queues',
  'start-process',
  'start-thread',
];

/** Cases that have a page together: its file under docs, and what its record is called beside the day and the machine. */
const GROUPS = [
  { group: 'pool', folder: 'cases', names: NAMES, page: 'benchmarks.md', record: '' },
  { group: 'messages', folder: 'messages', names: MESSAGES, page: 'message-benchmarks.md', record: '-messages' },
];

/**
 * The groups that `words` name, all when they name none; of each the cases whose name contains one of the other words, all
 * when there is none.
 */
export async function loadGroups(words) {
  const named = GROUPS.filter(({ group }) => words.includes(group));
  const filters = words.filter((word) => !GROUPS.some(({ group }) => group === word));
  const loaded = (named.length === 0 ? GROUPS : named).map(async (group) => {
    const wanted = group.names.filter((name) => filters.length === 0 || filters.some((word) => name.includes(word)));
    const definitions = wanted.map(async (name) => {
      const file = `./${group.folder}/${name}.mjs`;
      return { ...(await import(file)).default, name, file, start: undefined };
    });
    return { ...group, isWhole: filters.length === 0, definitions: await Promise.all(definitions) };
  });
  return (await Promise.all(loaded)).filter(({ definitions }) => definitions.length > 0);
}
