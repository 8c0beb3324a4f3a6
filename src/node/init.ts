/** From a config to a checkpoint in a folder: plan, then file by file, then config.json, then the manifest. */

import { createHash } from 'node:crypto'
import { anInteger, anObject, aText } from '../errors.ts'
import { createEngine, type Dtype, type EngineOptions, type Seed } from '../index.ts'
import {
  CHUNK_BYTES,
  engineMemory,
  formatJson,
  InputError,
  planModel,
  type Plan,
  type PlanOptions,
} from '../models/index.ts'
import { seedText } from '../stream.ts'
import { compareFile, digestFile } from './compare.ts'
import { claim, findRival, writeText } from './files.ts'
import { filesToClear, prepareFolder, removeFiles, survey } from './folder.ts'
import { formatManifest, MANIFEST, manifestOf, type ManifestFile } from './manifest.ts'
import { readSource } from './source.ts'
import { Summary, type Kind } from './summary.ts'
import { threadsFor } from './threads.ts'
import { PACKAGE } from './version.ts'
import { writeCheckpoint } from './write.ts'

export interface InitOptions extends PlanOptions, Pick<EngineOptions, 'backend' | 'threads'> {
  /** Where the checkpoint goes. Default: ./<name>-init. */
  out?: string
  /** Default 0. */
  seed?: Seed
  dtype?: Dtype
  /** Write even where other content is; only what an earlier manifest or index names is removed. */
  force?: boolean
  /** Bytes made at a time, a multiple of 8. Changes nothing but the memory used. */
  chunkBytes?: number
  /** Stops the run within a chunk; what is unfinished is removed. */
  signal?: AbortSignal
  /** Called with bytes done and in total. */
  onProgress?: (progress: { done: number; total: number }) => void
}

const FIELDS = [
  'out',
  'seed',
  'dtype',
  'recipe',
  'set',
  'force',
  'chunkBytes',
  'signal',
  'onProgress',
  'backend',
  'threads',
]

export interface InitResult {
  /** 'complete': all was there and right before. 'continued': some of it was. */
  readonly status: 'written' | 'continued' | 'complete'
  readonly out: string
  readonly seed: string
  readonly plan: Plan
  readonly files: readonly ManifestFile[]
  /** By kind of tensor, wanted and measured; of the files that this run wrote. */
  readonly kinds: readonly Kind[]
  readonly seconds: number
  readonly backend: 'wasm' | 'js'
  readonly threads: number
}

/** The plan of the model that `source` names: a preset, a config.json, or a folder. Writes nothing. */
export function planSource(source: string, options: PlanOptions = {}): { plan: Plan; name: string } {
  const { config, name } = readSource(source)
  const { recipe, dtype, set } = options
  return { plan: planModel(config, { recipe, dtype, set }), name }
}

/**
 * Writes the checkpoint of a model. A folder that holds part of it is continued; one that holds all of it is
 * checked by digest and left. Throws an InputError for what cannot be done as asked, before anything is
 * written or removed, and the system's error for a disk that fails.
 */
export async function init(source: string, options: InitOptions = {}): Promise<InitResult> {
  const started = performance.now()
  anObject('options', options, FIELDS)
  const { plan, name } = planSource(source, options)
  const { out = `${name}-init`, force = false, signal, onProgress } = options
  const { backend, threads, chunkBytes = CHUNK_BYTES } = options
  if (aText('out', out) === '') throw new InputError('"out" expected the name of a folder, got ""')
  if (anInteger('chunkBytes', chunkBytes, 8, 2 ** 30) % 8)
    throw new InputError('"chunkBytes" expected a multiple of 8')
  const seed = seedText(options.seed ?? 0)
  const config = `${formatJson(plan.config)}\n`
  const configDigest = sha256(config)
  const manifest = (digests: readonly string[]) =>
    manifestOf(plan, { seed, package: PACKAGE, configDigest, digests })
  const planDigest = sha256(JSON.stringify({ ...manifest([]), package: '' })).slice(0, 8)
  const total = plan.files.reduce((sum, file) => sum + file.bytes, 0)
  let done = 0
  const progress = (bytes: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: (done += bytes), total })
  }

  const memory = engineMemory(Math.max(chunkBytes, CHUNK_BYTES))
  const engine = await createEngine({ backend, threads: threadsFor(threads), memory })
  const undo: (() => void)[] = []
  try {
    const { obstacle, finished, right } = await survey(
      out,
      plan,
      manifest([]),
      config,
      async (path, file, known) => {
        if (known) return (await digestFile(path, progress)) === known ? known : undefined
        const { differences, digest } = await compareFile(engine, path, file, seed, progress)
        return differences.length === 0 ? digest : undefined
      },
    )
    if (obstacle && !force) throw obstacle

    const digests = plan.files.map((file) => right.get(file.name) ?? '')
    const missing = plan.files.filter((file) => !right.has(file.name))
    const result = {
      out,
      seed,
      plan,
      backend: engine.info.backend,
      threads: engine.info.threads,
      files: manifest(digests).files,
    }
    const seconds = () => (performance.now() - started) / 1000
    if (finished && missing.length === 0) {
      return { status: 'complete', ...result, kinds: [], seconds: seconds() }
    }

    signal?.throwIfAborted()
    const bytes = missing.reduce((sum, file) => sum + file.bytes, 0)
    const doomed = obstacle ? filesToClear(out, plan) : []
    undo.push(prepareFolder(out, bytes, doomed))
    undo.push(claim(out, planDigest))
    const rival = findRival(out, planDigest)
    if (rival) {
      throw new InputError(
        `another run with another plan is at work in ${out} (if not, remove ${rival} there)`,
      )
    }
    removeFiles(out, doomed)
    done = total - bytes
    const summary = new Summary()
    for (const file of missing) {
      const watchers = { chunkBytes, summary, progress }
      digests[plan.files.indexOf(file)] = await writeCheckpoint(engine, out, file, planDigest, seed, watchers)
    }
    await writeText(out, 'config.json', planDigest, config)
    await writeText(out, MANIFEST, planDigest, formatManifest(manifest(digests)))
    return {
      status: right.size > 0 || finished ? 'continued' : 'written',
      ...result,
      files: manifest(digests).files,
      kinds: summary.kinds,
      seconds: seconds(),
    }
  } finally {
    for (const step of undo.toReversed()) step()
    await engine.close()
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
