// Native code against each Node itself, bit by bit: every operator over edge values, and random functions.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const nodes = [process.execPath, ...[22, 24, 26].map((major) => join(root, `node_modules/node${major}/bin/node`))];

// Some 5 s of computing each, on a machine that may be busy with other tests.
const WATCHDOG_MS = 280_000;

interface Summary {
  readonly count: number;
  readonly compiled: number;
  readonly failures: readonly unknown[];
}

async function fuzz(node: string, ...options: string[]): Promise<Summary> {
  const script = join(root, 'scripts', 'fuzz-kernels.mjs');
  const settings = { maxBuffer: 1 << 24, timeout: WATCHDOG_MS };
  const { stdout } = await run(node, [script, '--json', ...options], settings).catch((error: { stdout?: string }) => {
    // Failures are told by the exit code too.
    if (typeof error.stdout === 'string' && error.stdout !== '') return { stdout: error.stdout };
    throw error;
  });
  return JSON.parse(stdout) as Summary;
}

describe('kernels give the bits of this Node', { timeout: WATCHDOG_MS + 20_000 }, () => {
  it.concurrent.each(nodes.map((node, i) => [node, i] as const))('in 1,300 random functions on %s', async (node, i) => {
    const { count, compiled, failures } = await fuzz(node, '--count', '1300', '--seed', String(1 + 10_000 * i));
    expect(failures).toEqual([]);
    expect(count).toBe(1300);
    expect(compiled).toBeGreaterThan(1200);
  });

  it('in every operator and function over pairs of edge values, of every type and into every type', async () => {
    const { compiled, failures } = await fuzz(process.execPath, '--count', '0', '--edges');
    expect(failures).toEqual([]);
    expect(compiled).toBeGreaterThan(3000);
  });

  it('and the comparison notices a single fused multiply-add', async () => {
    const { failures } = await fuzz(process.execPath, '--count', '500', '--fused');
    expect(failures.length).toBeGreaterThan(0);
  });
});
