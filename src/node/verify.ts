/** Verifies a finished checkpoint: generates every byte again from the manifest alone, and compares. */

import { checkByteOrder } from '../numeric/byte-order.ts'
import { InputError } from '../errors/simdinit-error.ts'
import { join } from 'node:path'
import { checkInteger, checkObject } from '../errors/validate.ts'
import { createEngine, type Engine, type EngineOptions } from '../index.ts'
import { computeEngineMemory, MANIFEST_FILE, type Manifest, type ManifestTensor } from '../models/index.ts'
import { layoutModelFile } from '../models/plan.ts'
import { createStrategyResolver } from '../models/tensor-distribution.ts'
import { getFullShape } from '../models/tensor-slices.ts'
import { BLOCK_SIZE } from '../rng/stream.ts'
import { formatIndex, INDEX_FILE, type FileLayout } from '../safetensors/index.ts'
import { compareFile, compareSample, type Mismatch } from './compare-regenerated.ts'
import { digestFile } from './digest.ts'
import { getFileSize } from './file-info.ts'
import { loadManifest } from './load-manifest.ts'
import { CONFIG_FILE } from './read-json.ts'
import { readSmallFile } from './read-file.ts'
import { MAX_INDEX_BYTES } from './read-index.ts'
import { ProgressCounter } from './progress-counter.ts'
import { resolveFileThreads } from './default-threads.ts'

/** Options of `verify`. */
export interface VerifyOptions extends Pick<EngineOptions, 'backend' | 'threads'> {
  /** Compare this many randomly chosen blocks of 8192 elements instead of every byte. */
  sample?: number
  /** Aborts the verification. */
  signal?: AbortSignal
  /** Called after each chunk with the bytes done and in total. */
  onProgress?: (progress: { done: number; total: number }) => void
}

/** What `verify` found. */
export interface VerifyResult {
  /** Differences by file; empty if the checkpoint is correct. */
  readonly differences: readonly (Mismatch & { readonly file: string })[]
  /** Number of tensors in the manifest. */
  readonly tensors: number
  /** Size of the weight files in bytes. */
  readonly bytes: number
  /** Duration of the verification. */
  readonly seconds: number
}

/**
 * Verifies a checkpoint that `init` wrote, from its manifest alone: the weights, config.json, the index and the copied
 * files. The package that wrote it may be an older version.
 *
 * @param folder The folder with `simdinit.json`.
 * @param options Threads, backend, and a sample instead of every byte.
 * @returns The differences, at most one per tensor, and how much was verified.
 * @throws InputError if the folder has no manifest, or one that this package cannot reproduce; TypeError or RangeError
 * (both SimdinitError) for an option of the wrong kind or range; the reason of `signal` if it is aborted; an error of the
 * system, with its path, if reading fails.
 * @example
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { init, verify } from 'simdinit/node'
 *
 * const out = join(mkdtempSync(join(tmpdir(), 'simdinit-')), 'tiny-gpt2')
 * await init('gpt2', { out, set: ['n_layer=2', 'n_embd=24', 'vocab_size=1000'] })
 * const { differences, tensors } = await verify(out)
 * console.log(tensors, differences) // 28 []
 */
export async function verify(folder: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  checkByteOrder()
  const startTime = performance.now()
  checkObject('options', options, ['backend', 'threads', 'sample', 'signal', 'onProgress'])
  const { sample, backend, threads } = options
  if (sample !== undefined) checkInteger('sample', sample, 1)
  const manifest = loadManifest(folder)
  const weightFiles = createLayouts(manifest)
  const bytes = weightFiles.reduce((sum, { layout }) => sum + layout.bytes, 0)
  const progress = new ProgressCounter(sample === undefined ? bytes : sample * BLOCK_SIZE * 4, options)
  const memory = computeEngineMemory()
  const engine = await createEngine({ backend, threads: resolveFileThreads(threads), memory })
  let differences: FileMismatch[]
  try {
    differences = await compareWeights(engine, folder, manifest.seed, weightFiles, sample, progress)
  } finally {
    await engine.close()
  }
  differences.push(...(await compareOtherFiles(folder, manifest, weightFiles)))
  const seconds = (performance.now() - startTime) / 1000
  return { differences, tensors: manifest.tensors.length, bytes, seconds }
}

type FileMismatch = Mismatch & { readonly file: string }

interface WeightFile {
  readonly name: string
  /** The digest that the manifest records. */
  readonly sha256: string
  readonly layout: FileLayout<ManifestTensor>
}

async function compareWeights(
  engine: Engine,
  folder: string,
  seed: string,
  files: readonly WeightFile[],
  sample: number | undefined,
  progress: ProgressCounter,
): Promise<FileMismatch[]> {
  const offsets = sample === undefined ? undefined : sampleOffsets(files, sample)
  const differences: FileMismatch[] = []
  for (const [i, { name, sha256, layout }] of files.entries()) {
    const found = await compareIfPresent(folder, name, async (path) => {
      if (offsets) return compareSample(engine, path, layout, seed, offsets[i], progress.add)
      const { differences, digest } = await compareFile(engine, path, layout, seed, progress.add)
      if (differences.length > 0 || digest === sha256) return differences
      return [{ reason: 'bytes are correct, but the SHA-256 in the manifest is not' }]
    })
    differences.push(...found)
  }
  return differences
}

/** Compares config.json, the copied files and the index. */
async function compareOtherFiles(
  folder: string,
  { configDigest, copied = [] }: Manifest,
  weightFiles: readonly WeightFile[],
): Promise<FileMismatch[]> {
  const differences = await compareIfPresent(folder, CONFIG_FILE, async (path) =>
    (await digestFile(path)) === configDigest
      ? []
      : [{ reason: 'differs from the config the weights were generated from' }],
  )
  for (const { name, bytes, sha256 } of copied) {
    const found = await compareIfPresent(folder, name, async (path) =>
      getFileSize(path) === bytes && (await digestFile(path)) === sha256
        ? []
        : [{ reason: 'differs from the file that was copied' }],
    )
    differences.push(...found)
  }
  if (weightFiles.length > 1) {
    differences.push(
      ...(await compareIfPresent(folder, INDEX_FILE, (path) => compareIndex(path, weightFiles))),
    )
  }
  return differences
}

/** Compares the index with the one of these files; its number of parameters is not in the manifest. */
async function compareIndex(path: string, files: readonly WeightFile[]): Promise<Mismatch[]> {
  const text = new TextDecoder().decode(readSmallFile(path, MAX_INDEX_BYTES))
  const parameters = /"total_parameters": (\d+)/.exec(text)?.[1]
  const shards = files.map(({ name, layout }) => ({ name, tensors: layout.tensors }))
  return text === formatIndex(shards, Number(parameters))
    ? []
    : [{ reason: 'does not match the weight files' }]
}

/** Chooses `count` byte offsets at random from the data of all files. Returns those of each file. */
function sampleOffsets(files: readonly WeightFile[], count: number): number[][] {
  const sizes = files.map(({ layout }) => layout.bytes - layout.headerBytes)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const offsets: number[][] = files.map(() => [])
  for (let i = 0; i < count && total > 0; i++) {
    let offset = Math.floor(Math.random() * total)
    let file = 0
    while (offset >= sizes[file]) offset -= sizes[file++]
    offsets[file].push(offset)
  }
  return offsets
}

/** The differences that `compare` finds in a file, if it is present. */
async function compareIfPresent(
  folder: string,
  file: string,
  compare: (path: string) => Promise<Mismatch[]>,
): Promise<FileMismatch[]> {
  const path = join(folder, file)
  const size = getFileSize(path)
  if (size === undefined) return [{ file, reason: 'missing' }]
  if (size === 'not a file') return [{ file, reason: 'not a regular file' }]
  return (await compare(path)).map((mismatch) => ({ file, ...mismatch }))
}

/** The layout of each weight file, from the tensors of the manifest, which must agree with the recorded sizes. */
function createLayouts({ tensors, files }: Manifest): WeightFile[] {
  checkDistributions(tensors)
  const tensorsByFile = new Map(files.map(({ name }) => [name, [] as ManifestTensor[]]))
  for (const tensor of tensors) tensorsByFile.get(tensor.file)?.push(tensor)
  return files.map(({ name, bytes, sha256 }) => {
    const layout = layoutModelFile(tensorsByFile.get(name) ?? [])
    if (layout.bytes !== bytes) {
      throw new InputError(`${MANIFEST_FILE}: the size of ${name} is not the size of its tensors`)
    }
    return { name, sha256, layout }
  })
}

/** The recorded distributions must follow from the strategies. */
function checkDistributions(tensors: readonly ManifestTensor[]): void {
  const resolveStrategy = createStrategyResolver()
  for (const { name, dtype, shape, slice, strategy, distribution: recorded } of tensors) {
    const { distribution } = resolveStrategy({ name, dtype, shape: getFullShape({ shape, slice }) }, strategy)
    if (JSON.stringify(distribution) !== JSON.stringify(recorded)) {
      throw new InputError(`${MANIFEST_FILE}: the distribution of ${name} does not follow from its strategy`)
    }
  }
}
