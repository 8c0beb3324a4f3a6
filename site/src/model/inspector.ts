/** A file or several, looked at off the page's thread. Whoever wants it to end ends the worker. */

import { expose } from 'comlink'
import {
  blobSource,
  describeExpected,
  describeNearest,
  inspectFiles,
  type Finding,
  type Inspection,
} from 'simdinit/inspect'
import type { Progress } from './generator.ts'
import type { Page } from './pages.ts'
import { planOf, type Wanted } from './planner.ts'
import { outcome, Refusal, type Outcome } from './problem.ts'

/** Bytes of a header: one of a hundred megabytes, which the format allows, takes gigabytes. */
const MOST_HEADER = 2 ** 25
/** Findings that the page is given. */
export const MOST_FINDINGS = 200

/** What the page is told of the whole. */
export interface Found extends Omit<Inspection, 'tensors' | 'findings' | 'recipe'> {
  readonly tensors: number
  /** The first of them. */
  readonly findings: readonly Finding[]
  readonly foundInAll: number
  /** What they were compared with, or why with nothing. */
  readonly compared: { readonly architecture: string; readonly recipe: string } | { readonly none: string }
}

export interface FoundRow {
  readonly name: string
  readonly dtype: string
  readonly shape: string
  readonly bytes: number
  /** NaN for what cannot be measured. */
  readonly numbers: {
    readonly mean: number
    readonly std: number
    readonly min: number
    readonly max: number
  }
  readonly histogram?: { readonly low: number; readonly high: number; readonly counts: readonly number[] }
  readonly nearest: string
  readonly expected: string
  readonly wrong: boolean
}

let inspection: Inspection | undefined
let wrong: ReadonlySet<string> = new Set()

const inspector = {
  /** `model` is what they are to be, if that is known: then they are compared with its recipe. */
  inspect(
    files: readonly File[],
    model: Wanted | undefined,
    tell: (progress: Progress) => unknown,
  ): Promise<Outcome<Found>> {
    return outcome(async () => {
      for (const file of files) await checkHeader(file)
      inspection = await inspectFiles(
        files.map((file) => ({ name: file.name, source: blobSource(file) })),
        { ...(model && { plan: comparison(model) }), onProgress: throttled(tell) },
      )
      const { tensors, findings, recipe, ...rest } = inspection
      wrong = new Set(findings.flatMap(({ tensors }) => tensors))
      return {
        ...rest,
        tensors: tensors.length,
        findings: findings.slice(0, MOST_FINDINGS),
        foundInAll: findings.length,
        compared:
          'none' in recipe ? recipe : { architecture: recipe.architecture, recipe: String(recipe.recipe) },
      }
    })
  },

  rows(filter: string, first: number, count: number): Page<FoundRow> {
    const words = filter.toLowerCase().split(/\s+/)
    const found = (inspection?.tensors ?? []).filter(({ name }) =>
      words.every((word) => name.toLowerCase().includes(word)),
    )
    const rows = found.slice(first, first + count).map((tensor) => ({
      name: tensor.name,
      dtype: tensor.dtype,
      shape: tensor.shape.join(' × '),
      bytes: tensor.bytes,
      numbers: tensor.statistics ?? { mean: NaN, std: NaN, min: NaN, max: NaN },
      histogram: tensor.histogram,
      nearest: describeNearest(tensor),
      expected: describeExpected(tensor),
      wrong: wrong.has(tensor.name),
    }))
    return { rows, total: found.length }
  },
}

async function checkHeader(file: File): Promise<void> {
  if (file.size < 8) return // what is wrong with it the library says
  const length = new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true)
  const bytes = Number(length)
  if (bytes > MOST_HEADER && bytes <= file.size) {
    throw new Refusal({ code: 'headerTooLong', bytes, most: MOST_HEADER })
  }
}

function comparison(model: Wanted) {
  try {
    return planOf(model)
  } catch (error) {
    return { none: (error as Error).message }
  }
}

function throttled(tell: (progress: Progress) => unknown) {
  let told = 0
  return (progress: Progress) => {
    if (performance.now() - told < 100) return
    told = performance.now()
    void tell(progress)
  }
}

export type Inspector = typeof inspector
expose(inspector)
