/** Manifests of folders that are there: read, checked, and compared with that of a plan. */

import { aDtype } from '../dtypes.ts'
import { anInteger, anObject, aShape, aText, show } from '../errors.ts'
import { sliceShape } from '../engine/slices.ts'
import { Alike } from '../models/alike.ts'
import {
  aRecipe,
  InputError,
  MANIFEST,
  type Manifest,
  type ManifestFile,
  type ManifestKind,
} from '../models/index.ts'
import { aStrategy } from '../strategies.ts'
import { aName, STREAM_VERSION } from '../stream.ts'

/** One that was read. */
export type ReadManifest = Manifest & { readonly tensors: Alike<ManifestKind> }

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

/**
 * Reads and checks a manifest. `read` gives its text in pieces, from the beginning, and is called again where it is not
 * as `formatManifest` writes it. Throws an InputError that says what is wrong with it.
 */
export function parseManifest(read: () => Iterable<string>): ReadManifest {
  try {
    const { json, tensors: known } =
      byLines(read(), new Alike<ManifestKind>()) ?? atOnce([...read()].join(''))
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
    const tensors = known ?? tensorsIn(json.tensors)
    for (const [name, { file }] of tensors.entries()) {
      if (!names.has(file)) throw new RangeError(`"files" lacks ${file}, the file of ${show(name)}`)
    }
    return { ...(json as unknown as Manifest), tensors, files, ...(copied.length > 0 && { copied }) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) throw error // of reading
    throw new InputError(`${MANIFEST}: ${(error as Error).message}`, { cause: error })
  }
}
function aList(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`"${name}" expected a list, got ${show(value)}`)
  return value
}

/** A manifest as JSON, and its tensors if they have been read already. */
interface Read<Into = never> {
  readonly json: Record<string, unknown>
  readonly tensors?: Into
}

/** What takes the tensors as they are read, and keeps them or does not. */
type Tensors = Pick<Alike<ManifestKind>, 'length' | 'push'>

function atOnce(text: string): Read {
  return { json: anObject('manifest', JSON.parse(text), FIELDS) }
}

/** The files that a manifest lists, those that were copied too, whatever else is in it. Throws if it is none. */
export function listsOf(read: () => Iterable<string>): unknown[] {
  const passed = { length: 0, push: () => void passed.length++ }
  const json = byLines(read(), passed)?.json ?? JSON.parse([...read()].join(''))
  return [...aList('files', json.files), ...aList('copied', json.copied ?? [])]
}

/** What stands for the tensors while they are read line by line: no list. */
const ELSEWHERE = '\0'

/**
 * A manifest that is written as `formatManifest` does it, a tensor a line: it is never in memory as a whole. Undefined if
 * it is not, or if anything is wrong with it; then it is to be read at once, which tells what.
 */
function byLines<Into extends Tensors>(pieces: Iterable<string>, tensors: Into): Read<Into> | undefined {
  const kinds = new Map<string, ManifestKind>()
  let rest = ''
  let within = false
  let comma = true // the line before was the first one, or ended with one
  try {
    for (const line of linesOf(pieces)) {
      if (!within) {
        within = line === '  "tensors": ['
        rest += within ? `"tensors": ${JSON.stringify(ELSEWHERE)}` : line
      } else if (line.startsWith('    ') && comma) {
        comma = line.endsWith(',')
        readLine(line.slice(4, comma ? -1 : undefined), kinds, tensors)
      } else if (line.startsWith('  ]') && (!comma || tensors.length === 0)) {
        within = false
        rest += line.slice(3)
      } else return undefined
    }
    const { json } = atOnce(rest)
    return json.tensors === ELSEWHERE ? { json, tensors } : undefined
  } catch {
    return undefined
  }
}

/** The lines of a text that comes in pieces. */
export function* linesOf(pieces: Iterable<string>): Generator<string> {
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
function readLine(text: string, kinds: Map<string, ManifestKind>, tensors: Tensors): void {
  const [, name, rest] = /^\{"name":("[^"\\]*"),(.*)$/.exec(text) ?? []
  const known = rest === undefined ? undefined : kinds.get(rest)
  if (known) return tensors.push(JSON.parse(name), known)
  const tensor = aTensor(JSON.parse(text))
  if (rest !== undefined) kinds.set(rest, tensor.kind)
  tensors.push(tensor.name, tensor.kind)
}

function tensorsIn(json: unknown): Alike<ManifestKind> {
  const tensors = new Alike<ManifestKind>()
  for (const item of aList('tensors', json)) {
    const { name, kind } = aTensor(item)
    tensors.push(name, kind)
  }
  return tensors
}

function aTensor(json: unknown): { name: string; kind: ManifestKind } {
  const tensor = anObject('tensor', json, TENSOR_FIELDS) as unknown as ManifestKind & { name: string }
  const { name, ...kind } = tensor
  aName(name)
  aShape('shape', kind.shape)
  aDtype('dtype', kind.dtype)
  aFileName(kind.file)
  if (kind.slice !== undefined) aSlice(kind.slice, kind.shape)
  return { name, kind: { ...kind, strategy: aStrategy(kind.strategy) } }
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
  return JSON.stringify(essence(a)) === JSON.stringify(essence(b)) && sameTensors(a, b)
}

function essence({ files, tensors: _, package: __, ...rest }: Manifest): unknown[] {
  return [
    ...FIELDS.map((field) => rest[field as keyof typeof rest]),
    files.map(({ name, bytes }) => [name, bytes]),
  ]
}

function sameTensors({ tensors: a }: Manifest, { tensors: b }: Manifest): boolean {
  if (a.length !== b.length) return false
  const others = b.entries()[Symbol.iterator]()
  const same = new Map<ManifestKind, ManifestKind>()
  for (const [name, kind] of a.entries()) {
    const [otherName, other] = others.next().value!
    if (name !== otherName) return false
    if (same.get(kind) === other) continue
    if (JSON.stringify(kind) !== JSON.stringify(other)) return false
    same.set(kind, other)
  }
  return true
}
