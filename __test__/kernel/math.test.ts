// The native mathematical functions against Math of each Node, bit by bit, at every level of vector instructions.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

const nodes = [process.execPath, ...[22, 24, 26].map((major) => join(root, `node_modules/node${major}/bin/node`))];

interface Compared {
  readonly name: string;
  readonly compared: number;
  readonly differing: Readonly<Record<string, number>>;
  readonly examples: readonly unknown[];
}

async function compared(node: string): Promise<Compared[]> {
  const script = join(root, 'scripts', 'check-math.mjs');
  const { stdout } = await run(node, [script, '--count', '100000', '--json'], { maxBuffer: 1 << 24, timeout: 100_000 });
  return JSON.parse(stdout) as Compared[];
}

/** The variants that differ nowhere at any level. */
function agreeing({ differing }: Compared): string[] {
  const of = (variant: number): number[] =>
    Object.entries(differing)
      .filter(([key]) => key.startsWith(`variant ${variant} `))
      .map(([, count]) => count);
  return ['0', '1'].filter((variant) => {
    const counts = of(Number(variant));
    return counts.length > 0 && counts.every((count) => count === 0);
  });
}

describe.each(nodes.filter((node) => existsSync(node)))('in %s', (node) => {
  test('every function has a body with the bits of Math, at edges and 100,000 random arguments', async () => {
    const all = await compared(node);
    expect(all).toHaveLength(21);
    for (const one of all) {
      expect(one.compared, one.name).toBeGreaterThan(100_000);
      const found = one.name === 'pow' ? agreeing(one) : one.differing;
      // One of the two known `pow` is V8's; that the other differs shows that the comparison sees one bit.
      if (one.name === 'pow') expect(found, JSON.stringify(one.examples)).toHaveLength(1);
      else expect(Object.values(found), `${one.name} ${JSON.stringify(one.examples)}`).toSatisfy(allZero);
    }
  });
});

function allZero(counts: unknown): boolean {
  return Array.isArray(counts) && counts.length > 0 && counts.every((count) => count === 0);
}
