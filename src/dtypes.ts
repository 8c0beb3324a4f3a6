/**
 * The dtypes an element can be stored as, and exact arithmetic on their grids of values.
 * All are IEEE-style binary formats; a value is drawn as f32 and rounded once, to nearest even.
 */

import { oneOf } from './errors.ts'

export type Dtype = 'f32' | 'bf16' | 'f16'

export const DTYPES: readonly Dtype[] = ['f32', 'bf16', 'f16']

/** What holds the elements of a dtype: the bit patterns, where JavaScript has no such number. */
export type DataOf<D extends Dtype> = D extends 'f32' ? Float32Array : Uint16Array
export type TensorData = DataOf<Dtype>

interface Format {
  /** Bytes of an element. */
  readonly bytes: number
  /** The largest finite value, and its bit pattern. */
  readonly max: number
  readonly maxBits: number
  /** The value of a bit pattern of a non-negative finite number. */
  readonly decode: (bits: number) => number
  readonly array: Float32ArrayConstructor | Uint16ArrayConstructor
}

const float = new Float32Array(1)
const pattern = new Uint32Array(float.buffer)

function fromBits(bits: number): number {
  pattern[0] = bits
  return float[0]
}

/** The bit pattern of an f32. */
export function bitsOf(value: number): number {
  float[0] = value
  return pattern[0]
}

export const FORMATS: Readonly<Record<Dtype, Format>> = {
  f32: {
    bytes: 4,
    max: (2 - 2 ** -23) * 2 ** 127,
    maxBits: 0x7f7fffff,
    decode: fromBits,
    array: Float32Array,
  },
  bf16: {
    bytes: 2,
    max: (2 - 2 ** -7) * 2 ** 127,
    maxBits: 0x7f7f,
    decode: (bits) => fromBits(bits << 16),
    array: Uint16Array,
  },
  f16: {
    bytes: 2,
    max: 65504,
    maxBits: 0x7bff,
    decode: (bits) => (bits < 0x400 ? bits * 2 ** -24 : fromBits((bits << 13) + (112 << 23))),
    array: Uint16Array,
  },
}

export function aDtype(title: string, value: unknown): Dtype {
  return oneOf(title, value, DTYPES)
}

/** The value of a stored element. */
export function decode(dtype: Dtype, bits: number): number {
  const { bytes, decode } = FORMATS[dtype]
  const sign = 2 ** (8 * bytes - 1)
  return bits < sign ? decode(bits) : -decode(bits - sign)
}

/** f32 to bf16, as bits, to nearest even. Domain: finite, and not past the largest finite bf16. */
function toBf16(value: number): number {
  const x = bitsOf(value)
  return (x + 0x7fff + ((x >>> 16) & 1)) >>> 16
}

/** f32 to f16, as bits, to nearest even, subnormals kept. Domain: finite, and not past 65504. */
function toF16(value: number): number {
  const x = bitsOf(value)
  const sign = (x >>> 16) & 0x8000
  const magnitude = x & 0x7fffffff
  if (magnitude < 113 << 23) {
    // below 2^-14: the last place of 0.5 is that of the subnormal result
    return sign | (bitsOf(Math.fround(fromBits(magnitude) + 0.5)) - 0x3f000000)
  }
  return sign | ((magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
}

/** The stored form of an f32: itself, or its bits in 16. */
export function encode(dtype: Dtype, value: number): number {
  return dtype === 'f32' ? value : dtype === 'bf16' ? toBf16(value) : toF16(value)
}

/** The least value of the dtype that is >= x, for |x| <= max: -0 if x < 0 rounds to zero. Infinities stay. */
export function least(dtype: Dtype, x: number): number {
  return x === -Infinity ? x : onGrid(dtype, x, (value) => value >= x)
}

/** The greatest value of the dtype that is <= x, or < x if `open`, for |x| <= max; infinities stay. No -0. */
export function greatest(dtype: Dtype, x: number, open = false): number {
  return x === Infinity ? x : -onGrid(dtype, -x, (value) => (open ? value > -x : value >= -x)) + 0
}

/** The least value for which `reached` (false, then true along the grid) is true. */
function onGrid(dtype: Dtype, x: number, reached: (value: number) => boolean): number {
  const { decode, maxBits } = FORMATS[dtype]
  let low = -maxBits // index k of the grid stands for decode(|k|) with the sign of k
  let high = maxBits
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (reached(middle < 0 ? -decode(-middle) : decode(middle))) high = middle
    else low = middle + 1
  }
  const value = low < 0 ? -decode(-low) : low === 0 && x < 0 ? -0 : decode(low)
  if (!reached(value)) throw new RangeError(`no finite ${dtype} value lies on the wanted side of ${x}`)
  return value
}
