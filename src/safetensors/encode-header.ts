/**
 * Encodes the safetensors header: a u64 length, then JSON with the offsets of each tensor in the data that follows.
 * Byte for byte the output of the reference writer: tensors sorted by dtype (widest first) and then by name, compact
 * JSON, padded with spaces to a multiple of 8. Source: huggingface/safetensors, safetensors/src/tensor.rs, `prepare`.
 */

import { createRangeError } from '../errors/simdinit-error.ts'
import type { Dtype } from '../numeric/dtypes.ts'
import { FORMATS } from '../numeric/dtypes.ts'
import { checkShape, checkText } from '../errors/validate.ts'

/** Names of dtypes in the file, and their ranks in the order of the reference writer. */
const SAFETENSORS_DTYPES: Readonly<Record<Dtype, { readonly name: string; readonly rank: number }>> = {
  f32: { name: 'F32', rank: 4 },
  bf16: { name: 'BF16', rank: 7 },
  f16: { name: 'F16', rank: 8 },
  f8_e4m3: { name: 'F8_E4M3', rank: 12 },
  f8_e5m2: { name: 'F8_E5M2', rank: 13 },
}

/** The limit of the reference reader on the JSON of a header, in bytes. */
const MAX_HEADER_BYTES = 100_000_000

/** A tensor to store. */
export interface TensorEntry {
  /** The name: not empty, without NUL, not `__metadata__`, unique in its file. */
  readonly name: string
  /** The stored dtype. */
  readonly dtype: Dtype
  /** The dimensions, each an integer >= 0; [] for a scalar. */
  readonly shape: readonly number[]
}

/** A tensor with its place: the bytes [begin, end) of the file's data, counted from the end of the header. */
export type PlacedTensor<T extends TensorEntry = TensorEntry> = T & {
  readonly begin: number
  readonly end: number
}

/** The layout of a safetensors file: its tensors and their offsets. */
export interface FileLayout<T extends TensorEntry = TensorEntry> {
  /** Bytes that precede the data (`encodeHeader`), a multiple of 8. */
  readonly headerBytes: number
  /** `__metadata__` of the header. */
  readonly metadata: Readonly<Record<string, string>>
  /** The tensors in the order of their bytes, without gaps. */
  readonly tensors: readonly PlacedTensor<T>[]
  /** Bytes of the whole file. */
  readonly bytes: number
}

/**
 * Computes the size of a tensor's data.
 * @param entry The dtype and shape of the tensor.
 * @returns The product of the dimensions times the bytes of an element.
 * @throws {TypeError | RangeError} If the shape is not an array of integers >= 0, or has more elements than 2^53.
 * @example
 * import { computeByteLength } from 'simdinit/safetensors'
 *
 * console.log(computeByteLength({ name: 'a', dtype: 'bf16', shape: [3, 5] })) // 30
 */
export function computeByteLength({ dtype, shape }: TensorEntry): number {
  return FORMATS[dtype].bytes * checkShape('shape', shape)
}

/** Throws a RangeError for names that are empty, reserved, contain NUL or occur twice. */
export function checkNames(entries: readonly TensorEntry[]): void {
  const seen = new Set<string>()
  for (const { name } of entries) {
    if (checkText('name', name) === '' || name.includes('\0') || name === '__metadata__') {
      throw createRangeError(
        `"name" must not be empty, contain NUL or be "__metadata__"; received ${JSON.stringify(name)}`,
      )
    }
    if (seen.has(name))
      throw createRangeError(`"name" must be unique; received ${JSON.stringify(name)} twice`)
    seen.add(name)
  }
}

/**
 * Lays out a safetensors file: sorts the tensors as the reference writer does, by dtype (widest first) and then by
 * name, and assigns them consecutive bytes.
 * @param entries The tensors, in any order. Additional fields are kept.
 * @param metadata `__metadata__` of the header. Default: `{ format: 'pt' }`, which transformers requires.
 * @returns The layout, for `encodeHeader` and `writeSafetensors`.
 * @throws {RangeError} If a name is empty, reserved, contains NUL or occurs twice, or if the header exceeds 100 MB or
 *   the file 2^53 bytes.
 * @throws {TypeError} If a name is not a string, or a shape not an array of integers.
 * @example
 * import { layoutFile } from 'simdinit/safetensors'
 *
 * const { tensors, headerBytes, bytes } = layoutFile([
 *   { name: 'bias', dtype: 'bf16', shape: [2] },
 *   { name: 'weight', dtype: 'f32', shape: [2, 3] },
 * ])
 * console.log(tensors.map(({ name, begin, end }) => `${name} ${begin} ${end}`)) // [ 'weight 0 24', 'bias 24 28' ]
 * console.log(bytes - headerBytes) // 28
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
    throw createRangeError(
      `the header of a file must have at most ${MAX_HEADER_BYTES} bytes; received ${padded}`,
    )
  if (!Number.isSafeInteger(end + 8 + padded))
    throw createRangeError(`a file must have fewer than 2^53 bytes; received ${end + 8 + padded}`)
  return { headerBytes: 8 + padded, metadata, tensors, bytes: 8 + padded + end }
}

/**
 * Encodes the bytes of a file that precede its data: the length as a little-endian u64, the JSON, and spaces.
 * @param layout From `layoutFile`.
 * @returns `layout.headerBytes` bytes.
 * @throws Never, for a layout from `layoutFile`.
 * @example
 * import { encodeHeader, layoutFile } from 'simdinit/safetensors'
 *
 * const header = encodeHeader(layoutFile([{ name: 'a', dtype: 'f32', shape: [2] }]))
 * console.log(header.length % 8) // 0
 * console.log(new TextDecoder().decode(header.subarray(8)).includes('"shape":[2],"data_offsets":[0,8]')) // true
 */
export function encodeHeader({ headerBytes, metadata, tensors }: FileLayout): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes - 8), true)
  const fields = [formatMetadataField(metadata), ...tensors.map(formatTensorField)]
  new TextEncoder().encodeInto(`{${fields.join(',')}}`, bytes.subarray(8))
  return bytes
}

function formatMetadataField(metadata: Readonly<Record<string, string>>): string {
  return `"__metadata__":${JSON.stringify(metadata)}`
}

/** The header's entry for a tensor. */
function formatTensorField({ name, dtype, shape, begin, end }: PlacedTensor): string {
  const offsets = `"data_offsets":[${begin},${end}]`
  return `${JSON.stringify(name)}:{"dtype":"${SAFETENSORS_DTYPES[dtype].name}","shape":[${shape.join(',')}],${offsets}}`
}

function utf8Length(text: string): number {
  return /^[\0-\x7f]*$/.test(text) ? text.length : new TextEncoder().encode(text).length
}

/** Sorts by dtype, widest first, and then by name. */
function sortForFile<T extends TensorEntry>(entries: readonly T[]): T[] {
  const rank = ({ dtype }: T) => SAFETENSORS_DTYPES[dtype].rank
  return entries.toSorted((a, b) => rank(a) - rank(b) || compareCodePoints(a.name, b.name))
}

/** Compares well-formed strings by code points, which is also the order of their UTF-8 bytes. */
export function compareCodePoints(a: string, b: string): number {
  let i = 0
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === a.length || i === b.length) return a.length - b.length
  return codeUnitRank(a.charCodeAt(i)) - codeUnitRank(b.charCodeAt(i))
}

/** In UTF-16, surrogates come before U+E000, although they encode code points above U+FFFF. */
function codeUnitRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
