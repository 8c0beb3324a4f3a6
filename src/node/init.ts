/**
 * From a config to a checkpoint in a folder: plan, then file by file, then config.json, the index and the manifest.
 * Of several ranks each makes its share of the files; they need not know of each other, since the plan is a pure
 * function, and the one that comes last finishes.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { join } from 'node:path'
import { checkInteger, checkObject, checkText } from '../errors/validate.ts'
import { createEngine, type Dtype, type EngineOptions, type Seed } from '../index.ts'
import {
  CHUNK_BYTES,
  computeEngineMemory,
  type ManifestFile,
  createManifest,
  type Plan,
  planModel,
  type PlanOptions,
} from '../models/index.ts'
import { formatManifestLines } from '../models/manifest.ts'
import { formatIndex, INDEX_FILE } from '../safetensors/index.ts'
import { normalizeSeed } from '../rng/stream.ts'
import { compareFile, digestFile, digestText } from './compare.ts'
import { readAuxFiles, type AuxFile } from './aux-files.ts'
import { claimFolder, findConflictingRun, getFileSize } from './atomic-write.ts'
import { finalizeCheckpoint, cleanUp } from './finalize.ts'
import {
  CONFIG_NAME,
  listFilesToDelete,
  prepareOutputDir,
  removeFiles,
  checkOutputDir,
  type CheckpointSpec,
} from './output-dir.ts'
import { estimateSeconds } from './estimate.ts'
import { Hasher } from './sha256-worker.ts'
import { readSidecar, writeSidecar } from './digest-files.ts'
import { readSource } from './model-source.ts'
import { InitSummary, type TensorGroup } from './init-summary.ts'
import { resolveThreads } from './threads.ts'
import { PACKAGE } from './version.ts'
import { writeShard } from './write-checkpoint.ts'

export interface InitOptions extends PlanOptions, Pick<EngineOptions, 'backend' | 'threads'> {
  /** Where the checkpoint goes. Default: ./<name>-init. */
  out?: string
  /** Default 0. */
  seed?: Seed
  dtype?: Dtype
  /** This process is number `rank`, from 0, of `worldSize` that share the work. Default 0 of 1. */
  rank?: number
  worldSize?: number
  /** Hash all files that are there, other ranks' too, before they are trusted. Default: this rank's. */
  resume?: boolean
  /** Write even where other content is; only what an earlier manifest or index names is removed. Not with ranks. */
  force?: boolean
  /** false: what is written does not stay in the system's page cache; in Node on Linux. Default true. */
  cache?: boolean
  /** Bytes made at a time, a multiple of 8. Changes nothing but the memory used. */
  chunkBytes?: number
  /** Stops the run within a chunk; what is unfinished is removed. */
  signal?: AbortSignal
  /** Called once before anything is written. */
  onEstimate?: (estimate: Estimate) => void
  /** Called with bytes done and in total. */
  onProgress?: (progress: { done: number; total: number }) => void
}

/** What a run is about to do. */
export interface Estimate {
  /** To be written by this run. */
  readonly files: number
  readonly bytes: number
  /** On the disk. */
  readonly free: number
  /** What making and hashing them takes here, as measured on the first of them; a slow disk takes longer. */
  readonly seconds: number
}

const OPTION_NAMES = [
  'out',
  'seed',
  'dtype',
  'recipe',
  'set',
  'maxShardSize',
  'slice',
  'rank',
  'worldSize',
  'resume',
  'force',
  'cache',
  'chunkBytes',
  'signal',
  'onEstimate',
  'onProgress',
  'backend',
  'threads',
]

export interface InitResult {
  /**
   * 'complete': all was there and right before. 'continued': some of it was. 'partial': this rank's share is done,
   * and other ranks have files to write.
   */
  readonly status: 'written' | 'continued' | 'complete' | 'partial'
  readonly out: string
  readonly seed: string
  readonly plan: Plan
  /** Those that are there, and of whose digest this run knows. */
  readonly files: readonly ManifestFile[]
  /** Names of tokenizer files and the like that are copied; and of those that are not (`companionsIn`). */
  readonly copied: readonly string[]
  readonly leftOut: readonly string[]
  /** Names of the files that other ranks have yet to write. */
  readonly missing: readonly string[]
  readonly rank: number
  readonly worldSize: number
  /** By kind of tensor, wanted and measured; of the files that this run wrote. */
  readonly kinds: readonly TensorGroup[]
  readonly seconds: number
  readonly backend: 'wasm' | 'js'
  readonly threads: number
}

/** The plan of the model that `source` names: a preset, a config.json, or a folder. Writes nothing. */
export function planSource(
  source: string,
  options: PlanOptions = {},
): { plan: Plan; name: string; folder?: string } {
  const { config, name, folder } = readSource(source)
  const { recipe, dtype, set, maxShardSize, slice } = options
  return { plan: planModel(config, { recipe, dtype, set, maxShardSize, slice }), name, folder }
}

/**
 * Writes the checkpoint of a model, or a rank's share of it. A folder that holds part of it is continued; one that
 * holds all of it is checked by digest and left. Throws an InputError for what cannot be done as asked, before
 * anything is written or removed, and the system's error for a disk that fails.
 */
export async function init(source: string, options: InitOptions = {}): Promise<InitResult> {
  const started = performance.now()
  checkObject('options', options, OPTION_NAMES)
  const { plan, name, folder } = planSource(source, options)
  const { out = `${name}-init`, resume = false, force = false, signal, onEstimate, onProgress } = options
  const { backend, threads, cache = true, chunkBytes = CHUNK_BYTES } = options
  if (checkText('out', out) === '') throw new InputError('"out" must be the name of a folder; received ""')
  if (checkInteger('chunkBytes', chunkBytes, 8, 2 ** 30) % 8)
    throw new InputError('"chunkBytes" must be a multiple of 8')
  const worldSize = checkInteger('worldSize', options.worldSize ?? 1, 1)
  const rank = checkInteger('rank', options.rank ?? 0, 0, worldSize - 1)
  if (force && worldSize > 1) {
    throw new InputError(`--force is for one process: ${worldSize} ranks would remove each other's files`)
  }
  const seed = normalizeSeed(options.seed ?? 0)
  const { copies, leftOut } = await readAuxFiles(folder)
  const spec = createSpec(plan, seed, copies)
  const ownFiles = plan.files.filter((_, i) => i % worldSize === rank)
  const checked = new Set(resume ? plan.files : ownFiles)
  const total = [...checked].reduce((sum, file) => sum + file.bytes, 0)
  let done = 0
  const progress = (bytes: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: (done += bytes), total })
  }

  const hasher = new Hasher(ownFiles.reduce((sum, file) => sum + file.bytes, 0)) // its thread starts beside the engine
  const memory = computeEngineMemory(Math.max(chunkBytes, CHUNK_BYTES))
  const engine = await createEngine({ backend, threads: resolveThreads(threads), memory })
  const cleanups: (() => void)[] = [() => void hasher.close()]
  try {
    const { conflict, isComplete, verifiedDigests } = await checkOutputDir(
      out,
      spec,
      checked,
      async (path, file, known) => {
        if (known) return (await digestFile(path, progress)) === known ? known : undefined
        const { differences, digest } = await compareFile(engine, path, file, seed, progress)
        return differences.length === 0 ? digest : undefined
      },
    )
    if (conflict && !force) throw conflict

    const digests = new Map(verifiedDigests)
    const result = (status: InitResult['status'], missing: readonly string[] = []): InitResult => ({
      status,
      out,
      seed,
      plan,
      files: spec.manifest.files.flatMap((file) => {
        const sha256 = digests.get(file.name)
        return sha256 === undefined ? [] : { ...file, sha256 }
      }),
      copied: copies.map(({ name }) => name),
      leftOut,
      missing,
      rank,
      worldSize,
      kinds: summary.kinds,
      seconds: (performance.now() - started) / 1000,
      backend: engine.info.backend,
      threads: engine.info.threads,
    })
    const summary = new InitSummary()
    const absent = ownFiles.filter((file) => !verifiedDigests.has(file.name))
    if (isComplete && absent.length === 0 && hasAllFiles(out, plan)) {
      cleanUp(out, spec.planDigest)
      return result('complete')
    }

    signal?.throwIfAborted()
    const bytes = absent.reduce((sum, file) => sum + file.bytes, 0)
    const toDelete = conflict ? listFilesToDelete(out, spec) : []
    const { free, rollback } = prepareOutputDir(out, bytes, toDelete)
    cleanups.push(rollback)
    if (onEstimate)
      onEstimate({ files: absent.length, bytes, free, seconds: await estimateSeconds(engine, absent, seed) })
    cleanups.push(claimFolder(out, spec.planDigest))
    const conflictingRun = findConflictingRun(out, spec.planDigest)
    if (conflictingRun) {
      throw new InputError(
        `another run with another plan is at work in ${out} (if not, remove ${conflictingRun} there)`,
      )
    }
    removeFiles(out, toDelete)
    done = total - bytes
    for (const file of ownFiles) {
      const digest =
        verifiedDigests.get(file.name) ??
        (await writeShard(engine, out, file, spec.planDigest, seed, {
          chunkBytes,
          hasher,
          summary,
          cache,
          progress,
        }))
      digests.set(file.name, digest)
      if (readSidecar(out, file.name, spec.planDigest) !== digest)
        await writeSidecar(out, file.name, spec.planDigest, digest)
    }
    const end = await finalizeCheckpoint(out, spec, digests)
    if (!('files' in end)) return result('partial', end)
    for (const { name, sha256 } of end.files) digests.set(name, sha256)
    return result(verifiedDigests.size > 0 || isComplete ? 'continued' : 'written')
  } finally {
    for (const step of cleanups.toReversed()) step()
    await engine.close()
  }
}

/** What the folder of a plan holds in the end, but for the weights. */
function createSpec(plan: Plan, seed: string, copies: readonly AuxFile[]): CheckpointSpec {
  const texts = new Map([[CONFIG_NAME, plan.configText]])
  if (plan.files.length > 1) texts.set(INDEX_FILE, formatIndex(plan.files, plan.parameters))
  const configDigest = digestText(plan.configText)
  const manifest = createManifest(plan, { seed, package: PACKAGE, configDigest, digests: [], copied: copies })
  const digest = digestText(formatManifestLines({ ...manifest, package: '' })).slice(0, 8)
  return { plan, planDigest: digest, manifest, textFiles: texts, auxFiles: copies }
}

/** Are all files there, by their size? */
function hasAllFiles(folder: string, { files }: Plan): boolean {
  return files.every(({ name, bytes }) => getFileSize(join(folder, name)) === bytes)
}
