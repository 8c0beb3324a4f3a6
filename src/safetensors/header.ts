/**
 * The safetensors header: a u64 length, then JSON that says where each tensor lies in the data that follows.
 * Laid out byte for byte as the reference writer does it: tensors by dtype (widest first) then name, compact
 * JSON, spaces up to a multiple of 8. Source: huggingface/safetensors, safetensors/src/tensor.rs, `prepare`.
 */

import { createRangeError } from '../errors/simdinit-error.ts'
import type { Dtype } from '../numeric/dtypes.ts'
import { FORMATS } from '../numeric/dtypes.ts'
import { checkShape, checkText } from '../errors/validate.ts'

/** Names of the dtypes in the file, and their rank among all that the reference writer orders by. */
const SAFETENSORS_DTYPES: Readonly<Record<Dtype, { readonly name: string; readonly rank: number }>> = {
  f32: { name: 'F32', rank: 4 },
  bf16: { name: 'BF16', rank: 7 },
  f16: { name: 'F16', rank: 8 },
  f8_e4m3: { name: 'F8_E4M3', rank: 12 },
  f8_e5m2: { name: 'F8_E5M2', rank: 13 },
}

/** What the reference reader accepts at most, of JSON, in bytes. */
const MAX_HEADER_BYTES = 100_000_000

/** Characters of a piece of the header, about. */
const HEADER_CHUNK_CHARS = 2 ** 16
const encoder = new TextEncoder()

export interface TensorEntry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
}

/** A tensor and the bytes [begin, end) of the data that are its own. */
export type PlacedTensor<T extends TensorEntry = TensorEntry> = T & {
  readonly begin: number
  readonly end: number
}

export interface FileLayout<T extends TensorEntry = TensorEntry> {
  /** Of all that precedes the data (`headerOf`): a multiple of 8. */
  readonly headerBytes: number
  readonly metadata: Readonly<Record<string, string>>
  /** In the order of their bytes, with no gap between them. */
  readonly tensors: readonly PlacedTensor<T>[]
  /** Bytes of the whole file. */
  readonly bytes: number
}

/** Bytes of a tensor's data. */
export function computeByteLength({ dtype, shape }: TensorEntry): number {
  return FORMATS[dtype].bytes * checkShape('shape', shape)
}

/** Throws a RangeError for names that are empty, hold NUL or occur twice. */
export function checkNames(entries: readonly TensorEntry[]): void {
  const seen = new Set<string>()
  for (const { name } of entries) {
    if (checkText('name', name) === '' || name.includes('\0') || name === '__metadata__') {
      throw createRangeError(`${JSON.stringify(name)} cannot be the name of a tensor`)
    }
    if (seen.has(name)) throw createRangeError(`two tensors are named ${JSON.stringify(name)}`)
    seen.add(name)
  }
}

/**
 * The layout of a file. `place` says a tensor where it lies, and gives what stands for it in the layout; without it that
 * is a copy. Throws a RangeError for names that are empty, hold NUL or occur twice, and for what no file can hold.
 */
export function layoutFile<T extends TensorEntry>(
  entries: readonly T[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
  createPlaced: (entry: T, begin: number, end: number) => PlacedTensor<T> = copyWithOffsets,
): FileLayout<T> {
  checkNames(entries)
  let json = utf8Length(`{${formatMetadataField(metadata)}}`)
  let end = 0
  const tensors = sortForFile(entries).map((entry) => {
    const begin = end
    end += computeByteLength(entry)
    const tensor = createPlaced(entry, begin, end)
    json += utf8Length(`,${formatTensorField(tensor)}`)
    return tensor
  })
  const padded = Math.ceil(json / 8) * 8
  if (padded > MAX_HEADER_BYTES)
    throw createRangeError(`a header of ${padded} bytes is more than any reader accepts`)
  if (!Number.isSafeInteger(end + 8 + padded))
    throw createRangeError('a file of 2^53 bytes or more cannot be had')
  return { headerBytes: 8 + padded, metadata, tensors, bytes: 8 + padded + end }
}

function copyWithOffsets<T extends TensorEntry>(entry: T, begin: number, end: number): PlacedTensor<T> {
  const { name, dtype, shape } = entry // which may be no fields of its own
  return { ...entry, name, dtype, shape, begin, end }
}

/** The header in pieces: of half a million tensors it is larger than all else that a writer holds. */
export function* encodeHeader({ headerBytes, metadata, tensors }: FileLayout): Generator<Uint8Array> {
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(headerBytes - 8), true)
  yield length
  let left = headerBytes - 8
  let text = `{${formatMetadataField(metadata)}`
  for (const tensor of tensors) {
    text += `,${formatTensorField(tensor)}`
    if (text.length < HEADER_CHUNK_CHARS) continue
    const piece = encoder.encode(text)
    yield piece
    left -= piece.length
    text = ''
  }
  const piece = new Uint8Array(left).fill(0x20) // spaces up to a multiple of 8
  encoder.encodeInto(`${text}}`, piece)
  yield piece
}

function formatMetadataField(metadata: Readonly<Record<string, string>>): string {
  return `"__metadata__":${JSON.stringify(metadata)}`
}

/** What the header says of a tensor. */
function formatTensorField({ name, dtype, shape, begin, end }: PlacedTensor): string {
  const place = `"data_offsets":[${begin},${end}]`
  return `${JSON.stringify(name)}:{"dtype":"${SAFETENSORS_DTYPES[dtype].name}","shape":[${shape.join(',')}],${place}}`
}

function utf8Length(text: string): number {
  return /^[\0-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length
}

/** By dtype, widest first, then by name. */
function sortForFile<T extends TensorEntry>(entries: readonly T[]): T[] {
  const names = entries.map(({ name }) => name)
  const ranks = Uint8Array.from(entries, ({ dtype }) => SAFETENSORS_DTYPES[dtype].rank)
  const order = Uint32Array.from(entries, (_, i) => i)
  order.sort((i, j) => ranks[i] - ranks[j] || compareCodePoints(names[i], names[j]))
  return Array.from(order, (i) => entries[i])
}

/** The order of well-formed texts by their code points, which is also that of their bytes in UTF-8. */
export function compareCodePoints(a: string, b: string): number {
  let i = 0
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === a.length || i === b.length) return a.length - b.length
  return codeUnitRank(a.charCodeAt(i)) - codeUnitRank(b.charCodeAt(i))
}

/** UTF-16 puts surrogates below U+E000, although they stand for what lies beyond U+FFFF. */
function codeUnitRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
