/** Inspects a checkpoint on disk: statistics and likely problems. Writes nothing. */

import { checkByteOrder } from '../numeric/byte-order.ts'
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { FormatError, InputError } from '../errors/simdinit-error.ts'
import { checkInteger, checkObject } from '../errors/validate.ts'
import type { FileSource, Inspection } from '../inspect/index.ts'
import { inspectWithWorkers } from '../inspect/inspect-files.ts'
import { planModel, type Plan } from '../models/index.ts'
import { openFileSource } from './file-source.ts'
import { findCheckpoint } from './find-checkpoint.ts'
import { WorkerScanner } from './inspect-worker-client.ts'
import { CONFIG_FILE, readConfigFile } from './read-json.ts'
import { toPathError } from './system-error.ts'
import { resolveFileThreads } from './default-threads.ts'

/** From this size on, scanning takes longer than starting a worker. */
const WORKER_THRESHOLD_BYTES = 2 ** 30

const MAX_THREADS = 256

/** Options of `inspect`. */
export interface InspectOptions {
  /** 'auto' (default) is 'wasm' where WebAssembly SIMD is available, else 'js'. The results are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /**
   * Number of threads, the calling one included, from 1 to 256; only used with WebAssembly. 'auto' (default) is one for
   * files below 1 GiB, else one per core, at most 4.
   */
  threads?: 'auto' | number
  /** The recipe to compare a model with: a name, or the recipe as data. Default 'hf'. */
  recipe?: string | object
  /** Stops the inspection, which then rejects with the reason of the signal. */
  signal?: AbortSignal
  /** Called after each piece; `done` and `total` are bytes. */
  onProgress?: (progress: { done: number; total: number }) => void
}

/** The result of `inspect`. */
export interface InspectResult extends Inspection {
  /** The path that was inspected. */
  readonly path: string
}

/**
 * Reads every tensor of a checkpoint once, in bounded memory, and reports statistics and likely problems. If the folder
 * has a `config.json` of a known model, the tensors are compared with its recipe.
 *
 * @param path A safetensors file, an index, or a folder. In a folder, `model.safetensors` takes precedence over an index.
 * @param options The recipe to compare with, and how to run.
 * @returns A record of plain objects and arrays.
 * @throws InputError (`ERR_INVALID_INPUT`) if the path cannot be read or has no valid safetensors file, or if `recipe` is
 *   given and there is no usable `config.json`.
 * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) for wrong options.
 * @throws The reason of `signal`; an error of the system, with its path, if reading fails.
 * @example
 * import { mkdtempSync, writeFileSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { inspect } from 'simdinit/node'
 *
 * const file = join(mkdtempSync(join(tmpdir(), 'example-')), 'model.safetensors')
 * const header = JSON.stringify({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } })
 * const length = Buffer.alloc(8)
 * length.writeBigUInt64LE(BigInt(header.length))
 * writeFileSync(file, Buffer.concat([length, Buffer.from(header), Buffer.from(Float32Array.of(1, 3).buffer)]))
 * const { tensors, findings } = await inspect(file)
 * console.log(tensors[0].statistics.mean, findings) // 2 []
 */
export async function inspect(path: string, options: InspectOptions = {}): Promise<InspectResult> {
  checkByteOrder()
  checkObject('options', options, ['backend', 'threads', 'recipe', 'signal', 'onProgress'])
  const { recipe, threads = 'auto', ...rest } = options
  if (threads !== 'auto') checkInteger('threads', threads, 1, MAX_THREADS)
  const { folder, files, weightMap } = findCheckpoint(path)
  const paths = files.map((name) => join(folder, name))
  const sources = files.map((name, i) => ({ name, source: openSource(paths[i]) }))
  const plan = loadPlan(folder, recipe)
  const bytes = sources.reduce((sum, { source }) => sum + source.size, 0)
  const workerCount =
    threads === 'auto' && bytes < WORKER_THRESHOLD_BYTES ? 0 : resolveFileThreads(threads) - 1
  const workers: WorkerScanner[] = []
  try {
    const inspectOptions = { ...rest, plan, weightMap, hash: () => createHash('sha256') }
    const inspection = await inspectWithWorkers(sources, inspectOptions, (kernels, context) => {
      while (workers.length < workerCount) {
        const worker = WorkerScanner.start({ kernels, paths, ...context })
        if (!worker) break
        workers.push(worker)
      }
      return workers
    })
    return { path, ...inspection }
  } catch (error) {
    throw error instanceof FormatError ? new InputError(join(folder, error.message), { cause: error }) : error
  } finally {
    await Promise.all(workers.map((worker) => worker.close()))
  }
}

/** The plan of the model whose config.json is in the folder, or the reason why there is none. */
function loadPlan(folder: string, recipe: string | object | undefined): Plan | { none: string } {
  const path = join(folder, CONFIG_FILE)
  const file = readConfigFile(path)
  if (!file) {
    if (recipe !== undefined) throw new InputError(`"recipe" needs a config.json; ${path}: no such file`)
    return { none: 'the folder has no config.json' }
  }
  try {
    return planModel(file.parse(), { recipe })
  } catch (error) {
    if (!(error instanceof InputError) || recipe !== undefined) throw error
    return { none: error.message }
  }
}

/** A source whose errors start with the path. */
function openSource(path: string): FileSource {
  try {
    if (!statSync(path).isFile()) throw new InputError(`${path} is not a regular file`)
    const source = openFileSource(path)
    return {
      ...source,
      async read(...range) {
        try {
          return await source.read(...range)
        } catch (error) {
          throw addPathToError(path, error)
        }
      },
      async close() {
        try {
          await source.close?.()
        } catch (error) {
          throw addPathToError(path, error)
        }
      },
    }
  } catch (error) {
    throw addPathToError(path, error)
  }
}

function addPathToError(path: string, error: unknown): unknown {
  return error instanceof FormatError
    ? new InputError(`${path}: ${error.message}`, { cause: error })
    : toPathError(path, error)
}
