/**
 * The dtypes an element can be stored as, and exact arithmetic on their grids of values.
 *
 * All are IEEE-style binary formats. A value is computed as f32 and rounded once, to nearest even. f8_e4m3 and f8_e5m2
 * follow the OCP 8-bit floating point specification, revision 1.0: e4m3 has no infinities and one NaN of each sign.
 */

import { createRangeError } from '../errors/simdinit-error.ts'
import { checkOneOf } from '../errors/validate.ts'

/** How the elements of a tensor are stored, in the library's own spelling. */
export type Dtype = 'f32' | 'bf16' | 'f16' | 'f8_e4m3' | 'f8_e5m2'

/**
 * Every dtype, in the library's own spelling.
 *
 * @example
 * import { DTYPES } from 'simdinit'
 * console.log(DTYPES.join(' ')) // f32 bf16 f16 f8_e4m3 f8_e5m2
 */
export const DTYPES: readonly Dtype[] = ['f32', 'bf16', 'f16', 'f8_e4m3', 'f8_e5m2']

/** The spelling of the dtypes in PyTorch and in config.json. */
export const TORCH_DTYPE_NAMES = {
  f32: 'float32',
  bf16: 'bfloat16',
  f16: 'float16',
  f8_e4m3: 'float8_e4m3fn',
  f8_e5m2: 'float8_e5m2',
} as const satisfies Record<Dtype, string>

type TorchDtypeNames = typeof TORCH_DTYPE_NAMES

/** A dtype in either spelling: the library's (`'bf16'`) or PyTorch's (`'bfloat16'`). */
export type DtypeName = Dtype | TorchDtypeNames[Dtype]

/** The library's spelling of a dtype: `CanonicalDtype<'bfloat16'>` is `'bf16'`. */
export type CanonicalDtype<N extends DtypeName> = N extends Dtype
  ? N
  : { [D in Dtype as TorchDtypeNames[D]]: D }[Exclude<N, Dtype>]

/** Every spelling of every dtype, the library's first. */
export const DTYPE_NAMES: readonly DtypeName[] = [...DTYPES, ...Object.values(TORCH_DTYPE_NAMES)]

const DTYPES_BY_NAME: ReadonlyMap<unknown, Dtype> = new Map(
  DTYPES.flatMap((dtype): [string, Dtype][] => [
    [dtype, dtype],
    [TORCH_DTYPE_NAMES[dtype], dtype],
  ]),
)

/** The dtype that a name of either spelling stands for, if any. */
export function findDtype(name: unknown): Dtype | undefined {
  return DTYPES_BY_NAME.get(name)
}

/** The dtype that a name of either spelling stands for. Throws a TypeError or RangeError for anything else. */
export function parseDtype(title: string, value: unknown): Dtype {
  return findDtype(value) ?? checkOneOf(title, value, DTYPES)
}

/**
 * The array that holds elements of a dtype: a Float32Array for f32; bit patterns in a Uint16Array for bf16 and f16, and
 * in a Uint8Array for f8. `B` is the type of its buffer.
 */
export type TypedArrayFor<N extends DtypeName, B extends ArrayBufferLike = ArrayBufferLike> = N extends
  | 'f32'
  | TorchDtypeNames['f32']
  ? Float32Array<B>
  : N extends 'bf16' | 'f16' | TorchDtypeNames['bf16' | 'f16']
    ? Uint16Array<B>
    : Uint8Array<B>

/** The elements of a tensor of any dtype. */
export type TensorData = TypedArrayFor<Dtype>

interface DtypeFormat<A = Float32ArrayConstructor | Uint16ArrayConstructor | Uint8ArrayConstructor> {
  /** Bytes of an element. */
  readonly bytes: number
  /** Stored bits of the significand. */
  readonly mantissaBits: number
  readonly exponentBias: number
  /** The largest finite value. */
  readonly max: number
  /** The bit pattern of `max`. The next one is infinity, except in f8_e4m3, where it is NaN. */
  readonly maxBits: number
  /** A bit pattern of NaN. */
  readonly nanBits: number
  /** The value of the bit pattern of a finite number >= 0. */
  readonly decode: (bits: number) => number
  readonly arrayType: A
}

const float = new Float32Array(1)
const floatBits = new Uint32Array(float.buffer)

function bitsToFloat(bits: number): number {
  floatBits[0] = bits
  return float[0]
}

/** The bit pattern of an f32. */
export function floatToBits(value: number): number {
  float[0] = value
  return floatBits[0]
}

interface DtypeFormats {
  readonly f32: DtypeFormat<Float32ArrayConstructor>
  readonly bf16: DtypeFormat<Uint16ArrayConstructor>
  readonly f16: DtypeFormat<Uint16ArrayConstructor>
  readonly f8_e4m3: DtypeFormat<Uint8ArrayConstructor>
  readonly f8_e5m2: DtypeFormat<Uint8ArrayConstructor>
}

/** The binary format of every dtype. */
export const FORMATS: DtypeFormats = {
  f32: {
    bytes: 4,
    mantissaBits: 23,
    exponentBias: 127,
    max: (2 - 2 ** -23) * 2 ** 127,
    maxBits: 0x7f7fffff,
    nanBits: 0x7fc00000,
    decode: bitsToFloat,
    arrayType: Float32Array,
  },
  bf16: {
    bytes: 2,
    mantissaBits: 7,
    exponentBias: 127,
    max: (2 - 2 ** -7) * 2 ** 127,
    maxBits: 0x7f7f,
    nanBits: 0x7fc0,
    decode: (bits) => bitsToFloat(bits << 16),
    arrayType: Uint16Array,
  },
  f16: {
    bytes: 2,
    mantissaBits: 10,
    exponentBias: 15,
    max: 65504,
    maxBits: 0x7bff,
    nanBits: 0x7e00,
    decode: createDecoder(10, 15),
    arrayType: Uint16Array,
  },
  f8_e4m3: {
    bytes: 1,
    mantissaBits: 3,
    exponentBias: 7,
    max: 448,
    maxBits: 0x7e,
    nanBits: 0x7f,
    decode: createDecoder(3, 7),
    arrayType: Uint8Array,
  },
  f8_e5m2: {
    bytes: 1,
    mantissaBits: 2,
    exponentBias: 15,
    max: 57344,
    maxBits: 0x7b,
    nanBits: 0x7e,
    decode: createDecoder(2, 15),
    arrayType: Uint8Array,
  },
}

function createDecoder(mantissaBits: number, exponentBias: number): (bits: number) => number {
  const shift = 23 - mantissaBits
  const offset = (127 - exponentBias) << 23
  const smallest = 2 ** (1 - exponentBias - mantissaBits)
  return (bits) => (bits < 1 << mantissaBits ? bits * smallest : bitsToFloat((bits << shift) + offset))
}

/** The value of the bit pattern of a finite number. */
export function decode(dtype: Dtype, bits: number): number {
  const { bytes, decode } = FORMATS[dtype]
  const sign = 2 ** (8 * bytes - 1)
  return bits < sign ? decode(bits) : -decode(bits - sign)
}

/** f32 to the bits of a bf16, to nearest even. Domain: finite values that do not round past the largest bf16. */
function toBf16(value: number): number {
  const x = floatToBits(value)
  return (x + 0x7fff + ((x >>> 16) & 1)) >>> 16
}

/**
 * f32 to the bits of a narrower format, to nearest even; subnormals are kept. Domain: finite values that do not round
 * past the largest finite one. `lifted` is the power of two whose last place is that of the result.
 */
function roundToFormat(value: number, bits: number, mantissaBits: number, exponentBias: number): number {
  const x = floatToBits(value)
  const sign = (x >>> (32 - bits)) & (1 << (bits - 1))
  const minNormal = (128 - exponentBias) << 23
  const power = Math.max(x & 0x7f800000, minNormal)
  const lifted = power + ((23 - mantissaBits) << 23)
  const significand = floatToBits(Math.fround(Math.abs(value) + bitsToFloat(lifted))) - lifted
  return sign | (significand + ((power - minNormal) >>> (23 - mantissaBits)))
}

/** The stored form of an f32: the value itself for f32, else its bits. */
export function encode(dtype: Dtype, value: number): number {
  switch (dtype) {
    case 'f32':
      return value
    case 'bf16':
      return toBf16(value)
    default: {
      const { bytes, mantissaBits, exponentBias } = FORMATS[dtype]
      return roundToFormat(value, 8 * bytes, mantissaBits, exponentBias)
    }
  }
}

/** `encode` of all values, to `target` from `offset` on. A loop per type of array compiles to better code than one. */
export function encodeAll(dtype: Dtype, values: Float32Array, target: TensorData, offset: number): void {
  const { length } = values
  const { bytes, mantissaBits, exponentBias } = FORMATS[dtype]
  switch (dtype) {
    case 'f32':
      target.set(values, offset)
      break
    case 'bf16':
      for (let i = 0; i < length; i++) target[offset + i] = toBf16(values[i])
      break
    case 'f16':
      for (let i = 0; i < length; i++)
        target[offset + i] = roundToFormat(values[i], 8 * bytes, mantissaBits, exponentBias)
      break
    case 'f8_e4m3':
    case 'f8_e5m2':
      for (let i = 0; i < length; i++)
        target[offset + i] = roundToFormat(values[i], 8 * bytes, mantissaBits, exponentBias)
  }
}

/** The smallest value of the dtype that is >= x, for |x| <= max; -0 if x < 0 rounds to zero. Infinities are kept. */
export function ceilToDtype(dtype: Dtype, x: number): number {
  return x === -Infinity ? x : findOnGrid(dtype, x, (value) => value >= x)
}

/** The largest value of the dtype that is <= x, or < x if `open`, for |x| <= max. Infinities are kept; never -0. */
export function floorToDtype(dtype: Dtype, x: number, open = false): number {
  return x === Infinity ? x : -findOnGrid(dtype, -x, (value) => (open ? value > -x : value >= -x)) + 0
}

/** The smallest value for which `reached` is true; along the grid it is false, then true. */
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
  if (!reached(value)) throw createRangeError(`no finite ${dtype} value lies on the required side of ${x}`)
  return value
}
