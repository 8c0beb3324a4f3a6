/** Makes every byte of a finished folder again, from its manifest alone, and compares. */

import { InputError } from '../errors/simdinit-error.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkInteger, checkObject } from '../errors/validate.ts'
import { createEngine, type EngineOptions } from '../index.ts'
import { computeEngineMemory, MANIFEST_FILE, type Manifest, type ManifestTensor } from '../models/index.ts'
import { layoutModelFile } from '../models/plan.ts'
import { createStrategyResolver } from '../models/tensor-distribution.ts'
import { getFullShape } from '../models/tensor-slices.ts'
import { formatIndex, INDEX_FILE, type FileLayout } from '../safetensors/index.ts'
import { BLOCK_SIZE } from '../rng/stream.ts'
import { compareFile, compareSample, digestFile, type Mismatch } from './compare.ts'
import { getFileSize } from './atomic-write.ts'
import { CONFIG_NAME, readManifest } from './output-dir.ts'
import { resolveThreads } from './threads.ts'

export interface VerifyOptions extends Pick<EngineOptions, 'backend' | 'threads'> {
  /** Look at this many blocks of 8192 elements, chosen at random, instead of at every byte. */
  sample?: number
  signal?: AbortSignal
  onProgress?: (progress: { done: number; total: number }) => void
}

export interface VerifyResult {
  /** Empty if every byte is right. */
  readonly differences: readonly (Mismatch & { readonly file: string })[]
  readonly tensors: number
  readonly bytes: number
  readonly seconds: number
}

/** Throws an InputError if the folder has no manifest, or one that this package cannot make again. */
export async function verify(folder: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const started = performance.now()
  checkObject('options', options, ['backend', 'threads', 'sample', 'signal', 'onProgress'])
  const { sample, backend, threads, signal, onProgress } = options
  if (sample !== undefined) checkInteger('sample', sample, 1)
  const manifest = readManifest(folder)
  const files = createLayouts(manifest)
  const bytes = files.reduce((sum, { layout }) => sum + layout.bytes, 0)
  const places = sample === undefined ? undefined : sampleOffsets(files, sample)
  const total = sample === undefined ? bytes : sample * BLOCK_SIZE * 4
  const engine = await createEngine({
    backend,
    threads: resolveThreads(threads),
    memory: computeEngineMemory(),
  })
  const differences: (Mismatch & { file: string })[] = []
  let done = 0
  const progress = (some: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: Math.min(total, (done += some)), total })
  }
  try {
    for (const [i, { name, sha256, layout }] of files.entries()) {
      const path = join(folder, name)
      const found = await compareIfPresent(path, async () => {
        if (places) return compareSample(engine, path, layout, manifest.seed, places[i], progress)
        const { differences, digest } = await compareFile(engine, path, layout, manifest.seed, progress)
        if (differences.length > 0 || digest === sha256) return differences
        return [{ reason: 'its bytes are right, and the SHA-256 in the manifest is not theirs' }]
      })
      differences.push(...found.map((difference) => ({ file: name, ...difference })))
    }
    const config = join(folder, CONFIG_NAME)
    const found = await compareIfPresent(config, async () =>
      (await digestFile(config)) === manifest.configDigest
        ? []
        : [{ reason: 'it is not the one that the weights were made from' }],
    )
    differences.push(...found.map((difference) => ({ file: CONFIG_NAME, ...difference })))
    for (const { name, bytes, sha256 } of manifest.copied ?? []) {
      const path = join(folder, name)
      const found = await compareIfPresent(path, async () =>
        getFileSize(path) === bytes && (await digestFile(path)) === sha256
          ? []
          : [{ reason: 'it is not the one that was copied' }],
      )
      differences.push(...found.map((difference) => ({ file: name, ...difference })))
    }
    if (files.length > 1) {
      const found = await compareIfPresent(join(folder, INDEX_FILE), () => compareIndex(folder, files))
      differences.push(...found.map((difference) => ({ file: INDEX_FILE, ...difference })))
    }
  } finally {
    await engine.close()
  }
  const seconds = (performance.now() - started) / 1000
  return { differences, tensors: manifest.tensors.length, bytes, seconds }
}

/** Is the index that of these files? Its number of parameters alone the manifest does not tell. */
async function compareIndex(folder: string, files: ReturnType<typeof createLayouts>): Promise<Mismatch[]> {
  const path = join(folder, INDEX_FILE)
  const text = readFileSync(path, 'utf8')
  const parameters = /"total_parameters": (\d+)/.exec(text)?.[1]
  const shards = files.map(({ name, layout }) => ({ name, tensors: layout.tensors }))
  return text === formatIndex(shards, Number(parameters))
    ? []
    : [{ reason: 'it is not the one of these files' }]
}

/** Bytes of data, chosen at random among all files': for each file, where they are in its data. */
function sampleOffsets(files: readonly { layout: FileLayout }[], count: number): number[][] {
  const sizes = files.map(({ layout }) => layout.bytes - layout.headerBytes)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const places: number[][] = files.map(() => [])
  for (let i = 0; i < count && total > 0; i++) {
    let at = Math.floor(Math.random() * total)
    let file = 0
    while (at >= sizes[file]) at -= sizes[file++]
    places[file].push(at)
  }
  return places
}

/** What `compare` finds in a file, if there is one to open. */
async function compareIfPresent(path: string, compare: () => Promise<Mismatch[]>): Promise<Mismatch[]> {
  const size = getFileSize(path)
  if (size === undefined) return [{ reason: 'it is missing' }]
  return size === 'not a file' ? [{ reason: 'it is not a file' }] : compare()
}

/** The layout of each file, as the tensors of the manifest imply it. The sizes that it records must agree. */
function createLayouts({ tensors, files }: Manifest) {
  checkDistributions(tensors)
  const tensorsByFile = new Map(files.map(({ name }) => [name, [] as ManifestTensor[]]))
  for (const tensor of tensors) tensorsByFile.get(tensor.file)?.push(tensor)
  return files.map(({ name, bytes, sha256 }) => {
    const layout = layoutModelFile(tensorsByFile.get(name) ?? [])
    if (layout.bytes !== bytes) {
      throw new InputError(`${MANIFEST_FILE}: ${name} does not have the size of its tensors`)
    }
    return { name, sha256, layout }
  })
}

function checkDistributions(tensors: readonly ManifestTensor[]): void {
  const resolveStrategy = createStrategyResolver()
  for (const { name, dtype, shape, slice, strategy, distribution: recorded } of tensors) {
    const { distribution } = resolveStrategy({ name, dtype, shape: getFullShape({ shape, slice }) }, strategy)
    if (JSON.stringify(distribution) !== JSON.stringify(recorded)) {
      throw new InputError(`${MANIFEST_FILE}: the distribution of ${name} is not that of its strategy`)
    }
  }
}
