/**
 * The manifest, `simdinit.json`: what a finished folder was made from, so that every byte can be made again.
 * It holds no time, host, path or rank: it is the same from any run.
 */

import type { Distribution } from '../distributions/distribution.ts'
import type { Dtype } from '../numeric/dtypes.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { STREAM_VERSION } from '../rng/stream.ts'
import type { Plan } from './plan.ts'
import type { PlannedTensorSpec } from './planned-tensor.ts'
import type { Recipe } from './recipes/recipe.ts'
import type { TensorSlice } from './tensor-slices.ts'

export const MANIFEST_FILE = 'simdinit.json'

/** Names and kinds, in the order of files. */
export interface ManifestTensors extends Iterable<ManifestTensorSpec & { readonly name: string }> {
  readonly length: number
  entries(): Iterable<readonly [name: string, kind: ManifestTensorSpec]>
}

export interface Manifest {
  readonly format: 1
  readonly streamVersion: number
  readonly seed: string
  /** Name and version of the package that wrote it. */
  readonly package: string
  readonly recipe: string | Recipe
  /** SHA-256 of the folder's config.json. */
  readonly configDigest: string
  readonly tensors: ManifestTensors
  readonly files: readonly ManifestFile[]
  /** What was copied from the folder of the config, if anything was: tokenizer files and the like. */
  readonly copied?: readonly ManifestFile[]
}

/** What is said of a tensor besides its name. */
export interface ManifestTensorSpec {
  readonly shape: readonly number[]
  readonly dtype: Dtype
  readonly file: string
  readonly strategy: Strategy
  readonly distribution: Distribution
  /** Where it is but a part of the parameter: which one. */
  readonly slice?: TensorSlice
}

export interface ManifestFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** The manifest of a plan; `digests` are the SHA-256 of its files, in order. */
export function createManifest(
  plan: Plan,
  options: {
    seed: string
    package: string
    configDigest: string
    digests: readonly string[]
    copied?: readonly ManifestFile[]
  },
): Manifest {
  const copied = options.copied?.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })) ?? []
  return {
    format: 1,
    streamVersion: STREAM_VERSION,
    seed: options.seed,
    package: options.package,
    recipe: plan.recipe,
    configDigest: options.configDigest,
    tensors: listManifestTensors(plan),
    files: plan.files.map(({ name, bytes }, i) => ({ name, bytes, sha256: options.digests[i] })),
    ...(copied.length > 0 && { copied }),
  }
}

/** The tensors of a plan as a manifest tells of them, each when it is asked for. */
function listManifestTensors({ files }: Plan): ManifestTensors {
  return {
    length: files.reduce((sum, { tensors }) => sum + tensors.length, 0),
    *entries() {
      for (const { name: file, tensors } of files) {
        const kinds = new Map<object, ManifestTensorSpec>()
        for (const { name, spec } of tensors) {
          let said = kinds.get(spec)
          if (!said) kinds.set(spec, (said = createTensorSpec(spec, file)))
          yield [name, said]
        }
      }
    },
    *[Symbol.iterator]() {
      for (const [name, kind] of this.entries()) yield { name, ...kind }
    },
  }
}

function createTensorSpec(
  { shape, dtype, strategy, distribution, slice }: PlannedTensorSpec,
  file: string,
): ManifestTensorSpec {
  return { shape, dtype, file, strategy, distribution, ...(slice && { slice }) }
}

/** Characters of a piece, about. */
const MANIFEST_CHUNK_CHARS = 2 ** 16

/** Text of the manifest, a tensor a line, so that two can be compared by eye or by diff; in pieces if it is long. */
export function* formatManifest(manifest: Manifest): Generator<string> {
  let text = '{'
  for (const [i, [key, value]] of Object.entries(manifest).entries()) {
    text += `${i > 0 ? ',' : ''}\n  ${JSON.stringify(key)}: `
    if (!['tensors', 'files', 'copied'].includes(key)) {
      text += JSON.stringify(value)
      continue
    }
    let separator = '['
    for (const item of value as Iterable<unknown>) {
      text += `${separator}\n    ${JSON.stringify(item)}`
      separator = ','
      if (text.length < MANIFEST_CHUNK_CHARS) continue
      yield text
      text = ''
    }
    text += separator === '[' ? '[\n  ]' : '\n  ]'
  }
  yield `${text}\n}\n`
}
