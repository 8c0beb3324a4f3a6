/** Plans and files, off the page's thread. It has one plan, the last that was asked for. */

import { expose } from 'comlink'
import type { Plan } from 'simdinit/models'
import { generate, type Generated, type Progress } from './generator.ts'
import { digestOf, manifestFor } from './manifest.ts'
import type { Page } from './pages.ts'
import type { Place } from './places.ts'
import { planOf, rowsOf, summaryOf, type Row, type Summary, type Wanted } from './planner.ts'
import { outcome, type Outcome } from './problem.ts'

let plan: Plan | undefined
/** The manifest of what was generated last. */
let manifest: ((tell: (progress: Progress) => void) => Promise<Blob>) | undefined
let running = new AbortController()

const maker = {
  plan(wanted: Wanted): Promise<Outcome<Summary>> {
    plan = undefined
    return outcome(() => summaryOf((plan = planOf(wanted))))
  },

  rows(filter: string, first: number, count: number): Page<Row> {
    return plan ? rowsOf(plan, filter, first, count) : { rows: [], total: 0 }
  },

  generate(seed: string, place: Place, tell: (progress: Progress) => unknown): Promise<Outcome<Generated>> {
    running = new AbortController()
    const { signal } = running
    const asked = plan!
    return outcome(async () => {
      const generated = await generate(asked, seed, place, (progress) => void tell(progress), signal)
      manifest = (tell) => manifestFor(asked, seed, place, generated.files, tell)
      return generated
    })
  },

  cancel(): void {
    running.abort()
  },

  manifest(tell: (progress: Progress) => unknown): Promise<Outcome<Blob>> {
    return outcome(() => manifest!((progress) => void tell(progress)))
  },

  /** The SHA-256 of a file, as it can be read again. */
  digest(file: Blob, tell: (progress: Progress) => unknown): Promise<Outcome<string>> {
    return outcome(() => digestOf(file, (done) => void tell({ done, total: file.size })))
  },
}

export type Maker = typeof maker
expose(maker)
