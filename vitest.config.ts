import { defineConfig } from 'vitest/config'

/**
 * `npm test`. Timeouts are for a loaded machine of two cores; no test asserts a time. Without a limit to what is
 * shown, vitest takes minutes over how two fills differ.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/exhaustive/**', 'test/statistics/**', 'test/cluster/**', '**/node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    diff: { truncateThreshold: 100 },
  },
})
