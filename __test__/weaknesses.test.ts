// The weaknesses of Python's multiprocessing that this package must not have, and which test watches each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { native } from '../dist/internal/native.js';
import { onBothBackEnds } from './pool/back-ends.js';

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
  '11: a child with unread items cannot be joined, or never ends': [
    ['queue/queue', 'a child that put much which nobody reads ends all the same, and its items stay'],
  ],
  '12: put copies later, loses its errors, and what was put is not there at once': [
    ['queue/queue', 'copies an item when it is put, and refuses what cannot be copied there'],
    ['queue/queue', 'is exact about its length and its limit'],
  ],
  '13: a getter that is killed keeps all others from getting': [
    ['queue/kill', 'that waited in %s keeps nobody else from getting'],
    ['queue/kill', 'gives back an item that it had taken but not yet got'],
    ['lifetime/terminated-threads', 'in Queue.%s it keeps nobody from getting'],
  ],
  '14: what a killed process had locked stays so': [
    ['lock/lock', 'of a %s leaves it to the next one, who can tell'],
    ['lock/lock', 'whose death nobody is told of is found by who blocks for it'],
    ['lifetime/terminated-threads', 'what it had of a %s goes to the next one, who can tell'],
  ],
  '15: a killed waiter stops who sets, notifies or comes last': [
    ['condition/event', 'set waits for nobody: not for a killed, not for a stopped one'],
    ['condition/condition', 'who is notified and dies passes the notification on'],
    ['condition/barrier', 'in %s breaks the barrier'],
    ['lifetime/terminated-threads', 'in Event.%s it delays no set'],
    ['lifetime/terminated-threads', 'in Condition.%s it takes no notification with it'],
    ['lifetime/terminated-threads', 'in Barrier.%s it breaks the barrier'],
  ],
  '16: shared objects cross only when a process starts': [
    ['queue/travel', 'siblings meet in a queue that one of them made'],
    ['lock/lock', 'a lock travels through a queue and comes home as the same object'],
    [
      'pipe/python-rows',
      'ends of one way reach a child that runs already, and can there what they could here (test_access)',
    ],
  ],
  '19: who only attached removes shared memory at its end': [
    ['shared-memory/shared-memory', 'who only attached leaves the name when it ends'],
  ],
  '20: lists cut off bytes, shorten texts and read beyond their ends': [
    ['shared-memory/shareable-list', 'every item comes back as it is, here and where the list is attached'],
    ['shared-memory/shareable-list', 'items change in their slots, also their type'],
    ['shared-memory/shareable-list', 'what is beyond the ends or no item is an error'],
  ],
  '21: daemonic children outlive a parent that is killed': [
    ['process/lifetime', 'takes its daemonic children with it, even from a busy loop'],
    ['lifetime/parent-death', 'SIGKILL of the program ends workers that are in an endless loop'],
  ],
  '22: a main program without a guard starts itself again and again': [
    ['pool/contexts', 'the entry script is never run again in a worker, guarded or not'],
    ['process/lifetime', 'the entry script is never run again in a child'],
  ],
  '23: misuse is an assertion, join gives no status, and remote errors have no stack': [
    ['pool/lifecycle', 'join before close or terminate is a StateError'],
    ['process/process', 'lives from start to the end of its function'],
    ['pool/errors', 'remoteStack is the stack in the worker; stack goes on to the line of the caller'],
  ],
  '24: a message of 16 MB is copied several times': [
    ['pool/apply', 'moves 16 MB there and back unharmed'],
    ['weaknesses', 'a result of 16 MB lies where the worker wrote it, and is given back once it is collected'],
  ],
};

describe.each(Object.entries(WEAKNESSES))('%s', (_weakness, watched) => {
  test.each(watched)('is watched in %s by: %s', (file, title) => {
    const source = readFileSync(join(import.meta.dirname, `${file}.test.ts`), 'utf8');
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
