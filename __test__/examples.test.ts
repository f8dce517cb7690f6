// Every example runs to its end as a program of its own; each checks its own answer.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../examples');
const examples = readdirSync(folder).filter((file) => file.endsWith('.mjs') && !file.endsWith('-worker.mjs'));

test.each(examples)('%s gives the right answer', (file) => {
  const said = execFileSync(process.execPath, [join(folder, file)], { encoding: 'utf8', timeout: 100_000 });
  expect(said).not.toBe('');
});
