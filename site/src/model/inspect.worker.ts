/** Inspects files in a worker. The page stops an inspection by terminating the worker. */

import { expose } from 'comlink'
import {
  createBlobSource,
  describeExpected,
  describeNearest,
  inspectFiles,
  type Finding,
  type Inspection,
} from 'simdinit/inspect'
import type { Progress } from './generate-files.ts'
import type { Page } from './paging.ts'
import { createPlan, type PlanRequest } from './plan-service.ts'
import { toOutcome, ProblemError, type Outcome } from './problem.ts'

/** The format allows headers of a hundred megabytes, which take gigabytes to parse. */
const MAX_HEADER_BYTES = 2 ** 25
/** Findings that are sent to the page. */
export const MAX_FINDINGS = 200

/** The summary for the page. */
export interface InspectionSummary extends Omit<Inspection, 'tensors' | 'findings' | 'recipe'> {
  readonly tensors: number
  /** The first MAX_FINDINGS. */
  readonly findings: readonly Finding[]
  readonly totalFindings: number
  /** The recipe that the tensors are compared with, or the reason for comparing with nothing. */
  readonly comparison: { readonly architecture: string; readonly recipe: string } | { readonly none: string }
}

export interface InspectionRow {
  readonly name: string
  readonly dtype: string
  readonly shape: string
  readonly bytes: number
  /** NaN if it cannot be measured. */
  readonly statistics: {
    readonly mean: number
    readonly std: number
    readonly min: number
    readonly max: number
  }
  readonly histogram?: { readonly low: number; readonly high: number; readonly counts: readonly number[] }
  readonly nearest: string
  readonly expected: string
  readonly hasFinding: boolean
}

let inspection: Inspection | undefined
let flaggedTensors: ReadonlySet<string> = new Set()

const inspectService = {
  /** With `model`, the expected model, the files are compared with its recipe. */
  inspect(
    files: readonly File[],
    model: PlanRequest | undefined,
    onProgress: (progress: Progress) => unknown,
  ): Promise<Outcome<InspectionSummary>> {
    return toOutcome(async () => {
      for (const file of files) await checkHeader(file)
      inspection = await inspectFiles(
        files.map((file) => ({ name: file.name, source: createBlobSource(file) })),
        { ...(model && { plan: createComparison(model) }), onProgress: throttle(onProgress) },
      )
      const { tensors, findings, recipe, ...rest } = inspection
      flaggedTensors = new Set(findings.flatMap(({ tensors }) => tensors))
      return {
        ...rest,
        tensors: tensors.length,
        findings: findings.slice(0, MAX_FINDINGS),
        totalFindings: findings.length,
        comparison:
          'none' in recipe ? recipe : { architecture: recipe.architecture, recipe: String(recipe.recipe) },
      }
    })
  },

  rows(filter: string, first: number, count: number): Page<InspectionRow> {
    const words = filter.toLowerCase().split(/\s+/)
    const matches = (inspection?.tensors ?? []).filter(({ name }) =>
      words.every((word) => name.toLowerCase().includes(word)),
    )
    const rows = matches.slice(first, first + count).map((tensor) => ({
      name: tensor.name,
      dtype: tensor.dtype,
      shape: tensor.shape.join(' × '),
      bytes: tensor.bytes,
      statistics: tensor.statistics ?? { mean: NaN, std: NaN, min: NaN, max: NaN },
      histogram: tensor.histogram,
      nearest: describeNearest(tensor),
      expected: describeExpected(tensor),
      hasFinding: flaggedTensors.has(tensor.name),
    }))
    return { rows, total: matches.length }
  },
}

async function checkHeader(file: File): Promise<void> {
  if (file.size < 8) return // the library reports the error
  const length = new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true)
  const bytes = Number(length)
  if (bytes > MAX_HEADER_BYTES && bytes <= file.size) {
    throw new ProblemError({ code: 'headerTooLong', bytes, max: MAX_HEADER_BYTES })
  }
}

function createComparison(model: PlanRequest) {
  try {
    return createPlan(model)
  } catch (error) {
    return { none: (error as Error).message }
  }
}

function throttle(onProgress: (progress: Progress) => unknown) {
  let reportedAt = 0
  return (progress: Progress) => {
    if (performance.now() - reportedAt < 100) return
    reportedAt = performance.now()
    void onProgress(progress)
  }
}

export type InspectService = typeof inspectService
expose(inspectService)
