/**
 * The manifest, `simdinit.json`: what a finished folder was made from, so that every byte can be generated again.
 * It holds no time, host, path or rank, so every run of a plan writes the same one.
 */

import type { Distribution } from '../distributions/distribution.ts'
import type { Dtype } from '../numeric/dtypes.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { STREAM_VERSION } from '../rng/stream.ts'
import type { Plan } from './plan.ts'
import type { Recipe } from './recipes/recipe.ts'
import type { TensorSlice } from './tensor-slices.ts'

/** The name of the manifest in a checkpoint's folder. */
export const MANIFEST_FILE = 'simdinit.json'

/** The content of `simdinit.json`, as plain data. */
export interface Manifest {
  /** The version of this format. */
  readonly format: 1
  /** The version of the random stream that the values come from. */
  readonly streamVersion: number
  readonly seed: string
  /** Name and version of the package that wrote it. */
  readonly package: string
  /** The name of a built-in recipe, or the recipe as data. */
  readonly recipe: string | Recipe
  /** SHA-256 of the folder's config.json, in hex. */
  readonly configDigest: string
  /** In the order of the files and of their bytes. */
  readonly tensors: readonly ManifestTensor[]
  readonly files: readonly ManifestFile[]
  /** Files that were copied from the config's folder, such as those of a tokenizer. */
  readonly copied?: readonly ManifestFile[]
}

/** A tensor of a manifest. */
export interface ManifestTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: Dtype
  /** Name of the file that holds it. */
  readonly file: string
  readonly strategy: Strategy
  readonly distribution: Distribution
  /** Which part of the parameter it is, if not all of it. */
  readonly slice?: TensorSlice
}

/** A file of a manifest. */
export interface ManifestFile {
  readonly name: string
  readonly bytes: number
  /** In hex. */
  readonly sha256: string
}

/** What a manifest records in addition to the plan. */
export interface ManifestOptions {
  readonly seed: string
  /** Name and version of the package that writes it, such as `simdinit@1.0.0`. */
  readonly package: string
  /** SHA-256 of config.json, in hex. */
  readonly configDigest: string
  /** SHA-256 of the plan's files, in their order. */
  readonly digests: readonly string[]
  /** Files that were copied from the config's folder. Default: none. */
  readonly copied?: readonly ManifestFile[]
}

/** The manifest of a plan. */
export function createManifest(plan: Plan, options: ManifestOptions): Manifest {
  const copied = options.copied?.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })) ?? []
  return {
    format: 1,
    streamVersion: STREAM_VERSION,
    seed: options.seed,
    package: options.package,
    recipe: plan.recipe,
    configDigest: options.configDigest,
    tensors: plan.files.flatMap(({ name: file, tensors }) =>
      tensors.map(({ name, shape, dtype, strategy, distribution, slice }) => ({
        name,
        shape,
        dtype,
        file,
        strategy,
        distribution,
        ...(slice && { slice }),
      })),
    ),
    files: plan.files.map(({ name, bytes }, i) => ({ name, bytes, sha256: options.digests[i] })),
    ...(copied.length > 0 && { copied }),
  }
}

/** The text of `simdinit.json`: a tensor a line, so that two manifests can be compared by eye or by diff. */
export function formatManifest(manifest: Manifest): string {
  return [...formatManifestLines(manifest)].join('')
}

/** The same line by line, with line ends: the text can be longer than everything else that a run holds. */
export function* formatManifestLines(manifest: Manifest): Generator<string> {
  const fields = Object.entries(manifest)
  yield '{\n'
  for (const [i, [key, value]] of fields.entries()) {
    const end = i < fields.length - 1 ? ',\n' : '\n'
    if (!Array.isArray(value)) {
      yield `  ${JSON.stringify(key)}: ${JSON.stringify(value)}${end}`
      continue
    }
    yield `  ${JSON.stringify(key)}: [\n`
    for (const [j, item] of value.entries()) {
      yield `    ${JSON.stringify(item)}${j < value.length - 1 ? ',\n' : '\n'}`
    }
    yield `  ]${end}`
  }
  yield '}\n'
}
