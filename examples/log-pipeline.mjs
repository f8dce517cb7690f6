// A log pipeline: one process reads a log of real incidents, three count in it, one of them is killed, nothing is missing.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { JoinableQueue, Process, Queue } from 'manyhands';

const BATCH = 100;
const file = new URL('../node_modules/vega-datasets/data/birdstrikes.csv', import.meta.url);
const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);

function countPhases(batch) {
  const counts = new Map();
  for (const line of batch) {
    const phase = line.split(',')[6] || 'unknown';
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  return counts;
}

const batches = new JoinableQueue(8); // the reader waits while eight batches are unread
const results = new Queue();

const counters = Array.from(
  { length: 3 },
  () =>
    new Process({
      daemon: true,
      target: async () => {
        for await (const { number, batch } of batches) {
          await results.put({ number, counts: countPhases(batch) });
          batches.taskDone(); // after the result: a batch is done, or it has none
        }
      },
    }),
);
await Promise.all(counters.map((counter) => counter.start()));

const missing = new Set(Array.from({ length: Math.ceil(lines.length / BATCH) }, (_, number) => number));
const total = new Map();
let deaths = 0;
while (missing.size > 0) {
  for (const number of missing) {
    await batches.put({ number, batch: lines.slice(number * BATCH, (number + 1) * BATCH) });
    if (number === 20 && deaths++ === 0) counters[0].kill();
  }
  // Also when a counter died with a batch in hand: that one has no result, and is read again.
  await batches.join();
  while (!results.empty()) {
    const { number, counts } = results.getNowait();
    // One that died between its result and taskDone has left the result.
    if (!missing.delete(number)) continue;
    for (const [phase, count] of counts) total.set(phase, (total.get(phase) ?? 0) + count);
  }
}
batches.shutdown(); // ends the loops of the counters
await Promise.all(counters.map((counter) => counter.join()));

assert.deepStrictEqual(total, countPhases(lines)); // maps are compared whatever the order of their keys
assert.strictEqual(counters[0].exitcode, -9);
console.log(`${lines.length} incidents, ${deaths} counter killed, ${missing.size} batches missing`);
for (const [phase, count] of [...total].sort(([, a], [, b]) => b - a))
  console.log(`${phase.padEnd(20)} ${String(count).padStart(5)}`);
