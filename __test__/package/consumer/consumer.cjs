// Requires and imports the installed package: one instance, and tasks run in processes and threads.
const assert = require('node:assert');
const required = require('manyhands');

(async () => {
  const imported = await import('manyhands');
  for (const name of Object.keys(required)) assert.strictEqual(imported[name], required[name], name);
  for (const PoolClass of [required.Pool, imported.ThreadPool]) {
    const pool = new PoolClass(2);
    assert.deepStrictEqual(await pool.map((x) => x * x, [1, 2, 3]), [1, 4, 9]);
    pool.close();
    await pool.join();
  }
  console.log('consumer ok');
})();
