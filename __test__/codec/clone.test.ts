// The codec copies values as structuredClone does.
import { describe, expect, test } from 'vitest';
import { CASES, resizable } from './cases.ts';
import { COPIES, difference } from './copies.ts';

for (const [memory, copy] of Object.entries(COPIES)) {
  describe(`in ${memory}`, () => {
    test.each(Object.entries(CASES))('copies %s as structuredClone does', (_, make) => {
      const value = make();
      expect(difference(copy(value), structuredClone(value))).toBeUndefined();
    });

    test('leaves the value as it was', () => {
      for (const [name, make] of Object.entries(CASES)) {
        const value = make();
        const before = structuredClone(value);
        copy(value);
        expect(difference(structuredClone(value), before), name).toBeUndefined();
      }
    });

    test('keeps views of a resizable buffer following its length', () => {
      const shared = resizable(8, 16);
      const [follows, fixed, data] = copy([
        new Uint8Array(shared, 2),
        new Uint8Array(shared, 2, 6),
        new DataView(shared, 4),
      ]) as [Uint8Array, Uint8Array, DataView];
      (follows.buffer as unknown as { resize(n: number): void }).resize(16);
      expect([follows.length, fixed.length, data.byteLength]).toEqual([14, 6, 12]);
    });
  });
}
