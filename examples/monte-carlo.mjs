// Monte-Carlo simulation whose answer depends on the seeds alone, not on the number of workers.
import assert from 'node:assert';
import { Pool } from 'manyhands';

function hits(seed) {
  let state = (seed + 1) * 0x9e3779b1;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  let inside = 0;
  for (let n = 0; n < 50_000; n++) inside += random() ** 2 + random() ** 2 < 1 ? 1 : 0;
  return inside;
}

async function estimate(processes) {
  const pool = new Pool(processes);
  const counts = await pool.map(hits, Array(40).keys());
  pool.close();
  await pool.join();
  return (4 * counts.reduce((a, b) => a + b)) / (40 * 50_000);
}

const answers = await Promise.all([1, 2, 3].map(estimate));
assert(answers.every((answer) => answer === answers[0]));
assert(Math.abs(answers[0] - Math.PI) < 0.02);
console.log(`pi is about ${answers[0]}: the same digits with 1, 2 and 3 workers`);
