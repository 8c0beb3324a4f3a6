/**
 * The manifest, `simdinit.json`: what a finished folder was made from, so that every byte can be made again.
 * It holds no time, host, path or rank: it is the same from any run.
 */

import type { Distribution } from '../distribution.ts'
import { aDtype, type Dtype } from '../dtypes.ts'
import { anInteger, anObject, aShape, aText, show } from '../errors.ts'
import { sliceShape } from '../engine/slices.ts'
import { aRecipe, InputError, type Plan, type Recipe, type TensorSlice } from '../models/index.ts'
import { aStrategy, type Strategy } from '../strategies.ts'
import { STREAM_VERSION } from '../stream.ts'

export const MANIFEST = 'simdinit.json'

export interface Manifest {
  readonly format: 1
  readonly streamVersion: number
  readonly seed: string
  /** Name and version of the package that wrote it. */
  readonly package: string
  readonly recipe: string | Recipe
  /** SHA-256 of the folder's config.json. */
  readonly configDigest: string
  readonly tensors: readonly ManifestTensor[]
  readonly files: readonly ManifestFile[]
  /** What was copied from the folder of the config, if anything was: tokenizer files and the like. */
  readonly copied?: readonly ManifestFile[]
}

export interface ManifestTensor {
  readonly name: string
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

const FIELDS = [
  'format',
  'streamVersion',
  'seed',
  'package',
  'recipe',
  'configDigest',
  'tensors',
  'files',
  'copied',
]
const TENSOR_FIELDS = ['name', 'shape', 'dtype', 'file', 'strategy', 'distribution', 'slice']

/** The manifest of a plan; `digests` are the SHA-256 of its files, in order. */
export function manifestOf(
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
    tensors: plan.files.flatMap((file) =>
      file.tensors.map(({ name, shape, dtype, strategy, distribution, slice }) => ({
        name,
        shape,
        dtype,
        file: file.name,
        strategy,
        distribution,
        ...(slice && { slice }),
      })),
    ),
    files: plan.files.map(({ name, bytes }, i) => ({ name, bytes, sha256: options.digests[i] })),
    ...(copied.length > 0 && { copied }),
  }
}

/** Characters of a piece, about. */
const PIECE = 2 ** 20

/** Text of the manifest, a tensor a line, so that two can be compared by eye or by diff; in pieces if it is long. */
export function* formatManifest(manifest: Manifest): Generator<string> {
  let text = '{'
  for (const [i, [key, value]] of Object.entries(manifest).entries()) {
    text += `${i > 0 ? ',' : ''}\n  ${JSON.stringify(key)}: `
    if (!['tensors', 'files', 'copied'].includes(key)) {
      text += JSON.stringify(value)
      continue
    }
    text += '['
    for (const [i, item] of (value as readonly unknown[]).entries()) {
      text += `${i > 0 ? ',' : ''}\n    ${JSON.stringify(item)}`
      if (text.length < PIECE) continue
      yield text
      text = ''
    }
    text += '\n  ]'
  }
  yield `${text}\n}\n`
}

/** Reads and checks a manifest. Throws an InputError that says what is wrong with it. */
export function parseManifest(text: string): Manifest {
  try {
    const json = anObject('manifest', JSON.parse(text), FIELDS)
    if (json.format !== 1) throw new RangeError(`"format" expected 1, got ${show(json.format)}`)
    if (json.streamVersion !== STREAM_VERSION) {
      throw new RangeError(
        `it is of stream version ${show(json.streamVersion)}, and this package makes version ${STREAM_VERSION} alone`,
      )
    }
    for (const field of ['seed', 'package', 'configDigest']) aText(field, json[field])
    if (typeof json.recipe !== 'string') aRecipe(json.recipe)
    const files = aList('files', json.files).map(aFile)
    const copied = aList('copied', json.copied ?? []).map(aFile)
    const names = new Set(files.map(({ name }) => name))
    if (names.size !== files.length || names.size === 0) {
      throw new RangeError('"files" expected a list of files, each once')
    }
    const tensors = aList('tensors', json.tensors).map(aTensor)
    const homeless = tensors.find(({ file }) => !names.has(file))
    if (homeless) throw new RangeError(`"files" lacks ${homeless.file}, the file of ${show(homeless.name)}`)
    return { ...(json as unknown as Manifest), tensors, files, ...(copied.length > 0 && { copied }) }
  } catch (error) {
    throw new InputError(`${MANIFEST}: ${(error as Error).message}`, { cause: error })
  }
}

function aList(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`"${name}" expected a list, got ${show(value)}`)
  return value
}

function aTensor(json: unknown): ManifestTensor {
  const tensor = anObject('tensor', json, TENSOR_FIELDS) as unknown as ManifestTensor
  aText('name', tensor.name)
  aShape('shape', tensor.shape)
  aDtype('dtype', tensor.dtype)
  aFileName(tensor.file)
  if (tensor.slice !== undefined) aSlice(tensor.slice, tensor.shape)
  return { ...tensor, strategy: aStrategy(tensor.strategy) }
}

function aSlice(json: unknown, shape: readonly number[]): void {
  const { of, ranges } = anObject('slice', json, ['of', 'ranges'])
  aShape('slice.of', of)
  const cut = sliceShape(ranges, of as number[])
  if (String(cut) !== String(shape)) throw new RangeError(`"slice" expected one of the shape ${show(shape)}`)
}

function aFile(json: unknown): ManifestFile {
  const file = anObject('file', json, ['name', 'bytes', 'sha256']) as unknown as ManifestFile
  aFileName(file.name)
  anInteger('bytes', file.bytes)
  aText('sha256', file.sha256)
  return file
}

/** A name that cannot leave its folder. */
export function aFileName(value: unknown): string {
  const name = aText('file', value)
  if (!isFileName(name)) throw new RangeError(`"file" expected the plain name of a file, got ${show(name)}`)
  return name
}

export function isFileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
}

/** Were both made from the same? Not compared: the package's version, and digests of files. */
export function samePlan(a: Manifest, b: Manifest): boolean {
  const essence = ({ files, package: _, ...rest }: Manifest) => [
    ...FIELDS.map((field) => rest[field as keyof typeof rest]),
    files.map(({ name, bytes }) => [name, bytes]),
  ]
  return JSON.stringify(essence(a)) === JSON.stringify(essence(b))
}
