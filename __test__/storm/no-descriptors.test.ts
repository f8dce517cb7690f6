// A process that has no descriptor left can still wake the event loops of others.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const RINGER = join(import.meta.dirname, 'fixtures/ringer.mjs');

test('a message put at the limit of descriptors wakes an event loop whose pipe was never opened', async () => {
  const limited = ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, RINGER];
  const { stdout } = await promisify(execFile)('sh', limited, { timeout: 60_000 });
  expect(stdout).toBe('EMFILE\nwoken 0\n');
});
