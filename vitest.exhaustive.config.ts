import { defineConfig } from 'vitest/config'

/** Every one of the 2^32 draws through the maps: minutes, not seconds. `npm run test:exhaustive`. */
export default defineConfig({
  test: {
    include: ['test/exhaustive/**/*.test.ts'],
    testTimeout: 1_800_000,
    fileParallelism: false,
  },
})
