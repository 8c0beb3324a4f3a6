import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bitsOf, decode, DTYPES, encode, FORMATS, greatest, least } from '../src/dtypes.ts'

/** Exponent and mantissa bits of the IEEE-style formats. */
const FIELDS = { f32: [8, 23], bf16: [8, 7], f16: [5, 10] } as const

/** The value of a finite bit pattern, as IEEE 754 defines it; every step is exact in f64. */
function defined(dtype: keyof typeof FIELDS, bits: number): number {
  const [exponentBits, mantissaBits] = FIELDS[dtype]
  const sign = Math.floor(bits / 2 ** (exponentBits + mantissaBits)) ? -1 : 1
  const exponent = Math.floor(bits / 2 ** mantissaBits) % 2 ** exponentBits
  const mantissa = bits % 2 ** mantissaBits
  const bias = 2 ** (exponentBits - 1) - 1
  const unit = 2 ** (Math.max(exponent, 1) - bias - mantissaBits)
  return sign * (mantissa + (exponent ? 2 ** mantissaBits : 0)) * unit
}

const SHORT = ['bf16', 'f16'] as const
const finite = (dtype: 'bf16' | 'f16') =>
  Array.from({ length: 65536 }, (_, bits) => bits).filter((bits) => (bits & 0x7fff) <= FORMATS[dtype].maxBits)

describe.each(SHORT)('%s', (dtype) => {
  const patterns = finite(dtype)

  it('decodes every finite pattern to the value that IEEE 754 gives it', () => {
    expect(patterns.filter((bits) => !Object.is(decode(dtype, bits), defined(dtype, bits)))).toEqual([])
    expect(patterns).toHaveLength(dtype === 'bf16' ? 65280 : 63488)
  })

  it('encodes every finite value to the pattern that it came from', () => {
    expect(patterns.filter((bits) => encode(dtype, decode(dtype, bits)) !== bits)).toEqual([])
  })

  it('rounds to the nearer neighbour, and from the middle to the even one, at every gap', () => {
    const { maxBits } = FORMATS[dtype]
    const wrong: number[] = []
    for (let bits = 0; bits < maxBits; bits++) {
      const [below, above] = [defined(dtype, bits), defined(dtype, bits + 1)]
      const middle = (below + above) / 2 // exact, and an f32
      const step = bitsOf(middle)
      const [before, after] = [decode('f32', step - 1), decode('f32', step + 1)]
      const even = bits % 2 === 0 ? bits : bits + 1
      const signed = (x: number) => [encode(dtype, x), encode(dtype, -x) - 0x8000]
      const got = [...signed(before), ...signed(middle), ...signed(after)]
      if (String(got) !== String([bits, bits, even, even, bits + 1, bits + 1])) wrong.push(bits)
    }
    expect(wrong).toEqual([])
  })

  it('rounds any f32 to the nearest of its values', () => {
    const { max } = FORMATS[dtype]
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -Math.fround(max), max: Math.fround(max) }), (x) => {
        const bits = encode(dtype, x)
        const error = Math.abs(defined(dtype, bits) - x) // exact: at most 24 bits of difference
        const magnitude = bits & 0x7fff
        const neighbours = [magnitude - 1, magnitude + 1].filter((n) => n >= 0 && n <= FORMATS[dtype].maxBits)
        for (const neighbour of neighbours) {
          expect(Math.abs(defined(dtype, neighbour) - Math.abs(x))).toBeGreaterThanOrEqual(error)
        }
        expect(bits >= 0x8000).toBe(x < 0 || Object.is(x, -0))
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps subnormals', () => {
    const smallest = defined(dtype, 1)
    expect(smallest).toBe(dtype === 'bf16' ? 2 ** -133 : 2 ** -24)
    expect(encode(dtype, smallest)).toBe(1)
    expect(encode(dtype, smallest / 2)).toBe(0)
    expect(encode(dtype, Math.fround(0.75 * smallest))).toBe(1)
    expect(encode(dtype, -smallest)).toBe(0x8001)
  })
})

describe('f32', () => {
  it('is stored as itself and decoded from its pattern', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(encode('f32', x)).toBe(x)
        expect(decode('f32', bitsOf(x))).toBe(x)
        expect(defined('f32', bitsOf(x))).toBe(x)
      }),
    )
  })
})

describe.each(DTYPES)('the grid of %s', (dtype) => {
  const { max, maxBits } = FORMATS[dtype]

  it('ends at the largest finite value', () => {
    expect(defined(dtype, maxBits)).toBe(max)
    expect(least(dtype, max)).toBe(max)
    expect(greatest(dtype, -max)).toBe(-max)
    expect(() => greatest(dtype, -max, true)).toThrow(RangeError)
  })

  it('has its least value from x on and its greatest up to x right at x', () => {
    const anyX = fc.oneof(
      fc.double({ noNaN: true, min: -max, max }),
      fc.double({ noNaN: true, min: -2, max: 2 }),
      fc.integer({ min: 0, max: maxBits }).map((bits) => defined(dtype, bits)),
    )
    fc.assert(
      fc.property(anyX, (x) => {
        const [up, down, open] = [
          least(dtype, x),
          greatest(dtype, x),
          x > -max ? greatest(dtype, x, true) : -max,
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

  it('leaves infinite bounds as they are', () => {
    expect([least(dtype, -Infinity), greatest(dtype, Infinity)]).toEqual([-Infinity, Infinity])
  })

  /** Where a value stands on the grid, 0 at 0. */
  function index(value: number): number {
    const magnitude = Math.abs(value)
    return Math.sign(value) * (dtype === 'f32' ? bitsOf(magnitude) : encode(dtype, magnitude))
  }
})
