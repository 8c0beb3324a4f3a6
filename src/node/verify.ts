/** Makes every byte of a finished folder again, from its manifest alone, and compares. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { anInteger, anObject } from '../errors.ts'
import { createEngine, type EngineOptions } from '../index.ts'
import { engineMemory, InputError } from '../models/index.ts'
import { layOutModel, resolve } from '../models/plan.ts'
import { formatIndex, INDEX, type FileLayout } from '../safetensors/index.ts'
import { BLOCK } from '../stream.ts'
import { compareFile, compareSample, digestFile, type Difference } from './compare.ts'
import { sizeOfFile } from './files.ts'
import { CONFIG, readManifest } from './folder.ts'
import { MANIFEST, type Manifest, type ManifestTensor } from './manifest.ts'
import { threadsFor } from './threads.ts'

export interface VerifyOptions extends Pick<EngineOptions, 'backend' | 'threads'> {
  /** Look at this many blocks of 8192 elements, chosen at random, instead of at every byte. */
  sample?: number
  signal?: AbortSignal
  onProgress?: (progress: { done: number; total: number }) => void
}

export interface VerifyResult {
  /** Empty if every byte is right. */
  readonly differences: readonly (Difference & { readonly file: string })[]
  readonly tensors: number
  readonly bytes: number
  readonly seconds: number
}

/** Throws an InputError if the folder has no manifest, or one that this package cannot make again. */
export async function verify(folder: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const started = performance.now()
  anObject('options', options, ['backend', 'threads', 'sample', 'signal', 'onProgress'])
  const { sample, backend, threads, signal, onProgress } = options
  if (sample !== undefined) anInteger('sample', sample, 1)
  const manifest = readManifest(folder)
  const files = layoutsOf(manifest)
  const bytes = files.reduce((sum, { layout }) => sum + layout.bytes, 0)
  const places = sample === undefined ? undefined : placesIn(files, sample)
  const total = sample === undefined ? bytes : sample * BLOCK * 4
  const engine = await createEngine({ backend, threads: threadsFor(threads), memory: engineMemory() })
  const differences: (Difference & { file: string })[] = []
  let done = 0
  const progress = (some: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: Math.min(total, (done += some)), total })
  }
  try {
    for (const [i, { name, sha256, layout }] of files.entries()) {
      const path = join(folder, name)
      const found = await look(path, async () => {
        if (places) return compareSample(engine, path, layout, manifest.seed, places[i], progress)
        const { differences, digest } = await compareFile(engine, path, layout, manifest.seed, progress)
        if (differences.length > 0 || digest === sha256) return differences
        return [{ reason: 'its bytes are right, and the SHA-256 in the manifest is not theirs' }]
      })
      differences.push(...found.map((difference) => ({ file: name, ...difference })))
    }
    const config = join(folder, CONFIG)
    const found = await look(config, async () =>
      (await digestFile(config)) === manifest.configDigest
        ? []
        : [{ reason: 'it is not the one that the weights were made from' }],
    )
    differences.push(...found.map((difference) => ({ file: CONFIG, ...difference })))
    for (const { name, bytes, sha256 } of manifest.copied ?? []) {
      const path = join(folder, name)
      const found = await look(path, async () =>
        sizeOfFile(path) === bytes && (await digestFile(path)) === sha256
          ? []
          : [{ reason: 'it is not the one that was copied' }],
      )
      differences.push(...found.map((difference) => ({ file: name, ...difference })))
    }
    if (files.length > 1) {
      const found = await look(join(folder, INDEX), async () => compareIndex(folder, files))
      differences.push(...found.map((difference) => ({ file: INDEX, ...difference })))
    }
  } finally {
    await engine.close()
  }
  const seconds = (performance.now() - started) / 1000
  return { differences, tensors: manifest.tensors.length, bytes, seconds }
}

/** Is the index that of these files? Its number of parameters alone the manifest does not tell. */
function compareIndex(folder: string, files: ReturnType<typeof layoutsOf>): Difference[] {
  const text = readFileSync(join(folder, INDEX), 'utf8')
  const parameters = /"total_parameters": (\d+)/.exec(text)?.[1]
  const shards = files.map(({ name, layout }) => ({ name, tensors: layout.tensors }))
  return text === formatIndex(shards, Number(parameters))
    ? []
    : [{ reason: 'it is not the one of these files' }]
}

/** Bytes of data, chosen at random among all files': for each file, where they are in its data. */
function placesIn(files: readonly { layout: FileLayout }[], count: number): number[][] {
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
async function look(path: string, compare: () => Promise<Difference[]>): Promise<Difference[]> {
  const size = sizeOfFile(path)
  if (size === undefined) return [{ reason: 'it is missing' }]
  return size === 'not a file' ? [{ reason: 'it is not a file' }] : compare()
}

/** The layout of each file, as the manifest implies it; its own record of them must agree. */
function layoutsOf(manifest: Manifest) {
  const homes = new Map(manifest.files.map(({ name }) => [name, [] as ManifestTensor[]]))
  for (const tensor of manifest.tensors) homes.get(tensor.file)?.push(tensor)
  return manifest.files.map(({ name, bytes, sha256 }) => {
    const tensors = (homes.get(name) ?? []).map(({ file: _file, ...tensor }) => {
      const resolved = resolve(tensor)
      if (JSON.stringify(resolved.distribution) !== JSON.stringify(tensor.distribution)) {
        throw new InputError(`${MANIFEST}: the distribution of ${tensor.name} is not that of its strategy`)
      }
      return resolved
    })
    const layout = layOutModel(tensors)
    if (layout.bytes !== bytes) {
      throw new InputError(`${MANIFEST}: ${name} does not have the size of its tensors`)
    }
    return { name, sha256, layout }
  })
}
