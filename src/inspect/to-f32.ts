/** Converts stored elements to f32. Wider numbers are rounded; complex dtypes, and those of fewer than 8 bits, are not converted. */

import { createRangeError } from '../errors/simdinit-error.ts'
import { getDecodeTable } from '../numeric/convert-array.ts'
import { floatToBits, FORMATS, type Dtype } from '../numeric/dtypes.ts'
import { STORED_BITS, type StoredDtype } from '../safetensors/read-header.ts'

/** The 16-bit and 8-bit floating-point dtypes, by their names in files. */
export const NARROW_DTYPES: Readonly<Partial<Record<StoredDtype, Exclude<Dtype, 'f32'>>>> = {
  BF16: 'bf16',
  F16: 'f16',
  F8_E4M3: 'f8_e4m3',
  F8_E5M2: 'f8_e5m2',
}

type ReadElement = (view: DataView, offset: number) => number

const ELEMENT_READERS: Readonly<Partial<Record<StoredDtype, ReadElement>>> = {
  F64: (view, offset) => view.getFloat64(offset, true),
  I64: (view, offset) => Number(view.getBigInt64(offset, true)),
  U64: (view, offset) => Number(view.getBigUint64(offset, true)),
  I32: (view, offset) => view.getInt32(offset, true),
  U32: (view, offset) => view.getUint32(offset, true),
  I16: (view, offset) => view.getInt16(offset, true),
  U16: (view, offset) => view.getUint16(offset, true),
  I8: (view, offset) => view.getInt8(offset),
  U8: (view, offset) => view.getUint8(offset),
  BOOL: (view, offset) => view.getUint8(offset),
  F8_E8M0: (view, offset) => (view.getUint8(offset) === 255 ? NaN : 2 ** (view.getUint8(offset) - 127)),
}

export function isMeasurable(dtype: StoredDtype): boolean {
  return dtype === 'F32' || dtype in NARROW_DTYPES || dtype in ELEMENT_READERS
}

/** The values of all bit patterns of BF16 or F16; undefined for other dtypes. */
export function get16BitValueTable(dtype: StoredDtype): Float32Array | undefined {
  const narrow = NARROW_DTYPES[dtype]
  return narrow && FORMATS[narrow].bytes === 2 ? getDecodeTable(narrow) : undefined
}

/** Distance between a magnitude and the next larger value of the dtype. 0 if it is finer than f32, or not one of rounding. */
export function getSpacing(dtype: StoredDtype, magnitude: number): number {
  const narrow = NARROW_DTYPES[dtype]
  if (!narrow) return 0
  const { mantissaBits, exponentBias } = FORMATS[narrow]
  const exponent = Math.max((floatToBits(magnitude) >>> 23) - 127, 1 - exponentBias)
  return 2 ** (exponent - mantissaBits)
}

/** Converts all elements of `bytes`, which need not be aligned. */
export function convertToF32(dtype: StoredDtype, bytes: Uint8Array, to: Float32Array): void {
  const width = STORED_BITS[dtype] / 8
  const count = bytes.length / width
  if (dtype === 'F32') {
    new Uint8Array(to.buffer, to.byteOffset, bytes.length).set(bytes)
    return
  }
  const narrow = NARROW_DTYPES[dtype]
  if (narrow) {
    const table = getDecodeTable(narrow)
    if (width === 1) for (let i = 0; i < count; i++) to[i] = table[bytes[i]]
    else for (let i = 0; i < count; i++) to[i] = table[bytes[2 * i] | (bytes[2 * i + 1] << 8)]
    return
  }
  const read = ELEMENT_READERS[dtype]
  if (!read) throw createRangeError(`values of dtype ${dtype} cannot be converted to f32`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let i = 0; i < count; i++) to[i] = read(view, i * width)
}
