/**
 * Reading safetensors headers, whoever wrote them: accepts and refuses what the reference reader does, no more and no
 * less; `test/reader.test.ts` compares the two. Source: huggingface/safetensors 0.8, safetensors/src/tensor.rs,
 * `read_metadata`, `Metadata::validate`, and what serde derives for `HashMetadata` and `TensorInfo`.
 *
 * A header stays the bytes that it is: names, shapes and metadata are read from them when they are asked for.
 */

import { Entries } from './entries.ts'
import { JsonReader } from './json.ts'
import { STORED_BITS, type StoredDtype } from './stored.ts'

export { STORED_BITS, type StoredDtype } from './stored.ts'

/** What bytes come from: a file, a Blob, a server that answers ranges. */
export interface ByteSource {
  readonly size: number
  /** Exactly these bytes, or throws. They may be put into `room`, which has room for them. */
  read(position: number, length: number, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array> | Uint8Array
}

export interface StoredTensor {
  readonly name: string
  readonly dtype: StoredDtype
  /** Dimensions past 2^53, which only an empty tensor can have, are rounded. */
  readonly shape: readonly number[]
  /** Bytes [begin, end) of the data. */
  readonly begin: number
  readonly end: number
}

export interface StoredFile {
  /** Of all that precedes the data. */
  readonly headerBytes: number
  /** Made anew when it is asked for, as the tensors are. */
  readonly metadata: ReadonlyMap<string, string>
  readonly tensors: StoredTensors
}

/** In the order of their bytes: they cover the data with no gap. */
export interface StoredTensors extends Iterable<StoredTensor> {
  readonly length: number
  /** The most dimensions that one of them has. */
  readonly rank: number
}

/** The bytes are no safetensors file. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

const MAX_HEADER = 100_000_000

/** Throws a FormatError for what is no safetensors file, and whatever the source throws. */
export async function readHeader(source: ByteSource): Promise<StoredFile> {
  const { size } = source
  if (size < 8) throw new FormatError(`it has ${size} bytes, and the length of a header alone takes 8`)
  const prefix = await source.read(0, 8)
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true)
  if (length > MAX_HEADER) throw new FormatError(`its header would have ${length} bytes, which is too large`)
  const headerBytes = 8 + Number(length)
  if (headerBytes > size) {
    throw new FormatError(`it has ${size} bytes, and its header would end at byte ${headerBytes}`)
  }
  const bytes = await source.read(8, Number(length))
  checkText(bytes)
  const { entries, metadataAt } = parse(bytes)
  const order = entries.inOrder()
  const { end, rank } = checkPlaces(entries, order)
  if (headerBytes + end !== size) {
    throw new FormatError(`it has ${size} bytes, and its header says ${headerBytes + end}`)
  }
  return {
    headerBytes,
    get metadata() {
      return metadataAt === undefined ? new Map() : metadataOf(new JsonReader(bytes, metadataAt))
    },
    tensors: {
      length: order.length,
      rank,
      *[Symbol.iterator]() {
        for (const index of order) yield tensorAt(entries, index)
      },
    },
  }
}

/** Bytes that are made text at a time: little enough that the texts are not kept long. */
const PIECE = 2 ** 16

function checkText(bytes: Uint8Array): void {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    for (let at = 0; at < bytes.length; at += PIECE) {
      decoder.decode(bytes.subarray(at, at + PIECE), { stream: true })
    }
    decoder.decode()
  } catch (error) {
    throw new FormatError('its header is not UTF-8 text', { cause: error })
  }
}

/** The tensors as the header says them, not yet checked, and where its metadata begins. */
function parse(bytes: Uint8Array): { entries: Entries; metadataAt: number | undefined } {
  const json = new JsonReader(bytes)
  const entries = new Entries(bytes)
  let metadataAt: number | undefined
  try {
    json.object(() => {
      const name = json.from
      if (!json.is('__metadata__')) return readInfo(json, entries, name)
      if (metadataAt !== undefined) json.fail('"__metadata__" occurs twice')
      metadataAt = json.place
      readMetadata(json, () => json.text())
    })
    json.finish()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new FormatError(`its header cannot be read: ${error.message}`, { cause: error })
  }
  return { entries, metadataAt }
}

/** An object of texts, or null; `value` reads the text of the key that was read last. */
function readMetadata(json: JsonReader, value: () => void): void {
  if (json.comes('n')) json.null()
  else json.object(value)
}

function metadataOf(json: JsonReader): Map<string, string> {
  const metadata = new Map<string, string>()
  readMetadata(json, () => metadata.set(json.last(), json.string()))
  return metadata
}

const FIELDS = ['dtype', 'shape', 'data_offsets'] as const

/** An object, or an array of the fields in order: serde reads both. Fields of other names are ignored. */
function readInfo(json: JsonReader, entries: Entries, name: number): void {
  let dtype: StoredDtype | undefined
  let shape: number | undefined
  let offsets: [number, number] | undefined
  const read = (field: (typeof FIELDS)[number]) => {
    if ({ dtype, shape, data_offsets: offsets }[field] !== undefined) json.fail(`"${field}" occurs twice`)
    if (field === 'dtype') dtype = dtypeOf(json)
    else if (field === 'shape') {
      shape = json.place
      json.array(() => whole(json))
    } else offsets = offsetsOf(json)
  }
  if (json.comes('[')) {
    json.array((index) => (index < 3 ? read(FIELDS[index]) : json.fail('there are more than three fields')))
  } else {
    json.object(() => {
      const field = FIELDS.find((field) => json.is(field))
      if (field) read(field)
      else json.skip()
    })
  }
  if (!dtype || shape === undefined || !offsets) json.fail('dtype, shape or data_offsets are missing')
  entries.add(name, dtype, shape, ...offsets)
}

/** A name, or an object of that name and nothing: serde reads both. */
function dtypeOf(json: JsonReader): StoredDtype {
  let name = ''
  if (json.comes('{')) {
    let count = 0
    json.object(() => {
      if (count++ > 0) json.fail('a dtype expected one name')
      name = json.last()
      json.null()
    })
  } else {
    name = json.string()
  }
  if (!Object.hasOwn(STORED_BITS, name)) json.fail(`the dtype ${titleOf(name)} is unknown`)
  return name as StoredDtype
}

/** Those of 2^53 and more are rounded: no file has so many bytes, and all of them are refused. */
function offsetsOf(json: JsonReader): [number, number] {
  const offsets: [number, number] = [0, 0]
  let count = 0
  json.array((index) => {
    if (index > 1) json.fail('data_offsets expected two numbers')
    offsets[index] = whole(json)
    count++
  })
  if (count < 2) json.fail('data_offsets expected two numbers')
  return offsets
}

function whole(json: JsonReader): number {
  return json.u64() ?? json.fail('a whole number >= 0 was expected')
}

const LIMIT = 2n ** 64n

/** Where the data ends. Throws unless the tensors follow one another, each of the size that its shape says. */
function checkPlaces(entries: Entries, order: Uint32Array): { end: number; rank: number } {
  let at = 0
  let most = 0
  for (const index of order) {
    const begin = entries.begins[index]
    const end = entries.ends[index]
    const refuse = (reason: string): never => {
      throw new FormatError(`tensor ${titleOf(entries.name(index))} ${reason}`)
    }
    if (begin !== at || end < begin) refuse(`lies at ${begin} to ${end}, where ${at} was to begin`)
    const { elements, rank } = sizeOf(entries.shape(index))
    const bytes =
      bytesOf(elements, STORED_BITS[entries.dtype(index)]) ?? refuse('has more elements than can be counted')
    if (!Number.isInteger(bytes)) refuse('ends within a byte')
    if (end - begin !== bytes) refuse(`has ${end - begin} bytes, and its shape says ${bytes}`)
    most = Math.max(most, rank)
    at = end
  }
  return { end: at, rank: most }
}

/** Past this a product with bits is not exact as a number. */
const EXACT = 2 ** 50

/** Undefined for 2^64 bits and more. Numbers of bytes past 2^53, which no file has, may be rounded. */
function bytesOf(elements: number | bigint | undefined, width: number): number | undefined {
  if (elements === undefined) return undefined
  if (elements <= EXACT) return (Number(elements) * width) / 8
  const bits = BigInt(elements) * BigInt(width)
  return bits < LIMIT ? Number(bits / 8n) + Number(bits % 8n) / 8 : undefined
}

/** The product of the dimensions; undefined where it comes to 2^64 or more, if only on the way to 0. */
function sizeOf(json: JsonReader): { elements: number | bigint | undefined; rank: number } {
  let elements: number | bigint | undefined = 1
  let rank = 0
  json.array(() => {
    const dimension = json.u64()!
    rank++
    if (elements === undefined || dimension === 1) return
    const product: number = Number(elements) * dimension
    if (typeof elements === 'number' && product <= Number.MAX_SAFE_INTEGER) elements = product
    else elements = BigInt(elements) * json.exact()
    if (elements >= LIMIT) elements = undefined
  })
  return { elements, rank }
}

function tensorAt(entries: Entries, index: number): StoredTensor {
  const shape: number[] = []
  const json = entries.shape(index)
  json.array(() => shape.push(json.u64()!))
  const [name, dtype] = [entries.name(index), entries.dtype(index)]
  return { name, dtype, shape, begin: entries.begins[index], end: entries.ends[index] }
}

function titleOf(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 97)}...` : name)
}
