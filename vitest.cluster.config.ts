import { defineConfig } from 'vitest/config'

/**
 * Real schedulers: Slurm on three nodes, GNU parallel, torchrun. `npm run test:cluster`. What is not installed is
 * skipped aloud, or, with SIMDINIT_CLUSTER=1, a failure.
 */
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
