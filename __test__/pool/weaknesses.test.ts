// The weaknesses of Python's pools (1-9 and 22-24 of our list) that this package must not have, and which test watches each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { native } from '../../dist/internal/native.js';
import { onBothBackEnds } from './back-ends.js';

/** What Python does; then file and title of each test that fails where we did the same. */
const WEAKNESSES: Readonly<Record<string, readonly (readonly [file: string, title: string])[]>> = {
  '1: the result of a task whose worker died never comes': [
    ['pool/workers', 'a worker that exits in a task rejects that task with its exit code and is replaced'],
    ['pool/workers', 'a worker killed by a signal rejects its task with the signal'],
    ['pool/workers', 'retries run a task again whose worker died, at most so often'],
  ],
  '2: an idle worker that is killed starves all others': [
    ['pool/workers', 'an idle worker that is killed is replaced and starves nobody'],
  ],
  '3: a failing initializer is respawned for ever': [
    ['pool/workers', 'a failing initializer rejects everything with InitializerError and starts no further workers'],
    ['pool/workers', 'an initializer that kills its worker fails the pool, too'],
  ],
  '4: a callback that throws, or an error that cannot be copied, ends the delivery of results': [
    ['pool/callbacks', 'one that throws goes to the error event and stops nothing'],
    ['pool/errors', 'an error that cannot be copied whole still rejects, naming it'],
  ],
  '5: results that are pending at terminate() hang': [
    [
      'pool/lifecycle',
      'terminate rejects everything pending with PoolTerminatedError: running, at hand, queued, listed',
    ],
  ],
  '6: a chunksize below 1 gives nonsense, and an empty map calls no callback': [
    ['pool/map', 'a chunksize of %s is a RangeError'],
    ['pool/callbacks', 'is called for an empty iterable too'],
  ],
  '7: imap eats endless sources, and in chunks ends at the first error and has no time limit': [
    ['pool/imap-sources', 'takes at most buffersize items ahead of the consumer: endless %s source'],
    ['pool/imap', 'an item or result that cannot be copied fails alone, chunksize %s'],
    ['pool/imap', 'next with a time limit rejects with TimeoutError and leaves the item for a later next'],
  ],
  '8: a running task cannot be stopped': [
    ['pool/async-result', 'cancel of a running call stops it in its busy loop and replaces the worker'],
    ['pool/timeouts-and-signals', 'aborting a running busy loop rejects with the reason, and the worker is replaced'],
    ['pool/timeouts-and-signals', 'stops a task that awaits for ever'],
  ],
  '9: one dead worker fails the calls of all others': [
    ['pool/workers', 'a death rejects only what ran there; what had not started goes elsewhere and is no retry'],
  ],
  '22: a main program without a guard starts itself again and again': [
    ['pool/contexts', 'the entry script is never run again in a worker, guarded or not'],
  ],
  '23: misuse is an assertion, join gives no status, and remote errors have no stack': [
    ['pool/lifecycle', 'join before close or terminate is a StateError'],
    ['process/process', 'lives from start to the end of its function'],
    ['pool/errors', 'remoteStack is the stack in the worker; stack goes on to the line of the caller'],
  ],
  '24: a message of 16 MB is copied several times': [
    ['pool/apply', 'moves 16 MB there and back unharmed'],
    ['pool/weaknesses', 'a result of 16 MB lies where the worker wrote it, and is given back once it is collected'],
  ],
};

describe.each(Object.entries(WEAKNESSES))('%s', (_weakness, watched) => {
  test.each(watched)('is watched in %s by: %s', (file, title) => {
    const source = readFileSync(join(import.meta.dirname, '..', `${file}.test.ts`), 'utf8');
    expect(source).toContain(`('${title}',`);
    // Neither left out nor left alone.
    expect(source).not.toMatch(/\b(test|describe)\.(skip|only|todo)\(/);
  });
});

onBothBackEnds(({ open }) => {
  test('a result of 16 MB lies where the worker wrote it, and is given back once it is collected', async () => {
    const pool = open(1);
    const before = native().stats().bytes;
    const length = 16 * 1024 * 1024;
    const result = await pool.apply((size: number) => new Uint8Array(size).fill(7), [length]);
    // Neither side has a second copy: the memory that the worker filled is the result's.
    expect(native().stats().bytes - before).toBeGreaterThanOrEqual(length);
    expect(native().stats().bytes - before).toBeLessThan(2 * length);
    expect(result).toHaveLength(length);
    expect(result[length - 1]).toBe(7);
  });
});
