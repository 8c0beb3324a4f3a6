/**
 * The manifest, `simdinit.json`: everything needed to generate each byte of a finished checkpoint again. It records
 * no time, host, path or rank, so that every run of a plan writes the same manifest.
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
  /** The seed, as a string: 42 is '42'. */
  readonly seed: string
  /** Name and version of the package that wrote it, such as `simdinit@1.0.0`. */
  readonly package: string
  /** The name of a built-in recipe, or the recipe as data. */
  readonly recipe: string | Recipe
  /** SHA-256 of the folder's config.json, in hex. */
  readonly configDigest: string
  /** The tensors, in the order of the files and of their bytes. */
  readonly tensors: readonly ManifestTensor[]
  /** The files of weights, in order. */
  readonly files: readonly ManifestFile[]
  /** Files that were copied from the config's folder, such as those of a tokenizer. */
  readonly copied?: readonly ManifestFile[]
}

/** A tensor of a manifest. */
export interface ManifestTensor {
  /** The name in the checkpoint. */
  readonly name: string
  /** The stored shape: that of the slice, if the tensor is one. */
  readonly shape: readonly number[]
  /** The stored dtype. */
  readonly dtype: Dtype
  /** Name of the file that holds it. */
  readonly file: string
  /** The strategy, with every field set that the model decides. */
  readonly strategy: Strategy
  /** What the strategy resolves to for the shape of the whole parameter. */
  readonly distribution: Distribution
  /** Which part of the parameter it is, if not all of it. */
  readonly slice?: TensorSlice
}

/** A file of a manifest. */
export interface ManifestFile {
  /** The name in the checkpoint's folder. */
  readonly name: string
  /** Size of the file. */
  readonly bytes: number
  /** SHA-256 of the file, 64 lower-case hex digits. */
  readonly sha256: string
}

/** What a manifest records in addition to the plan. */
export interface ManifestOptions {
  /** The seed, as a string: '42' for 42. */
  readonly seed: string
  /** Name and version of the package that writes it, such as `simdinit@1.0.0`. */
  readonly package: string
  /** SHA-256 of config.json, in hex. */
  readonly configDigest: string
  /** SHA-256 of each file of the plan, in order, in hex. */
  readonly digests: readonly string[]
  /** Files that were copied from the config's folder. Default: none. */
  readonly copied?: readonly ManifestFile[]
}

/**
 * Creates the manifest of a plan whose files have been written.
 * @param plan From `planModel`.
 * @param options The seed, the digests and the rest that the plan does not contain.
 * @returns The manifest, as plain data.
 * @throws Never: neither the plan nor the options are checked.
 * @example
 * import { createManifest, planModel } from 'simdinit/models'
 *
 * const config = { model_type: 'gpt2', n_embd: 8, n_layer: 1, n_head: 2, vocab_size: 16, n_positions: 4 }
 * const options = { seed: '42', package: 'my-tool@1.0.0', configDigest: '0'.repeat(64), digests: ['0'.repeat(64)] }
 * const manifest = createManifest(planModel(config), options)
 * console.log(manifest.tensors.length) // 16
 * console.log(manifest.files[0].name) // model.safetensors
 */
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

/**
 * Formats a manifest as the text of `simdinit.json`, one tensor per line, so that two manifests are easy to compare.
 * @param manifest From `createManifest`.
 * @returns JSON with a line end.
 * @throws Never.
 * @example
 * import { createManifest, formatManifest, planModel } from 'simdinit/models'
 *
 * const config = { model_type: 'gpt2', n_embd: 8, n_layer: 1, n_head: 2, vocab_size: 16, n_positions: 4 }
 * const options = { seed: '42', package: 'my-tool@1.0.0', configDigest: '0'.repeat(64), digests: ['0'.repeat(64)] }
 * const text = formatManifest(createManifest(planModel(config), options))
 * console.log(JSON.parse(text).seed) // 42
 */
export function formatManifest(manifest: Manifest): string {
  return [...formatManifestLines(manifest)].join('')
}

/** Yields the text of a manifest line by line: all of it at once can exceed everything else in memory. */
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
