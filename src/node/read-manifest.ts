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
import { Alike } from '../models/interned-list.ts'
import {
  parseRecipe,
  MANIFEST_FILE,
  type Manifest,
  type ManifestFile,
  type ManifestTensorSpec,
} from '../models/index.ts'
import { parseStrategy } from '../strategies/strategy.ts'
import { checkName, STREAM_VERSION } from '../rng/stream.ts'

/** One that was read. */
export type LoadedManifest = Manifest & { readonly tensors: Alike<ManifestTensorSpec> }

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

/**
 * Reads and checks a manifest. `read` gives its text in pieces, from the beginning, and is called again where it is not
 * as `formatManifest` writes it. Throws an InputError that says what is wrong with it.
 */
export function parseManifest(read: () => Iterable<string>): LoadedManifest {
  try {
    const { json, tensors: known } =
      parseByLine(read(), new Alike<ManifestTensorSpec>()) ?? parseWhole([...read()].join(''))
    if (json.format !== 1) throw createRangeError(`"format" must be 1; received ${formatValue(json.format)}`)
    if (json.streamVersion !== STREAM_VERSION) {
      throw createRangeError(
        `its stream version is ${formatValue(json.streamVersion)}, but this package implements only version ${STREAM_VERSION}`,
      )
    }
    for (const field of ['seed', 'package', 'configDigest']) checkText(field, json[field])
    if (typeof json.recipe !== 'string') parseRecipe(json.recipe)
    const files = checkArray('files', json.files).map(parseFile)
    const copied = checkArray('copied', json.copied ?? []).map(parseFile)
    const names = new Set(files.map(({ name }) => name))
    if (names.size !== files.length || names.size === 0) {
      throw createRangeError('"files" must be a list of files, each once')
    }
    const tensors = known ?? parseTensors(json.tensors)
    for (const [name, { file }] of tensors.entries()) {
      if (!names.has(file)) throw createRangeError(`"files" lacks ${file}, the file of ${formatValue(name)}`)
    }
    return { ...(json as unknown as Manifest), tensors, files, ...(copied.length > 0 && { copied }) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) throw error // of reading
    throw new InputError(`${MANIFEST_FILE}: ${(error as Error).message}`, { cause: error })
  }
}
function checkArray(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw createTypeError(`"${name}" must be a list; received ${formatValue(value)}`)
  return value
}

/** A manifest as JSON, and its tensors if they have been read already. */
interface ParsedManifest<Into = never> {
  readonly json: Record<string, unknown>
  readonly tensors?: Into
}

/** What takes the tensors as they are read, and keeps them or does not. */
type TensorSink = Pick<Alike<ManifestTensorSpec>, 'length' | 'push'>

function parseWhole(text: string): ParsedManifest {
  return { json: checkObject('manifest', JSON.parse(text), MANIFEST_FIELDS) }
}

/** The files that a manifest lists, those that were copied too, whatever else is in it. Throws if it is none. */
export function listManifestFiles(read: () => Iterable<string>): unknown[] {
  const passed = { length: 0, push: () => void passed.length++ }
  const json = parseByLine(read(), passed)?.json ?? JSON.parse([...read()].join(''))
  return [...checkArray('files', json.files), ...checkArray('copied', json.copied ?? [])]
}

/** What stands for the tensors while they are read line by line: no list. */
const TENSORS_PLACEHOLDER = '\0'

/**
 * A manifest that is written as `formatManifest` does it, a tensor a line: it is never in memory as a whole. Undefined if
 * it is not, or if anything is wrong with it; then it is to be read at once, which tells what.
 */
function parseByLine<Into extends TensorSink>(
  pieces: Iterable<string>,
  tensors: Into,
): ParsedManifest<Into> | undefined {
  const kinds = new Map<string, ManifestTensorSpec>()
  let rest = ''
  let within = false
  let comma = true // the line before was the first one, or ended with one
  try {
    for (const line of splitLines(pieces)) {
      if (!within) {
        within = line === '  "tensors": ['
        rest += within ? `"tensors": ${JSON.stringify(TENSORS_PLACEHOLDER)}` : line
      } else if (line.startsWith('    ') && comma) {
        comma = line.endsWith(',')
        parseTensorLine(line.slice(4, comma ? -1 : undefined), kinds, tensors)
      } else if (line.startsWith('  ]') && (!comma || tensors.length === 0)) {
        within = false
        rest += line.slice(3)
      } else return undefined
    }
    const { json } = parseWhole(rest)
    return json.tensors === TENSORS_PLACEHOLDER ? { json, tensors } : undefined
  } catch {
    return undefined
  }
}

/** The lines of a text that comes in pieces. */
export function* splitLines(pieces: Iterable<string>): Generator<string> {
  let line = ''
  for (const piece of pieces) {
    const [first, ...others] = piece.split('\n')
    line += first
    for (const next of others) {
      yield line
      line = next
    }
  }
  yield line
}

/** One tensor. What follows the name is read once for all tensors that have the same there. */
function parseTensorLine(text: string, kinds: Map<string, ManifestTensorSpec>, tensors: TensorSink): void {
  const [, name, rest] = /^\{"name":("[^"\\]*"),(.*)$/.exec(text) ?? []
  const known = rest === undefined ? undefined : kinds.get(rest)
  if (known) return tensors.push(JSON.parse(name), known)
  const tensor = parseTensor(JSON.parse(text))
  if (rest !== undefined) kinds.set(rest, tensor.kind)
  tensors.push(tensor.name, tensor.kind)
}

function parseTensors(json: unknown): Alike<ManifestTensorSpec> {
  const tensors = new Alike<ManifestTensorSpec>()
  for (const item of checkArray('tensors', json)) {
    const { name, kind } = parseTensor(item)
    tensors.push(name, kind)
  }
  return tensors
}

function parseTensor(json: unknown): { name: string; kind: ManifestTensorSpec } {
  const tensor = checkObject('tensor', json, TENSOR_FIELDS) as unknown as ManifestTensorSpec & {
    name: string
  }
  const { name, ...kind } = tensor
  checkName(name)
  checkShape('shape', kind.shape)
  checkOneOf('dtype', kind.dtype, DTYPES)
  checkFileName(kind.file)
  if (kind.slice !== undefined) checkSlice(kind.slice, kind.shape)
  return { name, kind: { ...kind, strategy: parseStrategy(kind.strategy) } }
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

/** Were both made from the same? Not compared: the package's version, and digests of files. */
export function isSamePlan(a: Manifest, b: Manifest): boolean {
  return JSON.stringify(comparableFields(a)) === JSON.stringify(comparableFields(b)) && isSameTensors(a, b)
}

function comparableFields({ files, tensors: _, package: __, ...rest }: Manifest): unknown[] {
  return [
    ...MANIFEST_FIELDS.map((field) => rest[field as keyof typeof rest]),
    files.map(({ name, bytes }) => [name, bytes]),
  ]
}

function isSameTensors({ tensors: a }: Manifest, { tensors: b }: Manifest): boolean {
  if (a.length !== b.length) return false
  const others = b.entries()[Symbol.iterator]()
  const same = new Map<ManifestTensorSpec, ManifestTensorSpec>()
  for (const [name, kind] of a.entries()) {
    const [otherName, other] = others.next().value!
    if (name !== otherName) return false
    if (same.get(kind) === other) continue
    if (JSON.stringify(kind) !== JSON.stringify(other)) return false
    same.set(kind, other)
  }
  return true
}
