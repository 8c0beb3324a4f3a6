/** Plans and files, off the page's thread. It has one plan, the last that was asked for. */

import { expose } from 'comlink'
import type { Plan } from 'simdinit/models'
import { generate, type GenerationResult, type Progress } from './generate-files.ts'
import { hashBlob, buildManifest } from './build-manifest.ts'
import type { Page } from './paging.ts'
import type { SaveTarget } from './save-targets.ts'
import {
  createPlan,
  listRows,
  summarizePlan,
  type PlanRow,
  type PlanSummary,
  type PlanRequest,
} from './plan-service.ts'
import { toOutcome, type Outcome } from './problem.ts'

let plan: Plan | undefined
/** The manifest of what was generated last. */
let buildLastManifest: ((tell: (progress: Progress) => void) => Promise<Blob>) | undefined
let abortController = new AbortController()

const generateService = {
  plan(wanted: PlanRequest): Promise<Outcome<PlanSummary>> {
    plan = undefined
    return toOutcome(() => summarizePlan((plan = createPlan(wanted))))
  },

  rows(filter: string, first: number, count: number): Page<PlanRow> {
    return plan ? listRows(plan, filter, first, count) : { rows: [], total: 0 }
  },

  generate(
    seed: string,
    place: SaveTarget,
    tell: (progress: Progress) => unknown,
  ): Promise<Outcome<GenerationResult>> {
    abortController = new AbortController()
    const { signal } = abortController
    const asked = plan!
    return toOutcome(async () => {
      const generated = await generate(asked, seed, place, (progress) => void tell(progress), signal)
      buildLastManifest = (tell) => buildManifest(asked, seed, place, generated.files, tell)
      return generated
    })
  },

  cancel(): void {
    abortController.abort()
  },

  manifest(tell: (progress: Progress) => unknown): Promise<Outcome<Blob>> {
    return toOutcome(() => buildLastManifest!((progress) => void tell(progress)))
  },

  /** The SHA-256 of a file, as it can be read again. */
  digest(file: Blob, tell: (progress: Progress) => unknown): Promise<Outcome<string>> {
    return toOutcome(() => hashBlob(file, (done) => void tell({ done, total: file.size })))
  },
}

export type GenerateService = typeof generateService
expose(generateService)
