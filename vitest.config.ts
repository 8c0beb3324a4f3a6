import { defineConfig } from 'vitest/config'

/**
 * `npm test` runs the project `unit`; each other project has its npm script. Timeouts are for a loaded machine with
 * two cores; no test asserts a time. docs/contributing/testing.md describes every suite.
 */
const MINUTE = 60_000

export default defineConfig({
  test: {
    // Without a limit, vitest spends minutes on the difference between two fills.
    diff: { truncateThreshold: 100 },
    projects: [
      project('unit', 2 * MINUTE, { exclude: ['test/slow/**', 'test/e2e/cluster/**'] }),
      project('reference', 5 * MINUTE, { include: ['test/reference/**/*.test.ts'] }),
      // One file at a time: these use all cores, gigabytes of disk, or a scheduler that owns the machine.
      project('slow', 30 * MINUTE, { include: ['test/slow/**/*.test.ts'], fileParallelism: false }),
      project('cluster', 5 * MINUTE, { include: ['test/e2e/cluster/**/*.test.ts'], fileParallelism: false }),
    ],
  },
})

function project(name: string, timeout: number, options: object) {
  return {
    extends: true as const,
    test: {
      name,
      include: ['test/**/*.test.ts'],
      testTimeout: timeout,
      hookTimeout: timeout,
      ...options,
    },
  }
}
