/** Manifests of folders that are there: read, checked, and compared with that of a plan. */

import { InputError, createTypeError, createRangeError } from '../errors/simdinit-error.ts'
import { DTYPES } from '../numeric/dtypes.ts'
import {
  checkInteger,
  checkObject,
  checkOneOf,
  checkShape,
  checkText,
  formatValue,
} from '../errors/validate.ts'
import { resolveSliceShape } from '../engine/element-ranges.ts'
import {
  parseRecipe,
  MANIFEST_FILE,
  type Manifest,
  type ManifestFile,
  type ManifestTensor,
} from '../models/index.ts'
import { parseStrategy } from '../strategies/strategy.ts'
import { checkName, STREAM_VERSION } from '../rng/stream.ts'
import { isUtf8, JsonReader } from '../safetensors/json-events.ts'

/** Several times the size of a manifest with as many tensors as a plan may have. */
export const MAX_MANIFEST_BYTES = 2 ** 27

/** A manifest is parsed in values of at most this many bytes, so that its memory is bounded whatever it contains. */
const MAX_VALUE_BYTES = 2 ** 24

const MANIFEST_FIELDS = [
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

/** Parses and checks a manifest. Throws an InputError that names the field and what it must be. */
export function parseManifest(text: string | Uint8Array): Manifest {
  try {
    const parseTensor = createTensorParser()
    const fields = readFields(text, { files: parseFile, copied: parseFile, tensors: parseTensor })
    const json = checkObject('manifest', fields, MANIFEST_FIELDS)
    if (json.format !== 1) throw createRangeError(`"format" must be 1; received ${formatValue(json.format)}`)
    if (json.streamVersion !== STREAM_VERSION) {
      throw createRangeError(
        `its stream version is ${formatValue(json.streamVersion)}, but this package implements only version ${STREAM_VERSION}`,
      )
    }
    for (const field of ['seed', 'package', 'configDigest']) checkText(field, json[field])
    if (typeof json.recipe !== 'string') parseRecipe(json.recipe)
    const files = checkArray('files', json.files) as ManifestFile[]
    const copied = checkArray('copied', json.copied ?? []) as ManifestFile[]
    const names = new Set(files.map(({ name }) => name))
    if (names.size !== files.length || names.size === 0) {
      throw createRangeError('"files" must be a list of files, each once')
    }
    const tensors = checkArray('tensors', json.tensors) as ManifestTensor[]
    for (const { name, file } of tensors) {
      if (!names.has(file)) throw createRangeError(`"files" lacks ${file}, the file of ${formatValue(name)}`)
    }
    return { ...(json as unknown as Manifest), tensors, files, ...(copied.length > 0 && { copied }) }
  } catch (error) {
    throw new InputError(`${MANIFEST_FILE}: ${(error as Error).message}`, { cause: error })
  }
}

function checkArray(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw createTypeError(`"${name}" must be a list; received ${formatValue(value)}`)
  return value
}

/** The names of the files that a manifest lists, copied ones included. Throws if it is not a manifest. */
export function listManifestFiles(bytes: Uint8Array): string[] {
  const { files, copied } = readFields(bytes, {
    files: getFileName,
    copied: getFileName,
    tensors: () => undefined,
  })
  return [...checkArray('files', files), ...checkArray('copied', copied ?? [])] as string[]
}

function getFileName(file: unknown): string {
  return checkFileName((file as { name: unknown }).name)
}

type ItemParsers = Readonly<Record<string, (item: unknown) => unknown>>

/** The fields of a JSON object. The items of the lists that `parsers` names are parsed one by one. */
function readFields(text: string | Uint8Array, parsers: ItemParsers): Record<string, unknown> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  if (!isUtf8(bytes)) throw new SyntaxError('it is not UTF-8 text')
  const json = new JsonReader(bytes)
  const fields = new Map<string, unknown>()
  json.readObject(() => {
    const name = json.lastString()
    const parseItem = Object.hasOwn(parsers, name) && json.peekIs('[') ? parsers[name] : undefined
    if (!parseItem) {
      fields.set(name, json.readValue(MAX_VALUE_BYTES))
      return
    }
    const items: unknown[] = []
    json.readArray(() => items.push(parseItem(json.readValue(MAX_VALUE_BYTES))))
    fields.set(name, items)
  })
  json.expectEnd()
  return Object.fromEntries(fields)
}

/** Tensors that differ only in their names share the objects of all other fields. */
function createTensorParser(): (json: unknown) => ManifestTensor {
  const known = new Map<string, Omit<ManifestTensor, 'name'>>()
  return (json) => {
    const { name, ...fields } = checkObject('tensor', json, TENSOR_FIELDS)
    checkName(name)
    const key = JSON.stringify(fields)
    let parsed = known.get(key)
    if (!parsed) known.set(key, (parsed = parseTensorFields(fields)))
    return Object.assign({ name: name as string }, parsed)
  }
}

function parseTensorFields(json: object): Omit<ManifestTensor, 'name'> {
  const fields = json as Omit<ManifestTensor, 'name'>
  checkShape('shape', fields.shape)
  checkOneOf('dtype', fields.dtype, DTYPES)
  checkFileName(fields.file)
  if (fields.slice !== undefined) checkSlice(fields.slice, fields.shape)
  return { ...fields, strategy: parseStrategy(fields.strategy) }
}

function checkSlice(json: unknown, shape: readonly number[]): void {
  const { of, ranges } = checkObject('slice', json, ['of', 'ranges'])
  checkShape('slice.of', of)
  const cut = resolveSliceShape(ranges, of as number[])
  if (String(cut) !== String(shape))
    throw createRangeError(`"slice" must be one of the shape ${formatValue(shape)}`)
}

function parseFile(json: unknown): ManifestFile {
  const file = checkObject('file', json, ['name', 'bytes', 'sha256']) as unknown as ManifestFile
  checkFileName(file.name)
  checkInteger('bytes', file.bytes)
  checkText('sha256', file.sha256)
  return file
}

/** A name that cannot leave its folder. */
export function checkFileName(value: unknown): string {
  const name = checkText('file', value)
  if (!isFileName(name))
    throw createRangeError(`"file" must be a file name without a path; received ${formatValue(name)}`)
  return name
}

export function isFileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
}

/** Whether two manifests are of the same plan. The package's version and the digests of files are not compared. */
export function isSamePlan(a: Manifest, b: Manifest): boolean {
  return (
    JSON.stringify(comparableFields(a)) === JSON.stringify(comparableFields(b)) &&
    a.tensors.length === b.tensors.length &&
    a.tensors.every((tensor, i) => JSON.stringify(tensor) === JSON.stringify(b.tensors[i]))
  )
}

function comparableFields({ files, tensors: _, package: __, ...rest }: Manifest): unknown[] {
  return [
    ...MANIFEST_FIELDS.map((field) => rest[field as keyof typeof rest]),
    files.map(({ name, bytes }) => [name, bytes]),
  ]
}
