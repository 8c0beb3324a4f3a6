/**
 * Timing on a machine that is busy with other things too: the cases in turn, round after round, each run for a moment
 * before it is timed. What the very first run of each took is told apart: it is what a page pays that runs it once.
 */

import type { EngineInfo } from 'simdinit'
import { CASES, createCases, type Case } from './cases.ts'

/** Milliseconds for which a case runs before it is timed, and for which it is timed at least. */
const WARM_UP_MS = 100
const MIN_TIMED_MS = 20

export type MeasureEvent =
  | { readonly kind: 'engine'; readonly info: EngineInfo }
  /** Milliseconds of the first run. */
  | { readonly kind: 'first'; readonly name: Case; readonly ms: number }
  /** Values a second, in one round. */
  | { readonly kind: 'rate'; readonly name: Case; readonly rate: number; readonly round: number }

export async function measure(
  elements: number,
  rounds: number,
  tell: (told: MeasureEvent) => Promise<void>,
): Promise<void> {
  const { runs, engine, close } = await createCases(elements)
  try {
    const present = CASES.flatMap((name) => (runs[name] ? [[name, runs[name]] as const] : []))
    for (const [name, run] of present) {
      await tell({ kind: 'first', name, ms: await timeRuns(run, 0).then(({ ms }) => ms) })
    }
    await tell({ kind: 'engine', info: engine.info })
    for (let round = 1; round <= rounds; round++) {
      for (const [name, run] of present) {
        await timeRuns(run, WARM_UP_MS)
        const { ms, times } = await timeRuns(run, MIN_TIMED_MS)
        await tell({ kind: 'rate', name, rate: (1000 * times * elements) / ms, round })
      }
    }
    await tell({ kind: 'engine', info: engine.info })
  } finally {
    close()
  }
}

/** Runs once, and again until so many milliseconds have passed. */
async function timeRuns(run: () => unknown, least: number): Promise<{ ms: number; times: number }> {
  const start = performance.now()
  for (let times = 1; ; times++) {
    await run()
    const ms = performance.now() - start
    if (ms >= least) return { ms, times }
  }
}
