import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const MINUTE = 60_000

/** Test files with a short and a long form: those that import test/support/tier.ts or test properties. */
const twoTiered = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file.replaceAll('\\', '/')}`)
  .filter((file) => /from '(.*\/support\/tier\.ts|fast-check)'/.test(readFileSync(file, 'utf8')))

/** Files that take minutes, the longest first: the others then fill the workers evenly. */
const LONGEST = [
  'statistics/',
  'faults/soak',
  'exhaustive/memory',
  'exhaustive/kill',
  'exhaustive/',
  'faults/',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files) // oxlint-disable-line unicorn/no-array-sort -- not that of arrays
    return sorted.toSorted((a, b) => findRank(a) - findRank(b))
  }
}

function findRank({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((part) => moduleId.includes(`/test/slow/${part}`))
  return index < 0 ? LONGEST.length : index
}

/**
 * `npm test` runs the project `unit`; every other project has an npm script of its own. Timeouts are for a loaded
 * machine with two cores; no test asserts a time. docs/contributing/testing.md describes every suite.
 */
export default defineConfig({
  test: {
    // Without a limit, vitest spends minutes on the difference between two fills.
    diff: { truncateThreshold: 100 },
    provide: { tier: 'fast' },
    // The default leaves a core to vitest itself, which needs little: on two cores it would halve the speed.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      // One module graph for all files of a worker: loading src/ anew for each costs 40 s of CPU time.
      project('unit', 2 * MINUTE, {
        isolate: false,
        setupFiles: ['test/support/few-runs.ts'],
        exclude: ['test/slow/**', 'test/reference/!(stream-check)*', 'test/e2e/cluster/**'],
      }),
      project('reference', 5 * MINUTE, {
        include: ['test/reference/**/*.test.ts'],
        provide: { tier: 'slow' },
      }),
      project('slow', 30 * MINUTE, {
        include: ['test/slow/**/*.test.ts', ...twoTiered],
        exclude: ['test/reference/**'],
        provide: { tier: 'slow' },
      }),
      // One file at a time: the scheduler owns the machine.
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
