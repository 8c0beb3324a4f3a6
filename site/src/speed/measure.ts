/**
 * Timing on a busy machine: the cases run in turn, round after round, each for a moment before it is timed. The very first
 * run of each is reported separately, because it is the cost for a page that runs it once.
 */

import type { EngineInfo } from 'simdinit'
import { CASES, createCases, type Case } from './cases.ts'

/** Milliseconds of the untimed run of a case, and the minimum of its timed run. */
const WARM_UP_MS = 100
const MIN_TIMED_MS = 20

export type MeasureEvent =
  | { readonly kind: 'engine'; readonly info: EngineInfo }
  /** Milliseconds of the first run. */
  | { readonly kind: 'first'; readonly name: Case; readonly ms: number }
  /** Values per second in one round. */
  | { readonly kind: 'rate'; readonly name: Case; readonly rate: number; readonly round: number }

export async function measure(
  elements: number,
  rounds: number,
  report: (event: MeasureEvent) => Promise<void>,
): Promise<void> {
  const { runs, engine, close } = await createCases(elements)
  try {
    const present = CASES.flatMap((name) => (runs[name] ? [[name, runs[name]] as const] : []))
    for (const [name, run] of present) {
      await report({ kind: 'first', name, ms: await timeRuns(run, 0).then(({ ms }) => ms) })
    }
    await report({ kind: 'engine', info: engine.info })
    for (let round = 1; round <= rounds; round++) {
      for (const [name, run] of present) {
        await timeRuns(run, WARM_UP_MS)
        const { ms, times } = await timeRuns(run, MIN_TIMED_MS)
        await report({ kind: 'rate', name, rate: (1000 * times * elements) / ms, round })
      }
    }
    await report({ kind: 'engine', info: engine.info })
  } finally {
    close()
  }
}

/** Runs at least once, and until `minMs` have passed. */
async function timeRuns(run: () => unknown, minMs: number): Promise<{ ms: number; times: number }> {
  const start = performance.now()
  for (let times = 1; ; times++) {
    await run()
    const ms = performance.now() - start
    if (ms >= minMs) return { ms, times }
  }
}
