// The memory of large results is used again, and nobody can tell: on each Node, and only where Node can move buffers.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const nodes = [process.execPath, ...[22, 24, 26].map((major) => join(root, `node_modules/node${major}/bin/node`))];
const WATCHDOG_MS = 60_000;

async function told(node: string, story: string): Promise<Record<string, unknown>> {
  const script = join(import.meta.dirname, 'fixtures', 'result-memory.mjs');
  const { stdout } = await run(node, ['--expose-gc', script, story], { timeout: WATCHDOG_MS });
  return JSON.parse(stdout) as Record<string, unknown>;
}

// All at once: each waits for seconds.
describe('the memory of results', { timeout: WATCHDOG_MS + 10_000 }, () => {
  it.concurrent.each(nodes)(
    'is used again after they were collected, and given back when nothing more is asked for, on %s',
    async (node) => {
      const { node: version, ...rest } = await told(node, 'again');
      const isMovable = Number.parseInt(String(version), 10) >= 22;
      expect(rest).toEqual({ reused: isMovable, right: true, left: 0, back: isMovable });
    },
  );
});

describe.each(nodes)('the memory of results on %s', { timeout: WATCHDOG_MS + 10_000 }, (node) => {
  it('comes back at once from filters that keep little or are stopped, and with the rest from others', async () => {
    const { node: version, ...rest } = await told(node, 'filtered');
    const isMovable = Number.parseInt(String(version), 10) >= 22;
    expect(rest).toEqual({
      afterFew: isMovable,
      afterMany: true,
      afterStop: isMovable,
      again: isMovable,
      right: true,
    });
  });

  it('is new where there is none', async () => {
    expect(await told(node, 'refused')).toMatchObject({ mapped: true, noBuffer: true, noMemory: true });
  });

  it('can be transferred as any', async () => {
    expect(await told(node, 'transferred')).toMatchObject({ gone: true, right: true });
  });

  it('outlives the thread that made and transferred them', async () => {
    expect(await told(node, 'ofAThread')).toMatchObject({ results: 3, right: true });
  });

  it('does not heap up in a loop that never comes to the event loop', async () => {
    const { right, megabytes } = await told(node, 'withoutTurns');
    expect(right).toBe(true);
    // 300 results have 1,800 MB.
    expect(megabytes).toBeLessThan(600);
  });

  it('may be written to while the process ends', async () => {
    expect(await told(node, 'interrupted')).toEqual({ ending: true });
  });
});
