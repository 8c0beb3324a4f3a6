/** Inspects a checkpoint: statistics of its tensors, comparison with a model, likely problems. */

import { checkByteOrder } from '../numeric/byte-order.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import { compileKernels } from '../engine/load-kernel.ts'
import { checkObject, checkOneOf, throwTypeError } from '../errors/validate.ts'
import type { Plan } from '../models/index.ts'
import { product } from '../numeric/shape.ts'
import { collectFindings } from './findings.ts'
import { inspectTensors } from './inspect-tensors.ts'
import { JsStatsBackend } from './js-stats.ts'
import {
  compareNamesWithIndex,
  compareNamesWithModel,
  findNameConflicts,
  indexPlannedTensors,
} from './name-findings.ts'
import type { Scanner } from './scanner.ts'
import type { StatsBackend } from './stats-backend.ts'
import type { Finding, Hash, InspectedFile, InspectedTensor, SourceFile } from './inspection-records.ts'
import { WasmStatsBackend } from './wasm-stats.ts'

/** Options of `inspectFiles`. */
export interface InspectFilesOptions {
  /** 'auto' (default) is 'wasm' where WebAssembly SIMD is available, else 'js'. The results are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /** The plan of the model to compare the tensors with (`planModel`), or the reason why there is none. */
  plan?: Plan | { readonly none: string }
  /** The file that each tensor should be in, by tensor name (`parseWeightMap`). */
  weightMap?: ReadonlyMap<string, string>
  /** Creates a SHA-256 that is faster than the default, which is plain JavaScript. */
  hash?: () => Hash
  /** Stops the inspection, which then rejects with the reason of the signal. */
  signal?: AbortSignal
  /** Called after each piece; `done` and `total` are bytes. */
  onProgress?: (progress: { done: number; total: number }) => void
}

/** The result of `inspectFiles`. */
export interface Inspection {
  /** The files, in the order given. */
  readonly files: readonly InspectedFile[]
  /** The tensors of the first file in the order of their bytes, then those of the second, and so on. */
  readonly tensors: readonly InspectedTensor[]
  /** Number of elements of all tensors. */
  readonly parameters: number
  /** Likely problems, if any. */
  readonly findings: readonly Finding[]
  /** The model and recipe that the tensors were compared with, or the reason why there are none. */
  readonly recipe:
    | { readonly architecture: string; readonly recipe: string | object }
    | { readonly none: string }
  /** What computed the statistics. */
  readonly backend: 'wasm' | 'js'
  /** Duration of the inspection, in seconds. */
  readonly seconds: number
}

/** Creates scanners on other threads, given the kernels. `onBytes` may throw to stop them. */
export type CreateWorkerScanners = (
  kernels: WebAssembly.Module,
  context: { readonly layers?: number; readonly onBytes: (bytes: number) => void },
) => readonly Scanner[]

/**
 * Reads every tensor of safetensors files once, in bounded memory, and reports statistics and likely problems.
 *
 * @param files The files of one checkpoint, each with a name and a source (`createBlobSource`).
 * @param options The model to compare with, and how to run.
 * @returns A record of plain objects and arrays.
 * @throws FormatError (`ERR_INVALID_FORMAT`) if a file is not valid safetensors, has more than 64 dimensions in a tensor
 *   or brings the total above 524,288 tensors; the message starts with the name of the file.
 * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) for wrong arguments.
 * @throws SimdinitError (`ERR_UNAVAILABLE`) if `backend` is 'wasm' and WebAssembly SIMD is not available.
 * @throws The reason of `signal`, and whatever a source throws.
 * @example
 * import { createBlobSource, inspectFiles } from 'simdinit/inspect'
 *
 * const header = JSON.stringify({ w: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] } })
 * const file = new Blob([BigUint64Array.of(BigInt(header.length)), header, Float32Array.of(1, NaN, 3, 5)])
 * const { tensors, findings } = await inspectFiles([{ name: 'a.safetensors', source: createBlobSource(file) }])
 * console.log(tensors[0].statistics.mean) // 3
 * console.log(findings[0].text) // contains NaN: 1 of 4 values
 */
export async function inspectFiles(
  files: readonly SourceFile[],
  options: InspectFilesOptions = {},
): Promise<Inspection> {
  return inspectWithWorkers(files, options, () => [])
}

/** `inspectFiles` with scanners on other threads. */
export async function inspectWithWorkers(
  files: readonly SourceFile[],
  options: InspectFilesOptions,
  createWorkerScanners: CreateWorkerScanners,
): Promise<Inspection> {
  checkByteOrder()
  const startTime = performance.now()
  checkFiles(files)
  const { backend, plan, weightMap, createHash, signal, onProgress } = parseOptions(options)
  const model = 'none' in plan ? undefined : { plan, plannedByName: indexPlannedTensors(plan) }
  const total = files.reduce((sum, { source }) => sum + source.size, 0)
  let done = 0
  const onBytes = (bytes: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: Math.min(total, (done += bytes)), total })
  }
  const { statsBackend, kernels } = await selectStatsBackend(backend)
  const layers = model?.plan.layers
  const workerScanners = kernels ? createWorkerScanners(kernels, { layers, onBytes }) : []
  const context = { statsBackend, createHash, layers, onBytes }
  const { files: inspectedFiles, tensors } = await inspectTensors(
    files,
    context,
    model?.plannedByName,
    workerScanners,
  )
  const matchedModel = model && tensors.some(({ name }) => model.plannedByName.has(name)) ? model : undefined
  return {
    files: inspectedFiles,
    tensors,
    parameters: tensors.reduce((sum, { shape }) => sum + product(shape), 0),
    findings: [
      ...findNameConflicts(tensors),
      ...(weightMap ? compareNamesWithIndex(weightMap, tensors) : []),
      ...(matchedModel ? compareNamesWithModel(matchedModel.plan, matchedModel.plannedByName, tensors) : []),
      ...collectFindings(tensors),
    ],
    recipe: describeComparison(plan, matchedModel !== undefined),
    backend: statsBackend.name,
    seconds: (performance.now() - startTime) / 1000,
  }
}

function checkFiles(files: unknown): void {
  if (!Array.isArray(files)) throwTypeError('files', 'an array of { name, source }', files)
  for (const [i, file] of files.entries()) {
    if (typeof file?.name !== 'string') throwTypeError(`files[${i}].name`, 'a string', file?.name)
    if (typeof file.source?.read !== 'function' || typeof file.source.size !== 'number') {
      throwTypeError(`files[${i}].source`, 'a source with "size" and "read"', file.source)
    }
  }
}

function parseOptions(options: InspectFilesOptions) {
  checkObject('options', options, ['backend', 'plan', 'weightMap', 'hash', 'signal', 'onProgress'])
  const { plan = { none: 'no model was given' }, weightMap, hash, signal, onProgress } = options
  const backend = checkOneOf('backend', options.backend ?? 'auto', ['auto', 'wasm', 'js'])
  if (typeof plan !== 'object' || plan === null || !('none' in plan || Array.isArray(plan.files))) {
    throwTypeError('plan', 'a plan from planModel, or { none: reason }', plan)
  }
  if (weightMap !== undefined && !(weightMap instanceof Map)) {
    throwTypeError('weightMap', 'a Map from parseWeightMap', weightMap)
  }
  if (hash !== undefined && typeof hash !== 'function') throwTypeError('hash', 'a function', hash)
  return { backend, plan, weightMap, createHash: hash ?? (() => sha256.create()), signal, onProgress }
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

function describeComparison(
  plan: Plan | { readonly none: string },
  isCompared: boolean,
): Inspection['recipe'] {
  if ('none' in plan) return { none: plan.none }
  const { architecture, recipe } = plan
  return isCompared ? { architecture, recipe } : { none: `no tensor has a name of ${architecture}` }
}
