/** Makes every byte of a finished folder again, from its manifest alone, and compares. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { anInteger } from '../errors.ts'
import { createEngine, type EngineOptions } from '../index.ts'
import { engineMemory, InputError } from '../models/index.ts'
import { resolve } from '../models/plan.ts'
import { layOut } from '../safetensors/index.ts'
import { compareFile, compareSample, digestFile, type Difference } from './compare.ts'
import { readManifest } from './folder.ts'
import { MANIFEST, type Manifest } from './manifest.ts'

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
  const manifest = readManifest(folder)
  const layouts = layoutsOf(manifest)
  const total = layouts.reduce((sum, { layout }) => sum + layout.bytes, 0)
  const { sample, backend, threads, signal, onProgress } = options
  if (sample !== undefined) anInteger('sample', sample, 1)
  const engine = await createEngine({ backend, threads, memory: engineMemory() })
  const differences: (Difference & { file: string })[] = []
  let done = 0
  const progress = (bytes: number) => {
    signal?.throwIfAborted()
    onProgress?.({ done: (done += bytes), total })
  }
  try {
    for (const { name, layout } of layouts) {
      const path = join(folder, name)
      const found = !existsSync(path)
        ? [{ reason: 'it is missing' }]
        : sample === undefined
          ? await compareFile(engine, path, layout, manifest.seed, progress)
          : await compareSample(
              engine,
              path,
              layout,
              manifest.seed,
              Math.ceil((sample * layout.bytes) / total),
            )
      differences.push(...found.map((difference) => ({ file: name, ...difference })))
    }
    const config = join(folder, 'config.json')
    if (!existsSync(config)) differences.push({ file: 'config.json', reason: 'it is missing' })
    else if ((await digestFile(config)) !== manifest.configDigest) {
      differences.push({ file: 'config.json', reason: 'it is not the one that the weights were made from' })
    }
  } finally {
    await engine.close()
  }
  const seconds = (performance.now() - started) / 1000
  return { differences, tensors: manifest.tensors.length, bytes: total, seconds }
}

/** The layout of each file, as the manifest implies it; its own record of them must agree. */
function layoutsOf(manifest: Manifest) {
  return manifest.files.map(({ name, bytes }) => {
    const tensors = manifest.tensors
      .filter(({ file }) => file === name)
      .map(({ file: _, ...tensor }) => {
        const resolved = resolve(tensor)
        if (JSON.stringify(resolved.distribution) !== JSON.stringify(tensor.distribution)) {
          throw new InputError(`${MANIFEST}: the distribution of ${tensor.name} is not that of its strategy`)
        }
        return resolved
      })
    const layout = layOut(tensors)
    if (layout.bytes !== bytes)
      throw new InputError(`${MANIFEST}: ${name} does not have the size of its tensors`)
    return { name, layout }
  })
}
