/** A whole checkpoint: its tensors, a model to compare them with, and what looks wrong. */

import { sha256 } from '@noble/hashes/sha2.js'
import { compileKernels } from '../engine/create.ts'
import { anObject, oneOf } from '../errors.ts'
import type { Plan } from '../models/index.ts'
import { findingsOf, type Finding } from './findings.ts'
import { JsPasses } from './js.ts'
import type { Hash } from './look.ts'
import type { Looker } from './lookers.ts'
import type { Passes } from './passes.ts'
import { besideIndex, besideModel, namesOf } from './names.ts'
import { inspectTensors, type InspectedFile, type InspectedTensor, type SourceFile } from './tensors.ts'
import { WasmPasses } from './wasm.ts'

export interface InspectOptions {
  /** 'auto' (default) is wasm where it runs, else js; the results are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /** What the tensors are compared with: the plan of their model (`planModel`), or why there is none. */
  plan?: Plan | { readonly none: string }
  /** Which file each tensor is to be in (`homesOf` an index). */
  homes?: ReadonlyMap<string, string>
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
export type MakeOthers = (
  kernels: WebAssembly.Module,
  means: { readonly layers?: number; readonly onBytes: (bytes: number) => void },
) => readonly Looker[]

/**
 * Reads every tensor of the files once, in bounded memory. Throws a FormatError, which begins with the file's name,
 * for what is no safetensors file; what a source throws; and the signal's reason.
 */
export async function inspectFiles(
  files: readonly SourceFile[],
  options: InspectOptions = {},
): Promise<Inspection> {
  return inspectBeside(files, options, () => [])
}

/** As `inspectFiles`, with others. */
export async function inspectBeside(
  files: readonly SourceFile[],
  options: InspectOptions,
  others: MakeOthers,
): Promise<Inspection> {
  const started = performance.now()
  anObject('options', options, ['backend', 'plan', 'homes', 'hash', 'signal', 'onProgress'])
  const { backend = 'auto', plan = { none: 'no model was given' }, homes, signal, onProgress } = options
  oneOf('backend', backend, ['auto', 'wasm', 'js'])
  const names = 'none' in plan ? undefined : namesOf(plan)
  const layers = 'none' in plan ? undefined : plan.layers
  const total = files.reduce((sum, { source }) => sum + source.size, 0)
  let done = 0
  const onBytes = (some: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: Math.min(total, (done += some)), total })
  }
  const { passes, kernels } = await passesFor(backend)
  const means = { passes, hash: options.hash ?? (() => sha256.create()), layers, onBytes }
  const beside = kernels ? others(kernels, { layers, onBytes }) : []
  const found = await inspectTensors(files, means, names, beside)
  const { tensors } = found
  const known = names !== undefined && tensors.some(({ name }) => names.has(name))
  return {
    ...found,
    parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    findings: [
      ...(homes ? besideIndex(homes, tensors) : []),
      ...(known ? besideModel(plan as Plan, names, tensors) : []),
      ...findingsOf(tensors),
    ],
    recipe: comparedWith(plan, known),
    backend: passes.name,
    seconds: (performance.now() - started) / 1000,
  }
}

async function passesFor(
  backend: 'auto' | 'wasm' | 'js',
): Promise<{ passes: Passes; kernels?: WebAssembly.Module }> {
  if (backend === 'js') return { passes: new JsPasses() }
  try {
    const kernels = await compileKernels()
    return { passes: new WasmPasses(kernels), kernels }
  } catch (error) {
    if (backend === 'wasm') throw error
    return { passes: new JsPasses() }
  }
}

function comparedWith(plan: Plan | { none: string }, known: boolean): Inspection['recipe'] {
  if ('none' in plan) return plan
  if (!known) return { none: `no tensor has a name of ${plan.architecture}, which config.json names` }
  return { architecture: plan.architecture, recipe: plan.recipe }
}
