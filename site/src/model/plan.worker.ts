/** Plans and generates in a worker. It keeps the latest plan. */

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
/** Builds the manifest of the files that were generated last. */
let buildLastManifest: ((onProgress: (progress: Progress) => void) => Promise<Blob>) | undefined
let abortController = new AbortController()

const generateService = {
  plan(request: PlanRequest): Promise<Outcome<PlanSummary>> {
    plan = undefined
    return toOutcome(() => summarizePlan((plan = createPlan(request))))
  },

  rows(filter: string, first: number, count: number): Page<PlanRow> {
    return plan ? listRows(plan, filter, first, count) : { rows: [], total: 0 }
  },

  generate(
    seed: string,
    target: SaveTarget,
    onProgress: (progress: Progress) => unknown,
  ): Promise<Outcome<GenerationResult>> {
    abortController = new AbortController()
    const { signal } = abortController
    const currentPlan = plan!
    return toOutcome(async () => {
      const generated = await generate(
        currentPlan,
        seed,
        target,
        (progress) => void onProgress(progress),
        signal,
      )
      buildLastManifest = (onProgress) =>
        buildManifest(currentPlan, seed, target, generated.files, onProgress)
      return generated
    })
  },

  cancel(): void {
    abortController.abort()
  },

  manifest(onProgress: (progress: Progress) => unknown): Promise<Outcome<Blob>> {
    return toOutcome(() => buildLastManifest!((progress) => void onProgress(progress)))
  },

  /** The SHA-256 of a file, which is read again. */
  digest(file: Blob, onProgress: (progress: Progress) => unknown): Promise<Outcome<string>> {
    return toOutcome(() => hashBlob(file, (done) => void onProgress({ done, total: file.size })))
  },
}

export type GenerateService = typeof generateService
expose(generateService)
