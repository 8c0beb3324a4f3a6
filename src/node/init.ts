/**
 * From a config to a checkpoint in a folder: plan, then file by file, then config.json, the index and the manifest.
 * Of several ranks each makes its share of the files; they need not know of each other, since the plan is a pure
 * function, and the one that comes last finishes.
 */

import { join } from 'node:path'
import { anInteger, anObject, aText } from '../errors.ts'
import { createEngine, type Dtype, type EngineOptions, type Seed } from '../index.ts'
import {
  CHUNK_BYTES,
  engineMemory,
  formatJson,
  formatManifest,
  InputError,
  type ManifestFile,
  manifestOf,
  type Plan,
  planModel,
  type PlanOptions,
} from '../models/index.ts'
import { formatIndex, INDEX } from '../safetensors/index.ts'
import { seedText } from '../stream.ts'
import { collectAfter } from './collect.ts'
import { compareFile, digestFile, digestText } from './compare.ts'
import { readCompanions, type Companion } from './companions.ts'
import { claim, findRival, sizeOfFile } from './files.ts'
import { finish, tidy } from './finish.ts'
import { CONFIG, filesToClear, prepareFolder, removeFiles, survey, type Wanted } from './folder.ts'
import { secondsFor } from './estimate.ts'
import { Hasher } from './hasher.ts'
import { readSidecar, writeSidecar } from './sidecars.ts'
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
  onStart?: (estimate: Estimate) => void
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

const FIELDS = [
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
  'onStart',
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
  readonly kinds: readonly Kind[]
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
  anObject('options', options, FIELDS)
  const { plan, name, folder } = planSource(source, options)
  const { out = `${name}-init`, resume = false, force = false, signal, onStart, onProgress } = options
  const { backend, threads, cache = true, chunkBytes = CHUNK_BYTES } = options
  if (aText('out', out) === '') throw new InputError('"out" expected the name of a folder, got ""')
  if (anInteger('chunkBytes', chunkBytes, 8, 2 ** 30) % 8)
    throw new InputError('"chunkBytes" expected a multiple of 8')
  const worldSize = anInteger('worldSize', options.worldSize ?? 1, 1)
  const rank = anInteger('rank', options.rank ?? 0, 0, worldSize - 1)
  if (force && worldSize > 1) {
    throw new InputError(`--force is for one process: ${worldSize} ranks would remove each other's files`)
  }
  const seed = seedText(options.seed ?? 0)
  const { copies, leftOut } = await readCompanions(folder)
  const wanted = whatIsWanted(plan, seed, copies)
  collectAfter(wanted.manifest.tensors.length)
  const mine = plan.files.filter((_, i) => i % worldSize === rank)
  const checked = new Set(resume ? plan.files : mine)
  const total = [...checked].reduce((sum, file) => sum + file.bytes, 0)
  let done = 0
  const progress = (bytes: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: (done += bytes), total })
  }

  const hasher = new Hasher(mine.reduce((sum, file) => sum + file.bytes, 0)) // its thread starts beside the engine
  const memory = engineMemory(Math.max(chunkBytes, CHUNK_BYTES))
  const engine = await createEngine({ backend, threads: threadsFor(threads), memory })
  const undo: (() => void)[] = [() => void hasher.close()]
  try {
    const { obstacle, finished, right } = await survey(out, wanted, checked, async (path, file, known) => {
      if (known) return (await digestFile(path, progress)) === known ? known : undefined
      const { differences, digest } = await compareFile(engine, path, file, seed, progress)
      return differences.length === 0 ? digest : undefined
    })
    if (obstacle && !force) throw obstacle

    const digests = new Map(right)
    const result = (status: InitResult['status'], missing: readonly string[] = []): InitResult => ({
      status,
      out,
      seed,
      plan,
      files: wanted.manifest.files.flatMap((file) => {
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
    const summary = new Summary()
    const absent = mine.filter((file) => !right.has(file.name))
    if (finished && absent.length === 0 && isWhole(out, plan)) {
      tidy(out, wanted.digest)
      return result('complete')
    }

    signal?.throwIfAborted()
    const bytes = absent.reduce((sum, file) => sum + file.bytes, 0)
    if (obstacle) collectAfter(wanted.manifest.tensors.length) // of what was there, all but the reason is garbage
    const doomed = obstacle ? filesToClear(out, wanted) : []
    if (obstacle) collectAfter(wanted.manifest.tensors.length)
    const { free, takeAway } = prepareFolder(out, bytes, doomed)
    undo.push(takeAway)
    if (onStart)
      onStart({ files: absent.length, bytes, free, seconds: await secondsFor(engine, absent, seed) })
    undo.push(claim(out, wanted.digest))
    const rival = findRival(out, wanted.digest)
    if (rival) {
      throw new InputError(
        `another run with another plan is at work in ${out} (if not, remove ${rival} there)`,
      )
    }
    removeFiles(out, doomed)
    done = total - bytes
    for (const file of mine) {
      const digest =
        right.get(file.name) ??
        (await writeCheckpoint(engine, out, file, wanted.digest, seed, {
          chunkBytes,
          hasher,
          summary,
          cache,
          progress,
        }))
      digests.set(file.name, digest)
      if (readSidecar(out, file.name, wanted.digest) !== digest)
        await writeSidecar(out, file.name, wanted.digest, digest)
    }
    collectAfter(wanted.manifest.tensors.length)
    const end = await finish(out, wanted, digests)
    if (!('files' in end)) return result('partial', end)
    for (const { name, sha256 } of end.files) digests.set(name, sha256)
    return result(right.size > 0 || finished ? 'continued' : 'written')
  } finally {
    for (const step of undo.toReversed()) step()
    await engine.close()
  }
}

/** What the folder of a plan holds in the end, but for the weights. */
function whatIsWanted(plan: Plan, seed: string, copies: readonly Companion[]): Wanted {
  const config = `${formatJson(plan.config)}\n`
  const texts = new Map<string, () => Iterable<string>>([[CONFIG, () => [config]]])
  if (plan.files.length > 1) texts.set(INDEX, () => formatIndex(plan.files, plan.parameters))
  const configDigest = digestText([config])
  const manifest = manifestOf(plan, { seed, package: PACKAGE, configDigest, digests: [], copied: copies })
  const digest = digestText(formatManifest({ ...manifest, package: '' })).slice(0, 8)
  return { plan, digest, manifest, texts, copies }
}

/** Are all files there, by their size? */
function isWhole(folder: string, { files }: Plan): boolean {
  return files.every(({ name, bytes }) => sizeOfFile(join(folder, name)) === bytes)
}
