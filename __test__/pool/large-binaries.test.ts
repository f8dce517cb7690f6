// Large binaries cross in blocks of their own, which are taken over, freed and used again in any order.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { native } from '../../dist/internal/native.js';
import { onBothBackEnds } from './back-ends.js';

const MIB = 1024 * 1024;

onBothBackEnds(({ shared }) => {
  test('a binary of 1 MiB comes back whole, hundreds of times over', async () => {
    const pool = shared();
    const sent = Uint8Array.from({ length: MIB }, (_, n) => n * 31);
    for (let round = 0; round < 400; round++) {
      const came = await pool.apply((bytes: Uint8Array) => bytes, [sent]);
      expect(Buffer.compare(came, sent)).toBe(0);
    }
  });

  test('binaries of many sizes at a time come back whole while their blocks change hands', async () => {
    const pool = shared();
    for (let round = 0; round < 12; round++) {
      const sent = Array.from({ length: 24 }, (_, n) =>
        new Uint8Array(Math.floor(MIB / 4) + ((round * 24 + n) % 7) * 300_000).fill(n),
      );
      const came = await Promise.all(sent.map((bytes) => pool.apply((given: Uint8Array) => given, [bytes])));
      came.forEach((bytes, n) => expect(Buffer.compare(bytes, sent[n]!)).toBe(0));
    }
  });

  // A newer V8 weighs what ArrayBuffers hold otherwise.
  test.skipIf(Number(process.versions.node.split('.')[0]) >= 24)(
    'results that are let go of are collected while they are young',
    async () => {
      const pool = shared();
      const sent = new Uint8Array(MIB);
      const collections = { young: 0, all: 0 };
      const observer = new PerformanceObserver((list) => {
        // Entries of this type have that; their types do not say so.
        for (const entry of list.getEntries() as unknown as { readonly detail: { readonly kind: number } }[]) {
          const { kind } = entry.detail;
          if (kind === constants.NODE_PERFORMANCE_GC_MINOR) collections.young++;
          if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections.all++;
        }
      });
      observer.observe({ entryTypes: ['gc'] });
      for (let round = 0; round < 1500; round++) await pool.apply((bytes: Uint8Array) => bytes, [sent]);
      observer.disconnect();
      // One for every 32 MB; without views that V8 is not told of, it collects everything first.
      expect(collections.young).toBeGreaterThan(30);
      expect(collections.young).toBeGreaterThan(collections.all);
    },
  );

  test('a program that only makes blocking calls gives the memory of their results back', () => {
    const pool = shared();
    const sent = new Uint8Array(MIB);
    const echo = (): number => pool.applySync((bytes: Uint8Array) => bytes, [sent]).length;
    echo();
    const before = native().stats().ownBytes;
    for (let round = 0; round < 50; round++) expect(echo()).toBe(MIB);
    expect(native().stats().ownBytes - before).toBeLessThan(10 * MIB);
  });
});
