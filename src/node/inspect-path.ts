/** Inspects a checkpoint on the disk. Nothing is written. */

import { FormatError, InputError } from '../errors/simdinit-error.ts'
import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkInteger, checkObject } from '../errors/validate.ts'
import type { FileSource, Inspection } from '../inspect/index.ts'
import { inspectWithWorkers } from '../inspect/inspect-files.ts'
import { planModel, type Plan } from '../models/index.ts'
import { openFileSource } from './file-source.ts'
import { findCheckpoint } from './find-checkpoint.ts'
import { WorkerScanner } from './inspect-worker-client.ts'
import { CONFIG_FILE } from './model-source.ts'
import { readJson } from './read-json.ts'
import { describeErrno } from './system-error.ts'
import { resolveThreads } from './threads.ts'

/** Scanning less takes less time than starting a thread. */
const WORKER_THRESHOLD_BYTES = 2 ** 30

const MAX_THREADS = 256

/** Options of `inspect`. */
export interface InspectOptions {
  /** 'auto' (default) is 'wasm' where it is available, otherwise 'js'. The results are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /**
   * Number of threads, 1 to 256, including the calling one; the js backend uses one. 'auto' (default) is one for files
   * below 1 GiB, otherwise one per core, at most 4.
   */
  threads?: 'auto' | number
  /** The recipe that a model is compared with: a name from `RECIPES`, or a recipe as data. Default 'hf'. */
  recipe?: string | object
  /** Aborts the inspection. */
  signal?: AbortSignal
  /** Called with the bytes done and in total. */
  onProgress?: (progress: { done: number; total: number }) => void
}

/** What `inspect` found. */
export interface InspectResult extends Inspection {
  /** The path that was inspected. */
  readonly path: string
}

/**
 * Reports statistics of safetensors files and likely problems: NaNs, outliers, duplicated shards, tensors that do not
 * match the recipe of their model. The files may come from any program. If there is a config.json of a known model in
 * their folder, the tensors are compared with what the recipe generates.
 *
 * @param path A safetensors file, an index (`*.safetensors.index.json`), or a folder that contains them.
 * @param options Recipe, threads and backend.
 * @returns Statistics of every tensor, and the findings.
 * @throws InputError if there is no such path or a file is not valid safetensors; TypeError or RangeError (both
 * SimdinitError) for an option of the wrong kind or range; the reason of `signal` if it is aborted.
 * @example
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { init, inspect } from 'simdinit/node'
 *
 * const out = join(mkdtempSync(join(tmpdir(), 'simdinit-')), 'tiny-gpt2')
 * await init('gpt2', { out, set: ['n_layer=2', 'n_embd=24', 'vocab_size=1000'] })
 * const { tensors, findings } = await inspect(out)
 * const embedding = tensors.find(({ name }) => name === 'transformer.wte.weight')
 * console.log(embedding.statistics.std.toFixed(3)) // 0.020
 * console.log(findings) // []
 */
export async function inspect(path: string, options: InspectOptions = {}): Promise<InspectResult> {
  checkObject('options', options, ['backend', 'threads', 'recipe', 'signal', 'onProgress'])
  const { recipe, threads = 'auto', ...rest } = options
  if (threads !== 'auto') checkInteger('threads', threads, 1, MAX_THREADS)
  const { folder, files, weightMap } = findCheckpoint(path)
  const paths = files.map((name) => join(folder, name))
  const sources = files.map((name, i) => ({ name, source: openSource(paths[i]) }))
  const plan = loadPlan(folder, recipe)
  const bytes = sources.reduce((sum, { source }) => sum + source.size, 0)
  const workerCount = threads === 'auto' && bytes < WORKER_THRESHOLD_BYTES ? 0 : resolveThreads(threads) - 1
  const workers: WorkerScanner[] = []
  try {
    const inspectOptions = { ...rest, plan, weightMap, hash: () => createHash('sha256') }
    const inspection = await inspectWithWorkers(sources, inspectOptions, (kernels, context) => {
      for (let i = 0; i < workerCount; i++) workers.push(new WorkerScanner({ kernels, paths, ...context }))
      return workers
    })
    return { path, ...inspection }
  } catch (error) {
    throw error instanceof FormatError ? new InputError(join(folder, error.message), { cause: error }) : error
  } finally {
    await Promise.all(workers.map((worker) => worker.close()))
  }
}

/** The plan of the model whose config is in the folder, or the reason why there is none. */
function loadPlan(folder: string, recipe: string | object | undefined): Plan | { none: string } {
  const config = join(folder, CONFIG_FILE)
  if (!existsSync(config)) {
    if (recipe !== undefined) throw new InputError(`"recipe" needs a config.json; ${config}: no such file`)
    return { none: 'there is no config.json' }
  }
  try {
    return planModel(readJson(config), { recipe })
  } catch (error) {
    if (!(error instanceof InputError) || recipe !== undefined) throw error
    return { none: error.message }
  }
}

/** A source whose system errors name the file. */
function openSource(path: string): FileSource {
  const toInputError = (error: unknown) => {
    const { code, syscall } = error as NodeJS.ErrnoException
    return syscall === undefined ? error : new InputError(`${path}: ${describeErrno(code)}`, { cause: error })
  }
  try {
    if (!statSync(path).isFile()) throw new InputError(`${path} is not a regular file`)
    const source = openFileSource(path)
    return {
      ...source,
      async read(...range) {
        try {
          return await source.read(...range)
        } catch (error) {
          throw toInputError(error)
        }
      },
    }
  } catch (error) {
    throw toInputError(error)
  }
}
