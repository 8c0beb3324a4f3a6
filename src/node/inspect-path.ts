/** Statistics of a checkpoint on the disk, and what looks wrong in it. Nothing is written. */

import { InputError, FormatError } from '../errors/simdinit-error.ts'
import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkInteger, checkObject } from '../errors/validate.ts'
import type { FileSource, Inspection } from '../inspect/index.ts'
import { inspectWithWorkers } from '../inspect/inspect-files.ts'
import { planModel, type Plan } from '../models/index.ts'
import { WorkerScanner } from './inspect-worker-client.ts'
import { openFileSource } from './file-source.ts'
import { findCheckpoint } from './find-checkpoint.ts'
import { readJson, describeErrno } from './model-source.ts'
import { resolveThreads } from './threads.ts'

/** Bytes that take longer to look at than a thread to start. */
const WORKER_THRESHOLD_BYTES = 2 ** 30

const MAX_THREADS = 256

export interface InspectOptions {
  /** 'auto' (default) is wasm where it runs, else js; the results are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /** Threads that look at tensors, this one among them; with the kernels alone. 'auto' (default) is one a core, at most 4. */
  threads?: 'auto' | number
  /** The recipe that a model is compared with: a name, or the recipe as data. Default 'hf'. */
  recipe?: string | object
  signal?: AbortSignal
  onProgress?: (progress: { done: number; total: number }) => void
}

export interface InspectResult extends Inspection {
  readonly path: string
}

/** Throws an InputError for what is no safetensors file or folder of them, with the reason. */
export async function inspect(path: string, options: InspectOptions = {}): Promise<InspectResult> {
  checkObject('options', options, ['backend', 'threads', 'recipe', 'signal', 'onProgress'])
  const { recipe, threads = 'auto', ...rest } = options
  if (threads !== 'auto') checkInteger('threads', threads, 1, MAX_THREADS)
  const { folder, files, weightMap } = findCheckpoint(path)
  const sources = files.map((name) => ({ name, source: openSource(join(folder, name)) }))
  const plan = loadPlan(folder, recipe)
  const paths = files.map((name) => join(folder, name))
  const bytes = sources.reduce((sum, { source }) => sum + source.size, 0)
  const workerCount = threads === 'auto' && bytes < WORKER_THRESHOLD_BYTES ? 0 : resolveThreads(threads) - 1
  const workers: WorkerScanner[] = []
  try {
    const all = { ...rest, plan, weightMap, hash: () => createHash('sha256') }
    const inspection = await inspectWithWorkers(sources, all, (kernels, means) => {
      for (let i = 0; i < workerCount; i++) workers.push(new WorkerScanner({ kernels, paths, ...means }))
      return workers
    })
    return { path, ...inspection }
  } catch (error) {
    throw error instanceof FormatError ? new InputError(join(folder, error.message), { cause: error }) : error
  } finally {
    await Promise.all(workers.map((other) => other.close()))
  }
}

/** The plan of the model whose config lies beside the files, or why there is none. */
function loadPlan(folder: string, recipe: string | object | undefined): Plan | { none: string } {
  const config = join(folder, 'config.json')
  if (!existsSync(config)) {
    if (recipe !== undefined) throw new InputError(`${config}: a recipe needs it, and there is no such file`)
    return { none: 'there is no config.json' }
  }
  try {
    return planModel(readJson(config), { recipe })
  } catch (error) {
    if (!(error instanceof InputError) || recipe !== undefined) throw error
    return { none: error.message }
  }
}

/** Which says of which file the system complains. */
function openSource(path: string): FileSource {
  const toInputError = (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    return code === undefined ? error : new InputError(`${path}: ${describeErrno(code)}`, { cause: error })
  }
  try {
    if (!statSync(path).isFile()) throw new InputError(`${path}: it is not a file`)
    const source = openFileSource(path)
    return {
      ...source,
      async read(...where) {
        try {
          return await source.read(...where)
        } catch (error) {
          throw toInputError(error)
        }
      },
    }
  } catch (error) {
    throw toInputError(error)
  }
}
