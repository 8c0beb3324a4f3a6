/**
 * The dtypes an element can be stored as, and exact arithmetic on their grids of values.
 * All are IEEE-style binary formats; a value is drawn as f32 and rounded once, to nearest even. f8_e4m3 and f8_e5m2
 * are those of the OCP 8-bit floating point specification, revision 1.0: e4m3 has no infinities, and NaN in one
 * pattern of each sign alone.
 */

import { createRangeError } from '../errors/simdinit-error.ts'
import { checkOneOf } from '../errors/validate.ts'

export type Dtype = 'f32' | 'bf16' | 'f16' | 'f8_e4m3' | 'f8_e5m2'

export const DTYPES: readonly Dtype[] = ['f32', 'bf16', 'f16', 'f8_e4m3', 'f8_e5m2']

/** What holds the elements of a dtype: the bit patterns, where JavaScript has no such number. */
export type TypedArrayFor<D extends Dtype> = D extends 'f32'
  ? Float32Array
  : D extends 'bf16' | 'f16'
    ? Uint16Array
    : Uint8Array
export type TensorData = TypedArrayFor<Dtype>

interface DtypeFormat {
  /** Bytes of an element. */
  readonly bytes: number
  /** The largest finite value, and its bit pattern. */
  readonly max: number
  readonly maxBits: number
  /** The value of a bit pattern of a non-negative finite number. */
  readonly decode: (bits: number) => number
  readonly arrayType: Float32ArrayConstructor | Uint16ArrayConstructor | Uint8ArrayConstructor
}

const float = new Float32Array(1)
const pattern = new Uint32Array(float.buffer)

function bitsToFloat(bits: number): number {
  pattern[0] = bits
  return float[0]
}

/** The bit pattern of an f32. */
export function floatToBits(value: number): number {
  float[0] = value
  return pattern[0]
}

export const FORMATS: Readonly<Record<Dtype, DtypeFormat>> = {
  f32: {
    bytes: 4,
    max: (2 - 2 ** -23) * 2 ** 127,
    maxBits: 0x7f7fffff,
    decode: bitsToFloat,
    arrayType: Float32Array,
  },
  bf16: {
    bytes: 2,
    max: (2 - 2 ** -7) * 2 ** 127,
    maxBits: 0x7f7f,
    decode: (bits) => bitsToFloat(bits << 16),
    arrayType: Uint16Array,
  },
  f16: { bytes: 2, max: 65504, maxBits: 0x7bff, decode: createDecoder(15, 10), arrayType: Uint16Array },
  f8_e4m3: { bytes: 1, max: 448, maxBits: 0x7e, decode: createDecoder(7, 3), arrayType: Uint8Array },
  f8_e5m2: { bytes: 1, max: 57344, maxBits: 0x7b, decode: createDecoder(15, 2), arrayType: Uint8Array },
}

/** Values of a format by its bias and the digits of its significand after the leading one. */
function createDecoder(bias: number, digits: number): (bits: number) => number {
  const [shift, offset, smallest] = [23 - digits, (127 - bias) << 23, 2 ** (1 - bias - digits)]
  return (bits) => (bits < 1 << digits ? bits * smallest : bitsToFloat((bits << shift) + offset))
}

export function checkDtype(title: string, value: unknown): Dtype {
  return checkOneOf(title, value, DTYPES)
}

/** The value of a stored element. */
export function decode(dtype: Dtype, bits: number): number {
  const { bytes, decode } = FORMATS[dtype]
  const sign = 2 ** (8 * bytes - 1)
  return bits < sign ? decode(bits) : -decode(bits - sign)
}

/** f32 to bf16, as bits, to nearest even. Domain: finite, and not past the largest finite bf16. */
function toBf16(value: number): number {
  const x = floatToBits(value)
  return (x + 0x7fff + ((x >>> 16) & 1)) >>> 16
}

/**
 * f32 to a format of so many bits, of such bias and digits, to nearest even, subnormals kept. Domain: finite, and not
 * past the largest finite value. The last place of `lifted`, a power of two, is that of the result.
 */
function roundToFormat(value: number, bits: number, bias: number, digits: number): number {
  const x = floatToBits(value)
  const sign = (x >>> (32 - bits)) & (1 << (bits - 1))
  const least = (128 - bias) << 23
  const power = Math.max(x & 0x7f800000, least)
  const lifted = power + ((23 - digits) << 23)
  const significand = floatToBits(Math.fround(Math.abs(value) + bitsToFloat(lifted))) - lifted
  return sign | (significand + ((power - least) >>> (23 - digits)))
}

function toF16(value: number): number {
  return roundToFormat(value, 16, 15, 10)
}

function toF8E4M3(value: number): number {
  return roundToFormat(value, 8, 7, 3)
}

function toF8E5M2(value: number): number {
  return roundToFormat(value, 8, 15, 2)
}

/** The stored form of an f32: itself, or its bits in 16 or 8. */
export function encode(dtype: Dtype, value: number): number {
  switch (dtype) {
    case 'f32':
      return value
    case 'bf16':
      return toBf16(value)
    case 'f16':
      return toF16(value)
    case 'f8_e4m3':
      return toF8E4M3(value)
    case 'f8_e5m2':
      return toF8E5M2(value)
  }
}

/** `encode` of all values, to `target` from `at` on: a loop for each dtype, which engines compile to better code. */
export function encodeAll(dtype: Dtype, values: Float32Array, target: TensorData, at: number): void {
  const { length } = values
  switch (dtype) {
    case 'f32':
      target.set(values, at)
      break
    case 'bf16':
      for (let i = 0; i < length; i++) target[at + i] = toBf16(values[i])
      break
    case 'f16':
      for (let i = 0; i < length; i++) target[at + i] = toF16(values[i])
      break
    case 'f8_e4m3':
      for (let i = 0; i < length; i++) target[at + i] = toF8E4M3(values[i])
      break
    case 'f8_e5m2':
      for (let i = 0; i < length; i++) target[at + i] = toF8E5M2(values[i])
  }
}

/** The least value of the dtype that is >= x, for |x| <= max: -0 if x < 0 rounds to zero. Infinities stay. */
export function ceilToDtype(dtype: Dtype, x: number): number {
  return x === -Infinity ? x : findOnGrid(dtype, x, (value) => value >= x)
}

/** The greatest value of the dtype that is <= x, or < x if `open`, for |x| <= max; infinities stay. No -0. */
export function floorToDtype(dtype: Dtype, x: number, open = false): number {
  return x === Infinity ? x : -findOnGrid(dtype, -x, (value) => (open ? value > -x : value >= -x)) + 0
}

/** The least value for which `reached` (false, then true along the grid) is true. */
function findOnGrid(dtype: Dtype, x: number, reached: (value: number) => boolean): number {
  const { decode, maxBits } = FORMATS[dtype]
  let low = -maxBits // index k of the grid stands for decode(|k|) with the sign of k
  let high = maxBits
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (reached(middle < 0 ? -decode(-middle) : decode(middle))) high = middle
    else low = middle + 1
  }
  const value = low < 0 ? -decode(-low) : low === 0 && x < 0 ? -0 : decode(low)
  if (!reached(value)) throw createRangeError(`no finite ${dtype} value lies on the wanted side of ${x}`)
  return value
}
