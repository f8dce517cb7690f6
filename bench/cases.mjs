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

/** All cases whose name contains one of `filters`; all when there is none. */
export async function loadCases(filters) {
  const wanted = NAMES.filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)));
  return Promise.all(
    wanted.map(async (name) => ({ name, ...(await import(`./cases/${name}.mjs`)).default, start: undefined })),
  );
}
