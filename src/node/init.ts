/** From a config to a checkpoint in a folder: plan, then file by file, then config.json, then the manifest. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEngine, type Dtype, type EngineOptions, type Seed } from '../index.ts'
import { CHUNK_BYTES, engineMemory, planModel, type Plan, type PlanOptions } from '../models/index.ts'
import { seedText } from '../stream.ts'
import { compareFile, digestFile } from './compare.ts'
import { writeText } from './files.ts'
import { clearFolder, obstacleIn, prepareFolder, readManifest } from './folder.ts'
import { formatManifest, MANIFEST, manifestOf, type ManifestFile } from './manifest.ts'
import { readSource } from './source.ts'
import { Summary, type Kind } from './summary.ts'
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

export interface InitResult {
  /** 'complete': all was there and right before. 'continued': some of it was. */
  readonly status: 'written' | 'continued' | 'complete'
  readonly out: string
  readonly seed: string
  readonly plan: Plan
  readonly files: readonly ManifestFile[]
  /** Files that were there under their names with other bytes, and have been written anew. */
  readonly mended: readonly string[]
  /** By kind of tensor, wanted and measured; of the files that this run wrote. */
  readonly kinds: readonly Kind[]
  readonly seconds: number
  readonly backend: 'wasm' | 'js'
  readonly threads: number
}

/** The plan of the model that `source` names: a preset, a config.json, or a folder. Writes nothing. */
export function planSource(source: string, options: PlanOptions = {}): { plan: Plan; name: string } {
  const { config, name } = readSource(source)
  const { recipe, dtype } = options
  return { plan: planModel(config, { recipe, dtype }), name }
}

/**
 * Writes the checkpoint of a model. A folder that holds part of it is continued; one that holds all of it is
 * checked by digest and left. Throws an InputError for what cannot be done as asked, before anything is
 * written, and the system's error for a disk that fails.
 */
export async function init(source: string, options: InitOptions = {}): Promise<InitResult> {
  const started = performance.now()
  const { plan, name } = planSource(source, options)
  const { out = `${name}-init`, force = false, signal, onProgress } = options
  const { backend, threads, chunkBytes = CHUNK_BYTES } = options
  const seed = seedText(options.seed ?? 0)
  const config = `${JSON.stringify(plan.config, null, 2)}\n`
  const configDigest = createHash('sha256').update(config).digest('hex')
  const manifest = (digests: string[]) => manifestOf(plan, { seed, package: PACKAGE, configDigest, digests })

  const obstacle = obstacleIn(out, plan, manifest([]), config)
  if (obstacle && !force) throw obstacle
  const total = plan.files.reduce((sum, file) => sum + file.bytes, 0)
  const removeFolder = prepareFolder(out, total)
  if (obstacle) clearFolder(out)
  const finished = existsSync(join(out, MANIFEST))
  const digests = finished ? readManifest(out).files.map(({ sha256 }) => sha256) : []

  const engine = await createEngine({
    backend,
    threads,
    memory: engineMemory(Math.max(chunkBytes, CHUNK_BYTES)),
  })
  const summary = new Summary()
  const mended: string[] = []
  let [done, kept] = [0, 0]
  const progress = (bytes: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: (done += bytes), total })
  }
  try {
    for (const [i, file] of plan.files.entries()) {
      const path = join(out, file.name)
      if (existsSync(path)) {
        const known = digests[i]
        const digest = await digestFile(path)
        if (known ? digest === known : (await compareFile(engine, path, file, seed)).length === 0) {
          digests[i] = digest
          kept++
          progress(file.bytes)
          continue
        }
        mended.push(file.name)
      }
      digests[i] = await writeCheckpoint(engine, out, file, seed, { chunkBytes, summary, progress })
    }
    const complete = finished && kept === plan.files.length && holds(out, 'config.json', config)
    if (!complete) {
      await writeText(out, 'config.json', config)
      await writeText(out, MANIFEST, formatManifest(manifest(digests)))
    }
    return {
      status: complete ? 'complete' : finished || kept > 0 ? 'continued' : 'written',
      out,
      seed,
      plan,
      files: manifest(digests).files,
      mended,
      kinds: summary.kinds,
      seconds: (performance.now() - started) / 1000,
      backend: engine.info.backend,
      threads: engine.info.threads,
    }
  } catch (error) {
    removeFolder()
    throw error
  } finally {
    await engine.close()
  }
}

function holds(folder: string, name: string, text: string): boolean {
  const path = join(folder, name)
  return existsSync(path) && readFileSync(path, 'utf8') === text
}
