import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/exhaustive/**', 'node_modules/**'],
    testTimeout: 120_000, // a test takes seconds; a loaded machine may take many times that
    hookTimeout: 120_000,
  },
})
