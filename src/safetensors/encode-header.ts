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
 * The layout of a file. Throws a RangeError for names that are empty, contain NUL or occur twice, and for tensors that
 * no file can hold.
 */
export function layoutFile<T extends TensorEntry>(
  entries: readonly T[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): FileLayout<T> {
  checkNames(entries)
  let json = utf8Length(`{${formatMetadataField(metadata)}}`)
  let end = 0
  const tensors = sortForFile(entries).map((entry) => {
    const begin = end
    end += computeByteLength(entry)
    const tensor = Object.assign({}, entry, { begin, end }) // V8: a third of the memory of a spread
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

/** The bytes of a file that precede its data: the length, the JSON, and spaces up to a multiple of 8. */
export function encodeHeader({ headerBytes, metadata, tensors }: FileLayout): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes - 8), true)
  const fields = [formatMetadataField(metadata), ...tensors.map(formatTensorField)]
  encoder.encodeInto(`{${fields.join(',')}}`, bytes.subarray(8))
  return bytes
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
  const rank = ({ dtype }: T) => SAFETENSORS_DTYPES[dtype].rank
  return entries.toSorted((a, b) => rank(a) - rank(b) || compareCodePoints(a.name, b.name))
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
