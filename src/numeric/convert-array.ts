/** Conversion of whole arrays between f32 and the narrower dtypes. Unlike fills, it takes NaN, infinities and overflow. */

import { throwTypeError } from '../errors/validate.ts'
import { checkByteOrder } from './byte-order.ts'
import {
  decode,
  encode,
  encodeAll,
  FORMATS,
  parseDtype,
  type Dtype,
  type DtypeName,
  type TensorData,
  type TypedArrayFor,
} from './dtypes.ts'
import { isArrayOf } from './is-array-of.ts'

const decodeTables: Partial<Record<Dtype, Float32Array>> = {}

/** The f32 value of every bit pattern of a dtype of 16 or 8 bits. Computed at the first call. */
export function getDecodeTable(dtype: Exclude<Dtype, 'f32'>): Float32Array {
  return (decodeTables[dtype] ??= createDecodeTable(dtype))
}

function createDecodeTable(dtype: Dtype): Float32Array {
  const { bytes, maxBits, nanBits } = FORMATS[dtype]
  const signBit = 2 ** (8 * bytes - 1)
  return Float32Array.from({ length: 2 * signBit }, (_, bits) => {
    const magnitude = bits % signBit
    if (magnitude <= maxBits) return decode(dtype, bits)
    if (magnitude > maxBits + 1 || magnitude === nanBits) return NaN
    return bits < signBit ? Infinity : -Infinity
  })
}

/**
 * The values of a tensor as f32. Every value of every dtype is exact in f32.
 *
 * @param data The elements: a Float32Array for f32, a Uint16Array for bf16 and f16, a Uint8Array for f8.
 * @param dtype The dtype of `data`, such as `'bf16'` or `'bfloat16'`.
 * @returns A new Float32Array of the same length.
 * @throws TypeError or RangeError if `dtype` is not a dtype, or `data` is not an array of it.
 * @example
 * import { toFloat32 } from 'simdinit'
 * console.log(toFloat32(new Uint16Array([0x3f80, 0xc000]), 'bf16')) // Float32Array(2) [ 1, -2 ]
 */
export function toFloat32<N extends DtypeName>(data: TypedArrayFor<N>, dtype: N): Float32Array<ArrayBuffer> {
  const stored: TensorData = data
  const parsed = parseDtype('dtype', dtype)
  checkArray('data', stored, parsed)
  if (parsed === 'f32') return new Float32Array(stored)
  const values = new Float32Array(stored.length)
  const table = getDecodeTable(parsed)
  for (let i = 0; i < values.length; i++) values[i] = table[stored[i]]
  return values
}

/**
 * f32 values as the elements of a dtype, rounded once to nearest even, as fills round them. NaN stays NaN; what rounds
 * past the largest finite value becomes infinity, or NaN in f8_e4m3, which has no infinities.
 *
 * @param values The values.
 * @param dtype The dtype to convert to, such as `'bf16'` or `'bfloat16'`.
 * @returns A new array of the same length: a Float32Array for f32, a Uint16Array for bf16 and f16, a Uint8Array for f8.
 * @throws TypeError or RangeError if `values` is not a Float32Array, or `dtype` is not a dtype.
 * @example
 * import { fromFloat32 } from 'simdinit'
 * console.log(fromFloat32(new Float32Array([1, -2]), 'bf16')) // Uint16Array(2) [ 16256, 49152 ]
 */
export function fromFloat32<N extends DtypeName>(
  values: Float32Array,
  dtype: N,
): TypedArrayFor<N, ArrayBuffer> {
  const parsed = parseDtype('dtype', dtype)
  checkArray('values', values, 'f32')
  const { max, arrayType } = FORMATS[parsed]
  const data = new arrayType(values.length)
  if (parsed === 'f32') data.set(values)
  else if (isWithin(values, max)) encodeAll(parsed, values, data, 0)
  else for (let i = 0; i < data.length; i++) data[i] = encodeAny(parsed, values[i])
  return data as TypedArrayFor<N, ArrayBuffer>
}

/** Whether no value is NaN or exceeds `max` in magnitude. */
function isWithin(values: Float32Array, max: number): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= max)) return false
  return true
}

/** `encode` of any value. */
function encodeAny(dtype: Dtype, value: number): number {
  const { bytes, max, maxBits, nanBits } = FORMATS[dtype]
  const magnitude = Math.abs(value)
  if (magnitude <= max) return encode(dtype, value)
  if (Number.isNaN(value)) return nanBits
  const overflow = maxBits + 1
  const bits = magnitude < 2 * max ? Math.min(encode(dtype, magnitude), overflow) : overflow
  return value < 0 ? bits + 2 ** (8 * bytes - 1) : bits
}

function checkArray(title: string, data: unknown, dtype: Dtype): void {
  checkByteOrder()
  const { arrayType } = FORMATS[dtype]
  if (!isArrayOf(arrayType, data)) throwTypeError(title, `a ${arrayType.name} for dtype ${dtype}`, data)
}
