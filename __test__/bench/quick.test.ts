// The bench itself: every case of every contestant runs and gives right answers, with small numbers.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// Some forty programs side by side: on a busy machine that takes more than a minute.
const LONGEST_MS = 300_000;
const root = fileURLToPath(new URL('../..', import.meta.url));

function runQuickly(): Promise<{ code: number | null; lines: string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bench/run.mjs', '--quick'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, lines: output.split('\n') }));
  });
}

test(
  'every case of the bench gives right answers on processes, on threads and on the rivals',
  async () => {
    const { code, lines } = await runQuickly();
    const namesIn = (folder: string) => readdirSync(`${root}bench/${folder}`).map((file) => file.replace('.mjs', ''));
    for (const kind of ['processes', 'threads']) {
      for (const name of namesIn('cases')) expect(lines).toContain(`manyhands, ${kind}, ${name}: ok`);
    }
    for (const name of namesIn('messages')) {
      const ours = lines.filter((line) => line.startsWith('manyhands ') && line.endsWith(`, ${name}: ok`));
      expect(ours, name).not.toEqual([]);
    }
    expect(lines).toContain('Piscina, threads, map-objects: ok');
    expect(lines).toContain('MessagePort, stream-64b: ok');
    expect(code).toBe(0);
  },
  LONGEST_MS,
);
