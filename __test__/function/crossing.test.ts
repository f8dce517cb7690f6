// Functions of every kind cross to a thread and a process, on every Node; what cannot cross is refused by name.
import { describe, expect, test } from 'vitest';
import { nodes, runNode } from './nodes.js';

describe.each(nodes)('$label', ({ path }) => {
  test(
    'every program gives its result in a thread and in a process, every refusal names its variable',
    { timeout: 60_000 },
    async () => {
      const { code, out, err } = await runNode(path, ['programs.mjs']);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const reports = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { kind: string; name: string; problem: string | null });
      expect(reports.filter(({ problem }) => problem !== null)).toEqual([]);
      expect(reports.filter(({ kind }) => kind === 'thread').length).toBeGreaterThanOrEqual(60);
      expect(reports.filter(({ kind }) => kind === 'process').length).toBeGreaterThanOrEqual(60);
      expect(reports.filter(({ kind }) => kind === 'refused').length).toBeGreaterThanOrEqual(14);
      expect(reports.filter(({ kind }) => kind === 'stack')).toHaveLength(2);
    },
  );
});
