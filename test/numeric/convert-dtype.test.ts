import { describe, expect, it } from 'vitest'
import {
  constant,
  createEngine,
  DTYPES,
  fromFloat32,
  normal,
  toFloat32,
  type DtypeName,
} from '../../src/index.ts'
import { decode, FORMATS, TORCH_DTYPE_NAMES } from '../../src/numeric/dtypes.ts'
import { rangeError, typeError } from '../support/errors.ts'

const NARROW = ['bf16', 'f16', 'f8_e4m3', 'f8_e5m2'] as const

describe.each(NARROW)('%s', (dtype) => {
  const { bytes, arrayType, max, maxBits } = FORMATS[dtype]
  const signBit = 2 ** (8 * bytes - 1)
  const patterns = new arrayType(Array.from({ length: 2 * signBit }, (_, bits) => bits))
  const finite = patterns.filter((bits) => bits % signBit <= maxBits)

  it('every finite pattern decodes to its value, and encodes back to itself', () => {
    const values = toFloat32(finite, dtype)
    expect(values.every((value, i) => Object.is(value, decode(dtype, finite[i])))).toBe(true)
    expect(Buffer.compare(bytesOf(fromFloat32(values, dtype)), bytesOf(finite))).toBe(0)
  })

  it('infinities and NaN survive a round trip, except infinity in f8_e4m3', () => {
    const infinity = dtype === 'f8_e4m3' ? NaN : Infinity
    const values = new Float32Array([NaN, Infinity, -Infinity, 1])
    expect(toFloat32(fromFloat32(values, dtype), dtype)).toEqual(
      new Float32Array([NaN, infinity, -infinity, 1]),
    )
    const others = patterns.filter((bits) => bits % signBit > maxBits)
    const numbers = toFloat32(others, dtype).filter((value) => !Number.isNaN(value))
    expect([...numbers]).toEqual(dtype === 'f8_e4m3' ? [] : [Infinity, -Infinity])
  })

  it('a value that rounds past the largest one overflows, at every exponent', () => {
    const unit = max - decode(dtype, maxBits - 1)
    const overflow = toFloat32(fromFloat32(new Float32Array([Infinity]), dtype), dtype)[0]
    // the largest pattern of f8_e4m3 is even, so that its tie rounds down
    const tie = dtype === 'f8_e4m3' ? max : overflow
    for (const [value, expected] of [
      [max + unit / 4, max],
      [max + unit / 2, tie],
      [max + unit * 0.75, overflow],
      ...Array.from({ length: 40 }, (_, power) => [max * 1.5 * 2 ** power, overflow]),
    ]) {
      const pair = new Float32Array([value, -value])
      expect(toFloat32(fromFloat32(pair, dtype), dtype)).toEqual(new Float32Array([expected, -expected]))
    }
  })

  it('rounding equals that of fills, with either spelling of the dtype', async () => {
    const engine = await createEngine()
    const [exact, stored] = await engine.tensors(
      [
        { shape: [5000], strategy: normal(), name: 'w' },
        { shape: [5000], strategy: normal(), name: 'w', dtype },
      ],
      { allowDuplicateNames: true },
    )
    expect(fromFloat32(exact.data as Float32Array, TORCH_DTYPE_NAMES[dtype])).toEqual(stored.data)
    await engine.close()
  })
})

describe('f32', () => {
  it('is copied bit for bit', () => {
    const values = new Float32Array(new Uint32Array([0x7fc00001, 0x80000000, 1]).buffer)
    for (const copy of [toFloat32(values, 'float32'), fromFloat32(values, 'f32')]) {
      expect(copy.buffer).not.toBe(values.buffer)
      expect(Buffer.compare(bytesOf(copy), bytesOf(values))).toBe(0)
    }
  })
})

describe('either spelling of a dtype', () => {
  it('gives the same tensor, which has the short one', async () => {
    const engine = await createEngine()
    for (const dtype of DTYPES) {
      const [short, long] = [dtype, TORCH_DTYPE_NAMES[dtype]] as const
      const options = { name: 'w' }
      const tensor = await engine.tensor([9], constant({ value: 0.1 }), { ...options, dtype: short })
      expect(await engine.tensor([9], constant({ value: 0.1 }), { ...options, dtype: long })).toEqual(tensor)
      expect(tensor.dtype).toBe(short)
    }
    await engine.close()
  })
})

describe('a conversion of', () => {
  it.each<[string, () => unknown, TypeError | RangeError]>([
    [
      'an unknown dtype',
      () => toFloat32(new Float32Array(1), 'f64' as DtypeName),
      rangeError(`"dtype" must be one of 'f32', 'bf16', 'f16', 'f8_e4m3', 'f8_e5m2'; received "f64"`),
    ],
    [
      'an array of another dtype',
      () => toFloat32(new Float32Array(1) as never, 'bf16'),
      typeError('"data" must be a Uint16Array for dtype bf16; received a Float32Array'),
    ],
    [
      'values in an array of another kind',
      () => fromFloat32([1] as never, 'bf16'),
      typeError('"values" must be a Float32Array for dtype f32; received [1]'),
    ],
  ])('%s throws', (_, convert, error) => {
    expect(convert).toThrow(error)
  })
})

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
