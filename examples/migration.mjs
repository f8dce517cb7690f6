// Migration from a pool that needs a worker file: that file is called by reference, until it becomes a plain function.
import assert from 'node:assert';
import { Pool } from 'manyhands';

// Before: new Piscina({ filename }).run({ a: 4, b: 6 })
const filename = new URL('./migration-worker.mjs', import.meta.url);
const pool = new Pool(2);
assert.strictEqual(await pool.apply({ module: filename }, [{ a: 4, b: 6 }]), 10);

// After: the file is gone.
assert.strictEqual(await pool.apply(({ a, b }) => a + b, [{ a: 4, b: 6 }]), 10);
pool.close();
await pool.join();
console.log('the same answer with and without a worker file');
