/** Stored elements as f32 values. What is wider than f32 is rounded to it; dtypes of less than 8 bits have no values. */

import { createRangeError } from '../errors/simdinit-error.ts'
import { decode, FORMATS, type Dtype } from '../numeric/dtypes.ts'
import { STORED_BITS, type StoredDtype } from '../safetensors/reader.ts'

/** Those of 16 and 8 bits that the library knows. */
export const NARROW_DTYPES: Readonly<Partial<Record<StoredDtype, Dtype>>> = {
  BF16: 'bf16',
  F16: 'f16',
  F8_E4M3: 'f8_e4m3',
  F8_E5M2: 'f8_e5m2',
}

type ReadElement = (view: DataView, at: number) => number

const ELEMENT_READERS: Readonly<Partial<Record<StoredDtype, ReadElement>>> = {
  F64: (view, at) => view.getFloat64(at, true),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  U64: (view, at) => Number(view.getBigUint64(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  U32: (view, at) => view.getUint32(at, true),
  I16: (view, at) => view.getInt16(at, true),
  U16: (view, at) => view.getUint16(at, true),
  I8: (view, at) => view.getInt8(at),
  U8: (view, at) => view.getUint8(at),
  BOOL: (view, at) => view.getUint8(at),
  F8_E8M0: (view, at) => (view.getUint8(at) === 255 ? NaN : 2 ** (view.getUint8(at) - 127)),
}

export function isMeasurable(dtype: StoredDtype): boolean {
  return dtype === 'F32' || dtype in NARROW_DTYPES || dtype in ELEMENT_READERS
}

const valueTables: Partial<Record<Dtype, Float32Array>> = {}

/** The values of all patterns of a dtype of 16 or 8 bits. */
function getValueTable(dtype: Dtype): Float32Array {
  const { bytes, maxBits } = FORMATS[dtype]
  const half = 2 ** (8 * bytes - 1)
  const infinity = dtype === 'f8_e4m3' ? -1 : maxBits + 1
  return (valueTables[dtype] ??= Float32Array.from({ length: 2 * half }, (_, bits) => {
    const magnitude = bits % half
    if (magnitude <= maxBits) return decode(dtype, bits)
    if (magnitude === infinity) return bits < half ? Infinity : -Infinity
    return NaN
  }))
}

/** The values of all patterns of bf16 and f16; of no other dtype. */
export function get16BitValueTable(dtype: StoredDtype): Float32Array | undefined {
  const narrow = NARROW_DTYPES[dtype]
  return narrow && FORMATS[narrow].bytes === 2 ? getValueTable(narrow) : undefined
}

/** Widens all of `bytes`, which may begin anywhere. */
export function convertToF32(dtype: StoredDtype, bytes: Uint8Array, to: Float32Array): void {
  const width = STORED_BITS[dtype] / 8
  const count = bytes.length / width
  if (dtype === 'F32') {
    new Uint8Array(to.buffer, to.byteOffset, bytes.length).set(bytes)
    return
  }
  const narrow = NARROW_DTYPES[dtype]
  if (narrow) {
    const table = getValueTable(narrow)
    if (width === 1) for (let i = 0; i < count; i++) to[i] = table[bytes[i]]
    else for (let i = 0; i < count; i++) to[i] = table[bytes[2 * i] | (bytes[2 * i + 1] << 8)]
    return
  }
  const read = ELEMENT_READERS[dtype]
  if (!read) throw createRangeError(`${dtype} has no values that could be measured`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let i = 0; i < count; i++) to[i] = read(view, i * width)
}
