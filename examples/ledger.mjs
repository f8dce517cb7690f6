// A ledger in SQLite, each entry sealed with the one before: four processes append, one is killed halfway, and nothing is lost.
import assert from 'node:assert';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { Event, Lock, Pool, Value } from 'manyhands';

const prices = new URL('../node_modules/vega-datasets/data/stocks.csv', import.meta.url);
const entries = readFileSync(prices, 'utf8').trim().split('\n').slice(1);
const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
const file = join(folder, 'ledger.db');
const lock = new Lock();
const killed = new Event();
const orphans = new Value('int32');
const seal = (before, entry) => createHash('sha256').update(before).update(entry).digest('hex');

// SQLite makes each INSERT whole or undone; the lock keeps others away between the SELECT and the INSERT.
function append(entry) {
  const ledger = new Database(file, { timeout: 5_000 });
  ledger.exec('PRAGMA synchronous = OFF'); // enough for the death of a process
  if (lock.ownerDied) {
    assert.strictEqual(ledger.prepare('PRAGMA integrity_check').get().integrity_check, 'ok');
    orphans.add(1);
  }
  // A task of the dead worker is run again; it may have come this far before.
  if (ledger.prepare('SELECT entry FROM ledger WHERE entry = ?').get(entry) === undefined) {
    const last = ledger.prepare('SELECT seal FROM ledger ORDER BY number DESC LIMIT 1').get();
    ledger.exec('BEGIN');
    ledger.prepare('INSERT INTO ledger (entry, seal) VALUES (?, ?)').run(entry, seal(last?.seal ?? '', entry));
    if (entry === entries[305] && !killed.isSet()) {
      killed.set();
      process.kill(process.pid, 'SIGKILL');
    }
    ledger.exec('COMMIT');
  }
  ledger.close();
}

const pool = new Pool(4);
try {
  const ledger = new Database(file);
  ledger.exec('CREATE TABLE ledger (number INTEGER PRIMARY KEY, entry TEXT UNIQUE, seal TEXT)');
  await pool.map((entry) => lock.run(() => append(entry)), entries, { chunksize: 10, retries: 1 });
  const rows = ledger.prepare('SELECT entry, seal FROM ledger ORDER BY number').all();
  ledger.close();
  assert.strictEqual(rows.length, entries.length);
  assert.deepStrictEqual(new Set(rows.map(({ entry }) => entry)), new Set(entries));
  rows.forEach((row, i) => assert.strictEqual(row.seal, seal(rows[i - 1]?.seal ?? '', row.entry)));
  assert.deepStrictEqual([killed.isSet(), orphans.value], [true, 1]);
  console.log(`${rows.length} entries, each once and sealed with the one before, though a worker died with the lock`);
} finally {
  await pool.terminate();
  rmSync(folder, { recursive: true });
}
