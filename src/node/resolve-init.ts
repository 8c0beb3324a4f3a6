/** Checks the options of a run and resolves them to what it writes. */

import { InputError } from '../errors/simdinit-error.ts'
import { checkInteger, checkObject, checkText } from '../errors/validate.ts'
import type { EngineOptions, Seed } from '../index.ts'
import { CHUNK_BYTES, planModel, type Plan, type PlannedFile, type PlanOptions } from '../models/index.ts'
import { normalizeSeed } from '../rng/stream.ts'
import { readAuxFiles } from './aux-files.ts'
import { createSpec, type CheckpointSpec } from './checkpoint-spec.ts'
import { readSource } from './model-source.ts'
import { nameConfig } from './read-json.ts'

/** Options of `init`. */
export interface InitOptions extends PlanOptions, Pick<EngineOptions, 'backend' | 'threads'> {
  /** The output folder. Default: `./<name>-init`, after the preset or the folder of the config. */
  out?: string
  /** The seed of all tensors: a string, an integer or a bigint; 42 and '42' are the same seed. Default 0. */
  seed?: Seed
  /** Index of this process among the `worldSize` processes that share the work, from 0. Default 0. */
  rank?: number
  /** Number of processes that share the work; each writes every `worldSize`-th file. Default 1. */
  worldSize?: number
  /** Hash every file that is present before it is trusted, including those of other ranks. Default: this rank's files. */
  resume?: boolean
  /**
   * Write to a folder with other content. Deletes only files that an earlier manifest or index names. Not with
   * several ranks. Default false.
   */
  force?: boolean
  /** false keeps written bytes out of the system's page cache; Node on Linux only. Default true. */
  cache?: boolean
  /** Bytes generated at a time, a multiple of 8 from 8 to 2^30. Affects memory use only. Default 2^22. */
  chunkBytes?: number
  /** Aborts the run within a chunk; unfinished files are removed. */
  signal?: AbortSignal
  /** Called once, before anything is deleted or a file is written. */
  onStart?: (info: InitStart) => void
  /** Called after each chunk with the bytes done and in total. */
  onProgress?: (progress: { done: number; total: number }) => void
}

/** What a run is about to write. */
export interface InitStart {
  /** Number of weight files that this run writes. */
  readonly files: number
  /** Their size in bytes. */
  readonly bytes: number
  /** Free bytes on the disk of the output folder. Infinity if unknown, which is so on FUSE before Node 26. */
  readonly free: number
}

const INIT_OPTIONS = [
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

/** A run with its defaults filled in. */
export interface InitRun {
  readonly plan: Plan
  readonly spec: CheckpointSpec
  readonly out: string
  readonly seed: string
  readonly rank: number
  readonly worldSize: number
  readonly force: boolean
  readonly cache: boolean
  readonly chunkBytes: number
  /** The files that this rank writes. */
  readonly ownFiles: readonly PlannedFile[]
  /** The files whose bytes are checked if they are present. */
  readonly filesToVerify: ReadonlySet<PlannedFile>
  /** Files of the model's folder that look like tokenizer files but are not copied. */
  readonly leftOut: readonly string[]
}

/** Resolves a run. Throws a SimdinitError for options or a model that cannot be used. */
export async function resolveInit(source: string, options: InitOptions): Promise<InitRun> {
  checkObject('options', options, INIT_OPTIONS)
  const { plan, name, folder } = planSource(source, options)
  const { out = `${name}-init`, resume = false, force = false, cache = true } = options
  const { chunkBytes = CHUNK_BYTES } = options
  if (checkText('out', out) === '') throw new InputError('"out" must be a folder name; received ""')
  if (checkInteger('chunkBytes', chunkBytes, 8, 2 ** 30) % 8)
    throw new InputError(`"chunkBytes" must be a multiple of 8; received ${chunkBytes}`)
  const worldSize = checkInteger('worldSize', options.worldSize ?? 1, 1)
  const rank = checkInteger('rank', options.rank ?? 0, 0, worldSize - 1)
  if (force && worldSize > 1) {
    throw new InputError(
      `"force" is for a single process: ${worldSize} ranks would delete each other's files`,
    )
  }
  const seed = normalizeSeed(options.seed ?? 0)
  const { auxFiles, leftOut } = await readAuxFiles(folder)
  const ownFiles = plan.files.filter((_, i) => i % worldSize === rank)
  const filesToVerify = new Set(resume ? plan.files : ownFiles)
  const spec = createSpec(plan, seed, auxFiles)
  return {
    plan,
    spec,
    out,
    seed,
    rank,
    worldSize,
    force,
    cache,
    chunkBytes,
    ownFiles,
    filesToVerify,
    leftOut,
  }
}

/**
 * Plans the checkpoint of a model without writing anything. Use `planModel` of `simdinit/models` for a config that is
 * not in a file.
 *
 * @param source A preset such as 'gpt2' (`PRESETS` of `simdinit/models`), the path of a config.json, or a folder that
 * contains one. A preset takes precedence over a folder of the same name, which is `./gpt2`.
 * @param options Recipe, dtype, changes to the config, shard size and slices; the same as for `planModel`.
 * @returns The plan; the name of the preset or of the folder that contains the config; and that folder, if `source` is
 * a folder.
 * @throws InputError if the source, the config or an option cannot be used.
 * @example
 * import { planSource } from 'simdinit/node'
 *
 * const { plan, name } = planSource('gpt2', { dtype: 'bf16' })
 * console.log(name, plan.parameters, plan.bytes) // gpt2 124439808 248879616
 */
export function planSource(
  source: string,
  options: PlanOptions = {},
): { plan: Plan; name: string; folder?: string } {
  const { config, path, name, folder } = readSource(source)
  const { recipe, dtype, set, maxShardSize, slice } = options
  try {
    return { plan: planModel(config, { recipe, dtype, set, maxShardSize, slice }), name, folder }
  } catch (error) {
    throw path === undefined ? error : nameConfig(path, error)
  }
}
