/** Makes every byte of a finished folder again, from its manifest alone, and compares. */

import { join } from 'node:path'
import { anInteger, anObject } from '../errors.ts'
import { createEngine, type EngineOptions } from '../index.ts'
import { engineMemory, InputError } from '../models/index.ts'
import { layOutModel, resolve } from '../models/plan.ts'
import type { FileLayout } from '../safetensors/index.ts'
import { BLOCK } from '../stream.ts'
import { compareFile, compareSample, digestFile, type Difference } from './compare.ts'
import { sizeOfFile } from './files.ts'
import { readManifest } from './folder.ts'
import { MANIFEST, type Manifest } from './manifest.ts'
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
  const blocks = (layout: FileLayout) => Math.ceil(((sample ?? 0) * layout.bytes) / bytes)
  const total = sample === undefined ? bytes : sample * BLOCK * 4
  const engine = await createEngine({ backend, threads: threadsFor(threads), memory: engineMemory() })
  const differences: (Difference & { file: string })[] = []
  let done = 0
  const progress = (some: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: Math.min(total, (done += some)), total })
  }
  try {
    for (const { name, sha256, layout } of files) {
      const path = join(folder, name)
      const found = await look(path, async () => {
        if (sample !== undefined) {
          return compareSample(engine, path, layout, manifest.seed, blocks(layout), progress)
        }
        const { differences, digest } = await compareFile(engine, path, layout, manifest.seed, progress)
        if (differences.length > 0 || digest === sha256) return differences
        return [{ reason: 'its bytes are right, and the SHA-256 in the manifest is not theirs' }]
      })
      differences.push(...found.map((difference) => ({ file: name, ...difference })))
    }
    const config = join(folder, 'config.json')
    const found = await look(config, async () =>
      (await digestFile(config)) === manifest.configDigest
        ? []
        : [{ reason: 'it is not the one that the weights were made from' }],
    )
    differences.push(...found.map((difference) => ({ file: 'config.json', ...difference })))
  } finally {
    await engine.close()
  }
  const seconds = (performance.now() - started) / 1000
  return { differences, tensors: manifest.tensors.length, bytes, seconds }
}

/** What `compare` finds in a file, if there is one to open. */
async function look(path: string, compare: () => Promise<Difference[]>): Promise<Difference[]> {
  const size = sizeOfFile(path)
  if (size === undefined) return [{ reason: 'it is missing' }]
  return size === 'not a file' ? [{ reason: 'it is not a file' }] : compare()
}

/** The layout of each file, as the manifest implies it; its own record of them must agree. */
function layoutsOf(manifest: Manifest) {
  return manifest.files.map(({ name, bytes, sha256 }) => {
    const tensors = manifest.tensors
      .filter(({ file }) => file === name)
      .map(({ file: _file, ...tensor }) => {
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
