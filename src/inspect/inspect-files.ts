/** A whole checkpoint: its tensors, a model to compare them with, and what looks wrong. */

import { sha256 } from '@noble/hashes/sha2.js'
import { compileKernels } from '../engine/load-kernel.ts'
import { checkObject, checkOneOf } from '../errors/validate.ts'
import type { Plan } from '../models/index.ts'
import { collectFindings, type Finding } from './findings.ts'
import { JsStatsBackend } from './js-stats.ts'
import type { Hash } from './scan-tensor.ts'
import type { Scanner } from './scanner.ts'
import type { StatsBackend } from './stats-backend.ts'
import { compareFilesWithIndex, compareNamesWithModel, indexPlannedTensors } from './expected-names.ts'
import {
  inspectTensors,
  type InspectedFile,
  type InspectedTensor,
  type SourceFile,
} from './inspect-tensors.ts'
import { WasmStatsBackend } from './wasm-stats.ts'

export interface InspectOptions {
  /** 'auto' (default) is wasm where it runs, else js; the results are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /** What the tensors are compared with: the plan of their model (`planModel`), or why there is none. */
  plan?: Plan | { readonly none: string }
  /** Which file each tensor is to be in (`homesOf` an index). */
  weightMap?: ReadonlyMap<string, string>
  /** SHA-256, where there is one faster than that of JavaScript. Tensors that may be the same are hashed. */
  hash?: () => Hash
  signal?: AbortSignal
  onProgress?: (progress: { done: number; total: number }) => void
}

export interface Inspection {
  readonly files: readonly InspectedFile[]
  /** File by file, in the order of their bytes. */
  readonly tensors: readonly InspectedTensor[]
  readonly parameters: number
  /** What looks wrong. */
  readonly findings: readonly Finding[]
  /** What the tensors were compared with, or why with nothing. */
  readonly recipe:
    | { readonly architecture: string; readonly recipe: string | object }
    | { readonly none: string }
  readonly backend: 'wasm' | 'js'
  readonly seconds: number
}

/** Makes those who look beside this thread, with the kernels. `onBytes` may throw, which is to end their work. */
export type CreateWorkerScanners = (
  kernels: WebAssembly.Module,
  means: { readonly layers?: number; readonly onBytes: (bytes: number) => void },
) => readonly Scanner[]

/**
 * Reads every tensor of the files once, in bounded memory. Throws a FormatError, which begins with the file's name,
 * for what is no safetensors file; what a source throws; and the signal's reason.
 */
export async function inspectFiles(
  files: readonly SourceFile[],
  options: InspectOptions = {},
): Promise<Inspection> {
  return inspectWithWorkers(files, options, () => [])
}

/** As `inspectFiles`, with others. */
export async function inspectWithWorkers(
  files: readonly SourceFile[],
  options: InspectOptions,
  createWorkerScanners: CreateWorkerScanners,
): Promise<Inspection> {
  const started = performance.now()
  checkObject('options', options, ['backend', 'plan', 'weightMap', 'hash', 'signal', 'onProgress'])
  const { backend = 'auto', plan = { none: 'no model was given' }, weightMap, signal, onProgress } = options
  checkOneOf('backend', backend, ['auto', 'wasm', 'js'])
  const names = 'none' in plan ? undefined : indexPlannedTensors(plan)
  const layers = 'none' in plan ? undefined : plan.layers
  const total = files.reduce((sum, { source }) => sum + source.size, 0)
  let done = 0
  const onBytes = (some: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: Math.min(total, (done += some)), total })
  }
  const { statsBackend, kernels } = await selectStatsBackend(backend)
  const means = { statsBackend, hash: options.hash ?? (() => sha256.create()), layers, onBytes }
  const beside = kernels ? createWorkerScanners(kernels, { layers, onBytes }) : []
  const found = await inspectTensors(files, means, names, beside)
  const { tensors } = found
  const known = names !== undefined && tensors.some(({ name }) => names.has(name))
  return {
    ...found,
    parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    findings: [
      ...(weightMap ? compareFilesWithIndex(weightMap, tensors) : []),
      ...(known ? compareNamesWithModel(plan as Plan, names, tensors) : []),
      ...collectFindings(tensors),
    ],
    recipe: describeComparison(plan, known),
    backend: statsBackend.name,
    seconds: (performance.now() - started) / 1000,
  }
}

async function selectStatsBackend(
  backend: 'auto' | 'wasm' | 'js',
): Promise<{ statsBackend: StatsBackend; kernels?: WebAssembly.Module }> {
  if (backend === 'js') return { statsBackend: new JsStatsBackend() }
  try {
    const kernels = await compileKernels()
    return { statsBackend: new WasmStatsBackend(kernels), kernels }
  } catch (error) {
    if (backend === 'wasm') throw error
    return { statsBackend: new JsStatsBackend() }
  }
}

function describeComparison(plan: Plan | { none: string }, known: boolean): Inspection['recipe'] {
  if ('none' in plan) return plan
  if (!known) return { none: `no tensor has a name of ${plan.architecture}, which config.json names` }
  return { architecture: plan.architecture, recipe: plan.recipe }
}
