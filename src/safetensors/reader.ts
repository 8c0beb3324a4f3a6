/**
 * Reading safetensors headers, whoever wrote them: accepts and refuses what the reference reader does, no more and no
 * less; `test/reader.test.ts` compares the two. Source: huggingface/safetensors 0.8, safetensors/src/tensor.rs,
 * `read_metadata`, `Metadata::validate`, and what serde derives for `HashMetadata` and `TensorInfo`.
 */

import { JsonReader } from './json.ts'

/** What bytes come from: a file, a Blob, a server that answers ranges. */
export interface ByteSource {
  readonly size: number
  /** Exactly these bytes, or throws. They may be put into `room`, which has room for them. */
  read(position: number, length: number, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array> | Uint8Array
}

/** Bits of an element, of every dtype that the format knows. */
export const STORED_BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const

/** A dtype as the file names it. */
export type StoredDtype = keyof typeof STORED_BITS

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
  readonly metadata: ReadonlyMap<string, string>
  /** In the order of their bytes: they cover the data with no gap. */
  readonly tensors: readonly StoredTensor[]
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
  const { tensors, metadata } = parse(textOf(await source.read(8, Number(length))))
  const end = checkPlaces(tensors)
  if (headerBytes + end !== size) {
    throw new FormatError(`it has ${size} bytes, and its header says ${headerBytes + end}`)
  }
  return { headerBytes, metadata, tensors: tensors.map(placed) }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new FormatError('its header is not UTF-8 text', { cause: error })
  }
}

/** A tensor as the header says it, not yet checked. */
interface Entry {
  readonly name: string
  readonly dtype: StoredDtype
  readonly shape: readonly (number | bigint)[]
  readonly begin: bigint
  readonly end: bigint
}

type Info = Omit<Entry, 'name'>

/** A name that occurs again replaces the one before it, as in the reference. */
function parse(text: string): { tensors: Entry[]; metadata: Map<string, string> } {
  const json = new JsonReader(text)
  const found = new Map<string, Info>()
  let metadata: Map<string, string> | undefined
  try {
    json.object((name) => {
      if (name !== '__metadata__') {
        found.set(name, infoOf(json))
      } else {
        if (metadata) json.fail('"__metadata__" occurs twice')
        metadata = metadataOf(json)
      }
    })
    json.finish()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new FormatError(`its header cannot be read: ${error.message}`, { cause: error })
  }
  const tensors = Array.from(found, ([name, info]) => ({ name, ...info }))
  tensors.sort((a, b) => Number(a.begin - b.begin || a.end - b.end))
  return { tensors, metadata: metadata ?? new Map() }
}

function metadataOf(json: JsonReader): Map<string, string> {
  const metadata = new Map<string, string>()
  if (json.peek() === 'n') json.null()
  else json.object((key) => metadata.set(key, json.string()))
  return metadata
}

const FIELDS = ['dtype', 'shape', 'data_offsets'] as const

/** An object, or an array of the fields in order: serde reads both. Fields of other names are ignored. */
function infoOf(json: JsonReader): Info {
  const found: { dtype?: StoredDtype; shape?: (number | bigint)[]; data_offsets?: (number | bigint)[] } = {}
  const read = (field: (typeof FIELDS)[number]) => {
    if (found[field] !== undefined) json.fail(`"${field}" occurs twice`)
    if (field === 'dtype') found.dtype = dtypeOf(json)
    else found[field] = numbersOf(json)
  }
  if (json.peek() === '[') {
    json.array((index) => (index < 3 ? read(FIELDS[index]) : json.fail('there are more than three fields')))
  } else {
    json.object((key) => {
      const field = FIELDS.find((field) => field === key)
      if (field) read(field)
      else json.skip()
    })
  }
  const { dtype, shape, data_offsets: offsets } = found
  if (!dtype || !shape || !offsets) json.fail('dtype, shape or data_offsets are missing')
  if (offsets.length !== 2) json.fail('data_offsets expected two numbers')
  return { dtype, shape, begin: BigInt(offsets[0]), end: BigInt(offsets[1]) }
}

/** A name, or an object of that name and nothing: serde reads both. */
function dtypeOf(json: JsonReader): StoredDtype {
  let name = ''
  if (json.peek() === '{') {
    let count = 0
    json.object((key) => {
      if (count++ > 0) json.fail('a dtype expected one name')
      name = key
      json.null()
    })
  } else {
    name = json.string()
  }
  if (!Object.hasOwn(STORED_BITS, name)) json.fail(`the dtype ${JSON.stringify(name)} is unknown`)
  return name as StoredDtype
}

function numbersOf(json: JsonReader): (number | bigint)[] {
  const numbers: (number | bigint)[] = []
  json.array(() => numbers.push(json.u64() ?? json.fail('a whole number >= 0 was expected')))
  return numbers
}

const LIMIT = 2n ** 64n

/** Where the data ends. Throws unless the tensors follow one another, each of the size that its shape says. */
function checkPlaces(tensors: readonly Entry[]): number {
  let at = 0n
  for (const { name, dtype, shape, begin, end } of tensors) {
    const title = JSON.stringify(name.length > 100 ? `${name.slice(0, 97)}...` : name)
    if (begin !== at || end < begin) {
      throw new FormatError(`tensor ${title} lies at ${begin} to ${end}, where ${at} was to begin`)
    }
    let elements = 1n
    for (const dimension of shape) {
      if (dimension !== 1) elements *= BigInt(dimension)
      if (elements >= LIMIT) throw new FormatError(`tensor ${title} has more elements than can be counted`)
    }
    const bits = elements * BigInt(STORED_BITS[dtype])
    if (bits >= LIMIT) throw new FormatError(`tensor ${title} has more elements than can be counted`)
    if (bits % 8n !== 0n) throw new FormatError(`tensor ${title} ends within a byte`)
    if (end - begin !== bits / 8n) {
      throw new FormatError(`tensor ${title} has ${end - begin} bytes, and its shape says ${bits / 8n}`)
    }
    at = end
  }
  return Number(at)
}

function placed({ name, dtype, shape, begin, end }: Entry): StoredTensor {
  return { name, dtype, shape: shape.map(Number), begin: Number(begin), end: Number(end) }
}
