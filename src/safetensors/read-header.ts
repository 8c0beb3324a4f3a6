/**
 * Reads safetensors headers. Accepts and rejects exactly what the reference reader does;
 * `test/safetensors/read-header.test.ts` compares the two. Source: huggingface/safetensors 0.8, safetensors/src/tensor.rs,
 * `read_metadata`, `Metadata::validate`, and what serde derives for `HashMetadata` and `TensorInfo`.
 *
 * The header stays in memory as bytes; its metadata is parsed from them on access.
 */

import { checkByteOrder } from '../numeric/byte-order.ts'
import { FormatError } from '../errors/simdinit-error.ts'
import { HeaderIndex } from './header-index.ts'
import { isUtf8, JsonReader } from './json-events.ts'
import { PREFIX_BYTES, recognizeBinaryFile } from './recognize-file.ts'
import { STORED_BITS, type StoredDtype } from './stored-dtypes.ts'

export { STORED_BITS, type StoredDtype } from './stored-dtypes.ts'

/** Random access to bytes: a file, a Blob, or a server that supports range requests. */
export interface ByteSource {
  /** Total number of bytes. */
  readonly size: number
  /**
   * Reads exactly `length` bytes, or throws.
   * @param position Offset of the first byte.
   * @param length Number of bytes.
   * @param buffer Memory for at least `length` bytes, which the source may use for the result.
   * @returns The bytes, or a promise of them.
   */
  read(position: number, length: number, buffer?: Uint8Array<ArrayBuffer>): Promise<Uint8Array> | Uint8Array
}

/** A tensor in the header of a safetensors file. */
export interface StoredTensor {
  /** The name in the file. */
  readonly name: string
  /** The dtype in the file, such as `BF16`. */
  readonly dtype: StoredDtype
  /** The dimensions. Those above 2^53, which only an empty tensor can have, are rounded. */
  readonly shape: readonly number[]
  /** Offset of its first byte in the data, which starts at `headerBytes`. */
  readonly begin: number
  /** Offset of the byte after its last one. */
  readonly end: number
}

/** What the header of a safetensors file contains. */
export interface StoredFile {
  /** Number of bytes that precede the data. */
  readonly headerBytes: number
  /** `__metadata__`, such as `{ format: 'pt' }`. Parsed on each access. */
  readonly metadata: Readonly<Record<string, string>>
  /** The tensors in the order of their bytes. They cover the data without gaps. */
  readonly tensors: readonly StoredTensor[]
}

/** Limits that bound the memory of a reader: a header of 100 MB can list five million tensors. */
export interface HeaderLimits {
  /** Maximum number of tensors in a file. Default: no limit. */
  readonly maxTensors?: number
  /** Maximum number of dimensions of a tensor. Default: no limit. */
  readonly maxDimensions?: number
}

const MAX_HEADER_BYTES = 100_000_000

/**
 * Reads and validates the header of a safetensors file. Accepts exactly the files that the reference reader accepts.
 * @param source The file. Only the header is read.
 * @param limits Limits on tensors and dimensions. Default: none.
 * @returns A promise of the metadata and the tensors.
 * @throws {FormatError} If the file is not valid safetensors or exceeds a limit. Errors of the source pass through.
 * @example
 * import { encodeHeader, layoutFile, readHeader } from 'simdinit/safetensors'
 *
 * const layout = layoutFile([{ name: 'a', dtype: 'f32', shape: [2] }])
 * const file = new Uint8Array(layout.bytes)
 * file.set(encodeHeader(layout))
 * const read = (position, length) => file.subarray(position, position + length)
 * const { tensors, metadata } = await readHeader({ size: file.length, read })
 * console.log(tensors[0]) // { name: 'a', dtype: 'F32', shape: [ 2 ], begin: 0, end: 8 }
 * console.log(metadata.format) // pt
 */
export async function readHeader(source: ByteSource, limits: HeaderLimits = {}): Promise<StoredFile> {
  checkByteOrder()
  try {
    return await readValidHeader(source, limits)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const kind = recognizeBinaryFile(await source.read(0, Math.min(PREFIX_BYTES, source.size)))
    throw kind === undefined ? error : new FormatError(`it is ${kind}`, { cause: error })
  }
}

async function readValidHeader(source: ByteSource, limits: HeaderLimits): Promise<StoredFile> {
  const { size } = source
  if (size < 8) throw new FormatError(`it has ${size} bytes, and the length of a header alone takes 8`)
  const prefix = await source.read(0, 8)
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES)
    throw new FormatError(`its header would have ${length} bytes, which is too large`)
  const headerBytes = 8 + Number(length)
  if (headerBytes > size) {
    throw new FormatError(`it has ${size} bytes, and its header would end at byte ${headerBytes}`)
  }
  const bytes = await source.read(8, Number(length))
  if (!isUtf8(bytes)) throw new FormatError('its header is not UTF-8 text')
  const { entries, metadataAt } = parseHeader(bytes)
  const order = entries.sortByOffset()
  const { end, rank } = validateOffsets(entries, order)
  checkLimits(limits, order.length, rank)
  if (headerBytes + end !== size) {
    throw new FormatError(`it has ${size} bytes, but its header requires ${headerBytes + end}`)
  }
  return {
    headerBytes,
    get metadata() {
      return metadataAt === undefined ? {} : parseMetadata(new JsonReader(bytes, metadataAt))
    },
    tensors: Array.from(order, (index) => readTensorAt(entries, index)),
  }
}

function checkLimits(
  { maxTensors = Infinity, maxDimensions = Infinity }: HeaderLimits,
  tensors: number,
  rank: number,
): void {
  if (tensors > maxTensors) {
    throw new FormatError(`it lists ${tensors} tensors, which exceeds the limit of ${maxTensors}`)
  }
  if (rank > maxDimensions) {
    throw new FormatError(`a tensor has ${rank} dimensions, which exceeds the limit of ${maxDimensions}`)
  }
}

/** The tensors of the header, with offsets not yet validated, and the offset of its metadata. */
function parseHeader(bytes: Uint8Array): { entries: HeaderIndex; metadataAt: number | undefined } {
  const json = new JsonReader(bytes)
  const entries = new HeaderIndex(bytes)
  let metadataAt: number | undefined
  try {
    json.readObject(() => {
      const name = json.tokenStart
      if (!json.lastStringEquals('__metadata__')) return readTensorInfo(json, entries, name)
      if (metadataAt !== undefined) json.fail('"__metadata__" occurs twice')
      metadataAt = json.valueOffset
      readMetadata(json, () => scanMetadataValue(json))
    })
    json.expectEnd()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new FormatError(`its header cannot be read: ${error.message}`, { cause: error })
  }
  return { entries, metadataAt }
}

/** Reads an object of strings, or null. `value` reads the string for the last key. */
function readMetadata(json: JsonReader, value: () => void): void {
  if (json.peekIs('n')) json.readNull()
  else json.readObject(value)
}

function scanMetadataValue(json: JsonReader): void {
  if (!json.peekIs('"')) json.fail(`the metadata ${quoteName(json.lastString())} must be a string`)
  json.scanString()
}

function parseMetadata(json: JsonReader): Record<string, string> {
  const metadata = new Map<string, string>()
  readMetadata(json, () => metadata.set(json.lastString(), json.readString()))
  return Object.fromEntries(metadata) // even `__proto__` becomes a plain field
}

const TENSOR_INFO_FIELDS = ['dtype', 'shape', 'data_offsets'] as const

/** Reads an object, or an array of its fields in order, as serde does. Unknown fields are ignored. */
function readTensorInfo(json: JsonReader, entries: HeaderIndex, name: number): void {
  let dtype: StoredDtype | undefined
  let shape: number | undefined
  let offsets: [number, number] | undefined
  const read = (field: (typeof TENSOR_INFO_FIELDS)[number]) => {
    if ({ dtype, shape, data_offsets: offsets }[field] !== undefined) json.fail(`"${field}" occurs twice`)
    if (field === 'dtype') dtype = readDtype(json)
    else if (field === 'shape') {
      shape = json.valueOffset
      json.readArray(() => readUint(json))
    } else offsets = readOffsets(json)
  }
  if (json.peekIs('[')) {
    json.readArray((index) =>
      index < 3 ? read(TENSOR_INFO_FIELDS[index]) : json.fail('a tensor has more than three fields'),
    )
  } else {
    json.readObject(() => {
      const field = TENSOR_INFO_FIELDS.find((field) => json.lastStringEquals(field))
      if (field) read(field)
      else json.skipValue()
    })
  }
  if (!dtype || shape === undefined || !offsets) json.fail('dtype, shape or data_offsets are missing')
  entries.add(name, dtype, shape, ...offsets)
}

/** Reads a name, or an object such as `{"F32": null}`, as serde does. */
function readDtype(json: JsonReader): StoredDtype {
  let name = ''
  if (json.peekIs('{')) {
    let count = 0
    json.readObject(() => {
      if (count++ > 0) json.fail('a dtype must be one name')
      name = json.lastString()
      json.readNull()
    })
  } else {
    name = json.readString()
  }
  if (!Object.hasOwn(STORED_BITS, name)) json.fail(`the dtype ${quoteName(name)} is unknown`)
  return name as StoredDtype
}

/** Offsets of 2^53 and more are rounded. They are refused later, since no file is that large. */
function readOffsets(json: JsonReader): [number, number] {
  const offsets: [number, number] = [0, 0]
  let count = 0
  json.readArray((index) => {
    if (index > 1) json.fail('data_offsets must be two numbers')
    offsets[index] = readUint(json)
    count++
  })
  if (count < 2) json.fail('data_offsets must be two numbers')
  return offsets
}

function readUint(json: JsonReader): number {
  return json.readU64() ?? json.fail('an integer >= 0 was expected')
}

const U64_LIMIT = 2n ** 64n

/** The end of the data. Throws unless the tensors are contiguous and each has the size of its shape. */
function validateOffsets(entries: HeaderIndex, order: Uint32Array): { end: number; rank: number } {
  let position = 0
  let maxRank = 0
  for (const index of order) {
    const begin = entries.begins[index]
    const end = entries.ends[index]
    const refuse = (reason: string): never => {
      throw new FormatError(`tensor ${quoteName(entries.name(index))} ${reason}`)
    }
    if (begin !== position) refuse(`begins at byte ${begin} of the data instead of ${position}`)
    if (end < begin) refuse(`ends at byte ${end} of the data, before it begins at ${begin}`)
    const { elements, rank } = readShapeSize(entries.shapeReader(index))
    const bytes =
      computeDataBytes(elements, STORED_BITS[entries.dtype(index)]) ??
      refuse('has more elements than can be counted')
    if (!Number.isInteger(bytes)) refuse('ends within a byte')
    if (end - begin !== bytes) refuse(`has ${end - begin} bytes, but its shape requires ${bytes}`)
    maxRank = Math.max(maxRank, rank)
    position = end
  }
  return { end: position, rank: maxRank }
}

/** Above this, the number of bits may not be an exact number. */
const MAX_EXACT_ELEMENTS = 2 ** 50

/** Undefined for 2^64 bits and more. Above 2^53 bytes, which no file has, the result may be rounded. */
function computeDataBytes(elements: number | bigint | undefined, width: number): number | undefined {
  if (elements === undefined) return undefined
  if (elements <= MAX_EXACT_ELEMENTS) return (Number(elements) * width) / 8
  const bits = BigInt(elements) * BigInt(width)
  return bits < U64_LIMIT ? Number(bits / 8n) + Number(bits % 8n) / 8 : undefined
}

/** The product of the dimensions; undefined if it reaches 2^64, even before a dimension of 0. */
function readShapeSize(json: JsonReader): { elements: number | bigint | undefined; rank: number } {
  let elements: number | bigint | undefined = 1
  let rank = 0
  json.readArray(() => {
    const dimension = json.readU64()!
    rank++
    if (elements === undefined || dimension === 1) return
    const product: number = Number(elements) * dimension
    if (typeof elements === 'number' && product <= Number.MAX_SAFE_INTEGER) elements = product
    else elements = BigInt(elements) * json.lastBigInt()
    if (elements >= U64_LIMIT) elements = undefined
  })
  return { elements, rank }
}

function readTensorAt(entries: HeaderIndex, index: number): StoredTensor {
  const shape: number[] = []
  const json = entries.shapeReader(index)
  json.readArray(() => shape.push(json.readU64()!))
  const [name, dtype] = [entries.name(index), entries.dtype(index)]
  return { name, dtype, shape, begin: entries.begins[index], end: entries.ends[index] }
}

function quoteName(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 97)}...` : name)
}
