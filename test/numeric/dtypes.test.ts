import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  floatToBits,
  decode,
  DTYPES,
  encode,
  FORMATS,
  floorToDtype,
  ceilToDtype,
  type Dtype,
} from '../../src/numeric/dtypes.ts'
import vectors from '../vectors/f8.json' with { type: 'json' }

/** Exponent and mantissa bits of the IEEE-style formats. */
const FIELDS = { f32: [8, 23], bf16: [8, 7], f16: [5, 10], f8_e4m3: [4, 3], f8_e5m2: [5, 2] } as const

/** The value of a finite bit pattern, as IEEE 754 and OCP define it; every step is exact in f64. */
function defined(dtype: Dtype, bits: number): number {
  const [exponentBits, mantissaBits] = FIELDS[dtype]
  const sign = Math.floor(bits / 2 ** (exponentBits + mantissaBits)) ? -1 : 1
  const exponent = Math.floor(bits / 2 ** mantissaBits) % 2 ** exponentBits
  const mantissa = bits % 2 ** mantissaBits
  const bias = 2 ** (exponentBits - 1) - 1
  const unit = 2 ** (Math.max(exponent, 1) - bias - mantissaBits)
  return sign * (mantissa + (exponent ? 2 ** mantissaBits : 0)) * unit
}

/** The narrow dtypes: the number of finite patterns, the largest and the smallest positive value. */
const NARROW: [dtype: Dtype, finite: number, largest: number, smallest: number][] = [
  ['bf16', 65280, (2 - 2 ** -7) * 2 ** 127, 2 ** -133],
  ['f16', 63488, 65504, 2 ** -24],
  ['f8_e4m3', 254, 448, 2 ** -9], // only 7f and ff are NaN
  ['f8_e5m2', 248, 57344, 2 ** -16],
]

describe.each(NARROW)('%s', (dtype, count, largest, smallest) => {
  const { bytes, max, maxBits } = FORMATS[dtype]
  const signBit = 2 ** (8 * bytes - 1)
  const patterns = Array.from({ length: 2 * signBit }, (_, bits) => bits).filter(
    (bits) => bits % signBit <= maxBits,
  )

  it('decodes every finite pattern to its defined value', () => {
    expect(patterns.filter((bits) => !Object.is(decode(dtype, bits), defined(dtype, bits)))).toEqual([])
    expect(patterns).toHaveLength(count)
    expect([max, defined(dtype, maxBits), defined(dtype, 1)]).toEqual([largest, largest, smallest])
  })

  it('encodes every finite value to its pattern', () => {
    expect(patterns.filter((bits) => encode(dtype, decode(dtype, bits)) !== bits)).toEqual([])
  })

  it('rounds to the nearer neighbor, and ties to even, at every gap', () => {
    const wrong: number[] = []
    for (let bits = 0; bits < maxBits; bits++) {
      const [below, above] = [defined(dtype, bits), defined(dtype, bits + 1)]
      const middle = (below + above) / 2 // exact, and an f32
      const step = floatToBits(middle)
      const [before, after] = [decode('f32', step - 1), decode('f32', step + 1)]
      const even = bits % 2 === 0 ? bits : bits + 1
      const signed = (x: number) => [encode(dtype, x), encode(dtype, -x) - signBit]
      const got = [...signed(before), ...signed(middle), ...signed(after)]
      if (String(got) !== String([bits, bits, even, even, bits + 1, bits + 1])) wrong.push(bits)
    }
    expect(wrong).toEqual([])
  })

  it('rounds any f32 to its nearest value', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -Math.fround(max), max: Math.fround(max) }), (x) => {
        const bits = encode(dtype, x)
        const error = Math.abs(defined(dtype, bits) - x) // exact: at most 24 bits of difference
        const magnitude = bits % signBit
        const neighbors = [magnitude - 1, magnitude + 1].filter((n) => n >= 0 && n <= maxBits)
        for (const neighbor of neighbors) {
          expect(Math.abs(defined(dtype, neighbor) - Math.abs(x))).toBeGreaterThanOrEqual(error)
        }
        expect(bits >= signBit).toBe(x < 0 || Object.is(x, -0))
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps subnormals', () => {
    expect(encode(dtype, smallest)).toBe(1)
    expect(encode(dtype, smallest / 2)).toBe(0)
    expect(encode(dtype, Math.fround(0.75 * smallest))).toBe(1)
    expect(encode(dtype, -smallest)).toBe(signBit + 1)
  })
})

describe.each(['f8_e4m3', 'f8_e5m2'] as const)('%s, compared with PyTorch', (dtype) => {
  const { values, cast } = vectors[dtype]
  const { maxBits } = FORMATS[dtype]

  it('has the same finite patterns, of the same values', () => {
    expect(values).toHaveLength(256)
    for (const [bits, value] of values.entries()) {
      expect(bits % 128 <= maxBits).toBe(value !== null)
      if (value !== null) expect([bits, decode(dtype, bits)]).toEqual([bits, value])
    }
  })

  it('rounds as PyTorch does in the middle of every gap and next to it', () => {
    expect(cast).toHaveLength(6 * maxBits)
    expect(cast.filter(([x, bits]) => encode(dtype, x) !== bits)).toEqual([])
  })
})

describe('f32', () => {
  it('is stored unchanged and decoded from its pattern', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(encode('f32', x)).toBe(x)
        expect(decode('f32', floatToBits(x))).toBe(x)
        expect(defined('f32', floatToBits(x))).toBe(x)
      }),
    )
  })
})

describe.each(DTYPES)('the grid of %s', (dtype) => {
  const { max, maxBits } = FORMATS[dtype]

  it('ends at the largest finite value', () => {
    expect(defined(dtype, maxBits)).toBe(max)
    expect(ceilToDtype(dtype, max)).toBe(max)
    expect(floorToDtype(dtype, -max)).toBe(-max)
    expect(() => floorToDtype(dtype, -max, true)).toThrow(RangeError)
  })

  it('has exactly x as the smallest value from x on and as the largest up to x', () => {
    const anyX = fc.oneof(
      fc.double({ noNaN: true, min: -max, max }),
      fc.double({ noNaN: true, min: -2, max: 2 }),
      fc.integer({ min: 0, max: maxBits }).map((bits) => defined(dtype, bits)),
    )
    fc.assert(
      fc.property(anyX, (x) => {
        const [up, down, open] = [
          ceilToDtype(dtype, x),
          floorToDtype(dtype, x),
          x > -max ? floorToDtype(dtype, x, true) : -max,
        ]
        expect(down).toBeLessThanOrEqual(x)
        expect(up).toBeGreaterThanOrEqual(x)
        if (up === x || down === x) expect(up === down).toBe(true)
        if (x > -max) expect(open).toBeLessThan(x)
        // no value of the grid lies strictly between
        expect(index(up) - index(down)).toBe(up === down ? 0 : 1)
        if (x > -max) expect(index(up) - index(open)).toBe(1)
      }),
      { numRuns: 500 },
    )
  })

  it('has -0 as the smallest value from a small negative one on, and no other -0', () => {
    const tiny = defined(dtype, 1) / 4
    const zeros = [
      ceilToDtype(dtype, -tiny),
      ceilToDtype(dtype, 0),
      floorToDtype(dtype, tiny),
      floorToDtype(dtype, tiny, true),
    ]
    expect(zeros).toEqual([-0, 0, 0, 0])
  })

  it('leaves infinite bounds unchanged', () => {
    expect([ceilToDtype(dtype, -Infinity), floorToDtype(dtype, Infinity)]).toEqual([-Infinity, Infinity])
  })

  /** The position of a value on the grid, 0 at 0. */
  function index(value: number): number {
    const magnitude = Math.abs(value)
    return Math.sign(value) * (dtype === 'f32' ? floatToBits(magnitude) : encode(dtype, magnitude))
  }
})
