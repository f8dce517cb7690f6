// A streaming pipeline: an endless source, results in order, and never more than 16 items taken ahead.
import assert from 'node:assert';
import { createHash } from 'node:crypto';
import { Pool } from 'manyhands';

let taken = 0;
async function* records() {
  while (true) yield `record ${taken++}`;
}

const digest = (text) => createHash('sha256').update(text).digest('hex');
const pool = new Pool(2);
let used = 0;
for await (const hash of pool.imap(digest, records(), { buffersize: 16 })) {
  assert.strictEqual(hash, digest(`record ${used++}`));
  assert(taken <= used + 16 + 1, `${taken} taken, ${used} used`);
  if (used === 200) break; // stops the source, too
}
pool.close();
await pool.join();
console.log(`${used} results from an endless source, ${taken} records taken`);
