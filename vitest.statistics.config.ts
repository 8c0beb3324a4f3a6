import { defineConfig } from 'vitest/config'

/** Samples of up to 2^30 values against their laws: minutes, not seconds. `npm run test:statistics`. */
export default defineConfig({
  test: {
    include: ['test/statistics/**/*.test.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    fileParallelism: false,
  },
})
