// Runs the tests in __test__ against the built package in dist/, each with a watchdog.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: { manyhands: fileURLToPath(new URL('dist/index.js', import.meta.url)) },
  },
  test: {
    include: ['__test__/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    server: { deps: { external: [/\/dist\//] } },
  },
});
