/** The transforms alone, on chosen draws: every cell of the table and every edge of the integers. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SampledDistribution } from '../../src/distributions/distribution.ts'
import { floatToBits, decode, DTYPES, encode, FORMATS } from '../../src/numeric/dtypes.ts'
import { computeBase, compileTransform } from '../../src/distributions/transform.ts'
import { quantile } from '../../src/numeric/normal-quantile.ts'
import { toNumber, erf, erfcinv, toFixedPoint, ONE } from '../support/exact.ts'
import { jsBackend, applyTransform, wasmBackend } from '../support/transforms.ts'
import { byTier, pickByTier } from '../support/tier.ts'

/** The cells that |f| of a draw can lie in: [begin, end) with f in [0.5, 2^31]. */
const CELLS = Array.from({ length: 33 * 128 }, (_, cell) => {
  const at = (cell: number) => 2 ** ((cell >> 7) - 1) * (1 + (cell & 127) / 128)
  return [at(cell), at(cell + 1)]
}).filter(([begin]) => begin <= 2 ** 31)

/** f of a draw, as docs/reference/stream.md defines it. */
function floatOf(draw: number): number {
  return Math.fround(Math.fround(draw) + 0.5)
}

/** First, middle and last of the non-negative draws of each cell that contains any. */
const OF_CELLS = CELLS.map(([begin, end]) => {
  const first = firstFrom(begin)
  const last = firstFrom(end) - 1
  return last < first ? [] : [first, Math.floor((first + last) / 2), last]
})

/** The smallest draw whose f is at least x. */
function firstFrom(x: number): number {
  let [low, high] = [0, 2 ** 31]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (floatOf(middle) >= x) high = middle
    else low = middle + 1
  }
  return low
}

const EDGES = [0, 1, 2, 2 ** 22, 2 ** 23, 2 ** 24, 2 ** 25, 2 ** 30, 2 ** 31 - 1]
  .flatMap((x) => [x - 1, x, x + 1])
  .filter((x) => x >= 0 && x < 2 ** 31)

/** All of these, and the mirror image -1 - i of each. */
const DRAWS = Int32Array.from([...OF_CELLS.flat(), ...EDGES].flatMap((draw) => [draw, ~draw]))

const MAPS: [string, SampledDistribution][] = [
  ['normal', { type: 'normal', mean: 0, std: 1 }],
  ['normal with a mean', { type: 'normal', mean: -3.3, std: 0.02 }],
  ['normal of the smallest std', { type: 'normal', mean: 0, std: 2 ** -90 }],
  ['uniform', { type: 'uniform', low: 0, high: 1 }],
  ['uniform about 0', { type: 'uniform', low: -0.1, high: 0.3 }],
  ['truncated normal on [-2, 2]', { type: 'truncatedNormal', mean: 0, std: 1, low: -2, high: 2 }],
  ['truncated normal on [-1, 3]', { type: 'truncatedNormal', mean: 0, std: 1, low: -1, high: 3 }],
  ['truncated normal on [3, 4]', { type: 'truncatedNormal', mean: 0, std: 1, low: 3, high: 4 }],
  ['truncated normal on [-6, -5]', { type: 'truncatedNormal', mean: 0, std: 1, low: -6, high: -5 }],
  ['truncated normal on [0, 1]', { type: 'truncatedNormal', mean: 0, std: 1, low: 0, high: 1 }],
  ['truncated normal from 5 on', { type: 'truncatedNormal', mean: 0, std: 1, low: 5 }],
  ['truncated normal up to 1', { type: 'truncatedNormal', mean: 0, std: 1, high: 1 }],
  ['truncated normal without bounds', { type: 'truncatedNormal', mean: 2, std: 3 }],
  ['a sliver of a normal', { type: 'truncatedNormal', mean: 0, std: 1, low: -1e-4, high: 3e-4 }],
]

describe('the draws of these tests', () => {
  it('are the first, middle and last of every cell that a draw can reach, of both signs', () => {
    const cells = new Set(Array.from(DRAWS, (draw) => floatToBits(floatOf(draw)) >>> 16))
    // from 2^7 on, each of the 128 cells per power of two contains an integer plus 1/2; below, fewer do
    let reachable = 0
    for (let e = 7; e < 31; e++) reachable += 128
    for (const f of Array.from({ length: 128 }, (_, i) => i + 0.5)) reachable += f > 0 ? 1 : 0
    expect(cells.size).toBe(2 * (reachable + 1)) // and 2^31 itself
    for (const [i, [begin, end]] of CELLS.entries()) {
      const [first, , last] = OF_CELLS[i]
      if (first === undefined) continue
      expect(first === 0 || floatOf(first - 1) < begin).toBe(true)
      expect(last === 2 ** 31 - 1 || floatOf(last + 1) >= end).toBe(true)
    }
  })
})

describe('the kernels and the reference', () => {
  it.each(MAPS)('agree on every draw: %s', (_, distribution) => {
    for (const dtype of DTYPES) {
      const map = compileTransform(distribution, dtype)
      const [fast, plain] = [
        applyTransform(wasmBackend, map, dtype, DRAWS),
        applyTransform(jsBackend, map, dtype, DRAWS),
      ]
      const wrong = Array.from(DRAWS).filter((_, i) => !Object.is(fast[i], plain[i]))
      expect(wrong).toEqual([])
    }
  })

  it('cover all kinds of transforms', () => {
    const kinds = MAPS.map(([, distribution]) => compileTransform(distribution, 'f32').kind)
    expect(new Set(kinds)).toEqual(new Set(['normal', 'uniform', 'truncatedSymmetric', 'truncated']))
  })

  it('agree on any draws in groups of any size', () => {
    const anyDraws = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 70 })
    fc.assert(
      fc.property(anyDraws, fc.constantFrom(...MAPS), fc.constantFrom(...DTYPES), (list, [, law], dtype) => {
        const [draws, map] = [Int32Array.from(list), compileTransform(law, dtype)]
        expect(applyTransform(wasmBackend, map, dtype, draws)).toEqual(
          applyTransform(jsBackend, map, dtype, draws),
        )
      }),
      { numRuns: byTier(100, 500) },
    )
  })
})

describe.each(['bf16', 'f16', 'f8_e4m3', 'f8_e5m2'] as const)('the cast to %s', (dtype) => {
  /** f32 patterns: every positive value of the dtype, the middle of every gap and an f32 on each side, by exponent. */
  const edges = new Map<number, number[]>()
  for (let bits = 0; bits < FORMATS[dtype].maxBits; bits++) {
    const [below, above] = [decode(dtype, bits), decode(dtype, bits + 1)]
    const middle = floatToBits((below + above) / 2)
    for (const pattern of [middle - 1, middle, middle + 1, floatToBits(above)]) {
      const exponent = pattern >>> 23
      if (!edges.has(exponent)) edges.set(exponent, [])
      edges.get(exponent)!.push(pattern)
    }
  }

  it('gives the nearest value at, between and next to all of its values, in both engines', () => {
    for (const [exponent, patterns] of edges) {
      if (exponent <= 30) continue // below the range of f16, in bf16 alone, the scale would not be a normal f32
      // f of such a draw is the draw itself: the significand, shifted beyond 2^24
      const draws = Int32Array.from(patterns, (pattern) => ((pattern & 0x7fffff) | 0x800000) << 7)
      const scale = 2 ** (exponent - 127 - 30)
      for (const sign of [1, -1]) {
        const map = { kind: 'uniform', scale: sign * scale, mean: 0, low: -Infinity, high: Infinity } as const
        const wanted = patterns.map((pattern) => encode(dtype, sign * decode('f32', pattern)))
        for (const backend of [wasmBackend, jsBackend])
          expect([...applyTransform(backend, map, dtype, draws)]).toEqual(wanted)
      }
    }
    expect([...edges.values()].flat()).toHaveLength(4 * FORMATS[dtype].maxBits)
  })
})

/** The z that a fraction p of the standard normal exceeds, 0 < p <= 1/2. */
function above(p: bigint, guess: number): number {
  return Math.SQRT2 * toNumber(erfcinv(2n * p, guess / Math.SQRT2).y)
}

describe('the normal transform', () => {
  const map = compileTransform({ type: 'normal', mean: 0, std: 1 }, 'f32')

  it('is the inverse of the distribution function: to 2.2 ulp from 0.67 on, to 1.25e-7 below', () => {
    const draws = Int32Array.from(pickByTier(4000, OF_CELLS.flat()))
    const values = applyTransform(wasmBackend, map, 'f32', draws)
    let [ulps, absolute] = [0, 0]
    for (const [i, draw] of draws.entries()) {
      const f = floatOf(draw)
      const z = f === 2 ** 31 ? 0 : above(toFixedPoint(f * 2 ** -32), values[i])
      const error = Math.abs(values[i] - z)
      if (z >= 0.67) ulps = Math.max(ulps, error / 2 ** (Math.floor(Math.log2(z)) - 23))
      else absolute = Math.max(absolute, error)
    }
    expect(ulps).toBeLessThan(2.2)
    expect(absolute).toBeLessThan(1.25e-7)
  })

  it('is odd in f', () => {
    const values = applyTransform(wasmBackend, map, 'f32', DRAWS)
    for (let i = 0; i < DRAWS.length; i += 2) {
      if (floatOf(DRAWS[i]) === -floatOf(DRAWS[i + 1])) expect(values[i] + values[i + 1]).toBe(0)
    }
  })

  it('ends at 6.3379574 on both sides, and is 0 at both ends of the integers', () => {
    const [highest, lowest, ...zeros] = applyTransform(
      wasmBackend,
      map,
      'f32',
      Int32Array.of(0, -1, 2 ** 31 - 1, -(2 ** 31)),
    )
    expect(highest).toBe(Math.fround(6.3379574))
    expect(lowest).toBe(-highest)
    expect(zeros).toEqual([0, 0])
  })

  it('multiplies by RN32(std sqrt 2) and adds RN32(mean), rounding after each step', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 2 ** -90, max: 1e6, noNaN: true }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (mean, std, draw) => {
          const product = Math.fround(quantile(floatOf(draw)) * Math.fround(std * Math.SQRT2))
          const expected = Math.fround(product + Math.fround(mean))
          const law = compileTransform({ type: 'normal', mean, std }, 'f32')
          expect(applyTransform(wasmBackend, law, 'f32', Int32Array.of(draw))[0]).toBe(expected)
        },
      ),
    )
  })
})

describe('the uniform transform', () => {
  it('is low + (high - low) (i + 2^31 + 1/2) / 2^32, to two roundings', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e4, max: 1e4, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
        (low, width) => {
          const high = low + width
          fc.pre(Math.fround(low) !== Math.fround(high))
          const values = applyTransform(
            wasmBackend,
            compileTransform({ type: 'uniform', low, high }, 'f32'),
            'f32',
            DRAWS,
          )
          // to 2^-24 each: the scale, the product, the middle, the sum; and f itself to 2^-24 of its size
          const tolerance = (5 * width + 2 * Math.max(Math.abs(low), Math.abs(high))) * 2 ** -24
          const wrong = Array.from(DRAWS).filter(
            (draw, i) => Math.abs(values[i] - (low + (width * (draw + 2 ** 31 + 0.5)) / 2 ** 32)) > tolerance,
          )
          expect(wrong).toEqual([])
        },
      ),
      { numRuns: 20 },
    )
  })

  it('reaches the smallest value from low on, and the largest below high, in every dtype', () => {
    const ends = Int32Array.of(-(2 ** 31), 2 ** 31 - 1)
    for (const dtype of DTYPES) {
      const map = compileTransform({ type: 'uniform', low: 1, high: 3 }, dtype)
      const [first, last] = Array.from(applyTransform(wasmBackend, map, dtype, ends), (x) =>
        dtype === 'f32' ? x : decode(dtype, x),
      )
      const ulp = { f32: 2 ** -22, bf16: 2 ** -6, f16: 2 ** -9, f8_e4m3: 1 / 4, f8_e5m2: 1 / 2 }[dtype]
      expect([first, last]).toEqual([1, 3 - ulp])
    }
  })
})

/** The fraction of the standard normal above z, in fixed point. */
function fractionAbove(z: number): bigint {
  if (!Number.isFinite(z)) return z > 0 ? 0n : ONE
  return (ONE - erf((toFixedPoint(z) << 112n) / (toFixedPoint(Math.SQRT2) >> 112n)).erf) / 2n
}

describe('the truncated normal transform', () => {
  // bounds in standard deviations
  const INTERVALS = [
    [-2, 2],
    [-0.5, 0.5],
    [-1, 3],
    [-4, 0.3],
    [0, 1],
    [3, 4],
    [5, 6],
    [-6, -5],
    [2.5, Infinity],
    [-Infinity, 1],
  ]
  const some = Int32Array.from(
    [...OF_CELLS.filter((_, cell) => cell % 7 === 0).flat(), ...EDGES].flatMap((i) => [i, ~i]),
  )

  it.each(INTERVALS)('on [%d, %d] is the inverse of the truncated distribution function', (low, high) => {
    const bounds = { ...(low > -Infinity && { low }), ...(high < Infinity && { high }) }
    const map = compileTransform({ type: 'truncatedNormal', mean: 0, std: 1, ...bounds }, 'f32')
    const values = applyTransform(wasmBackend, map, 'f32', some)
    const [beyondLow, beyondHigh] = [ONE - fractionAbove(low), fractionAbove(high)]
    const mass = ONE - beyondLow - beyondHigh
    let worst = 0
    for (const [i, draw] of some.entries()) {
      // the position in the interval: a fraction of its mass, from the end that the draw counts from
      let upper = draw >= 0
      let part = toFixedPoint(Math.abs(floatOf(draw)) * 2 ** -32)
      if (map.kind === 'truncated') {
        upper = draw >>> 0 < map.upperDraws
        part = toFixedPoint(((upper ? draw : ~draw) >>> 1) * 2 + 1) >> 32n
      }
      const p = (upper ? beyondHigh : beyondLow) + (part * mass) / ONE
      const tail = p <= ONE / 2n ? p : ONE - p
      const magnitude = tail === ONE / 2n ? 0 : above(tail, Math.abs(values[i]) || 0.1)
      const z = upper === p <= ONE / 2n ? magnitude : -magnitude
      worst = Math.max(worst, Math.abs(values[i] - z))
    }
    expect(worst).toBeLessThan(1e-6)
  })

  it('stays within the bounds that the dtype can hold, for any draw', () => {
    for (const dtype of DTYPES) {
      for (const [low, high] of INTERVALS) {
        const bounds = { ...(low > -Infinity && { low }), ...(high < Infinity && { high }) }
        const map = compileTransform({ type: 'truncatedNormal', mean: 0, std: 1, ...bounds }, dtype)
        const values = Array.from(applyTransform(wasmBackend, map, dtype, DRAWS), (x) =>
          dtype === 'f32' ? x : decode(dtype, x),
        )
        expect(values.filter((x) => !(x >= low && x <= high))).toEqual([])
      }
    }
  })

  it('omits a bound only where no value reaches it, including a cell that begins above the end of the last one', () => {
    // from 2^23 on the first f' is the base itself
    const begins = Array.from({ length: 8 * 128 }, (_, i) => 2 ** (23 + (i >> 7)) * (1 + (i & 127) / 128))
    const rises = begins.filter((f) => quantile(f) > quantile(decode('f32', floatToBits(f) - 1)))
    let absent = 0
    for (const begin of rises) {
      const high = quantile(decode('f32', floatToBits(begin) - 1)) * Math.SQRT2
      const map = compileTransform({ type: 'truncatedNormal', mean: 0, std: 1, low: -high, high }, 'f32')
      if (map.kind !== 'truncatedSymmetric') expect.fail(map.kind)
      const values = [map.base, Math.max(map.base, begin)].map((f) => Math.fround(quantile(f) * map.scale))
      if (map.high === Infinity) expect(Math.max(...values)).toBeLessThanOrEqual(high)
      if (map.high === Infinity) absent++
    }
    expect(absent).toBeGreaterThan(0)
    expect(absent).toBeLessThan(rises.length)
  })

  it('gives +0 for a draw that lands beyond the median, although the transform gives -0 there', () => {
    const bounds = { low: -3.2323830029636316, high: 2.9861866069282597 }
    const map = compileTransform({ type: 'truncatedNormal', mean: 0, std: 1, ...bounds }, 'f32')
    const draws = Int32Array.of(2145765209, 2145765210)
    for (const engine of [wasmBackend, jsBackend])
      expect([...applyTransform(engine, map, 'f32', draws)]).toEqual([0, 0]) // toEqual distinguishes -0
  })

  it('on a mirrored interval gives the mirrored values, draw for draw', () => {
    const at = (low: number, high: number) =>
      applyTransform(
        wasmBackend,
        compileTransform({ type: 'truncatedNormal', mean: 0, std: 1, low, high }, 'f32'),
        'f32',
        DRAWS,
      )
    for (const [low, high] of [
      [3, 4],
      [0, 1],
      [5, 6],
    ]) {
      const [upper, lower] = [at(low, high), at(-high, -low)]
      // a draw of one interval corresponds to the complement, its mirror image, in the other
      const wrong = DRAWS.filter((_, i) => upper[i] !== -lower[i ^ 1])
      expect([...wrong]).toEqual([])
    }
  })

  it('is symmetric if the bounds are, and only then', () => {
    const kind = (mean: number, low?: number, high?: number) =>
      compileTransform({ type: 'truncatedNormal', mean, std: 1, low, high }, 'f32').kind
    expect([kind(0, -2, 2), kind(5, 4, 6), kind(0)]).toEqual(
      Array.from({ length: 3 }, () => 'truncatedSymmetric'),
    )
    expect([kind(0, -2, 2.0000001), kind(0, -2), kind(0, undefined, 2)]).toEqual(
      Array.from({ length: 3 }, () => 'truncated'),
    )
    expect([kind(0, -(2 ** -10), 2 ** -10), kind(0, -(2 ** -10), 2 ** -10 + 2 ** -40)]).toEqual([
      'uniform',
      'truncated',
    ])
  })

  it('divides the draws between the sides of the mean in proportion to their mass', () => {
    for (const [low, high] of [
      [-1, 3],
      [-4, 0.3],
      [-0.01, 5],
    ]) {
      const map = compileTransform({ type: 'truncatedNormal', mean: 0, std: 1, low, high }, 'f32')
      const [aboveMean, belowMean] = [high, -low].map((z) => 0.5 - toNumber(fractionAbove(z)))
      if (map.kind !== 'truncated') expect.fail(map.kind)
      expect(map.upperDraws / 2 ** 32 / (aboveMean / (aboveMean + belowMean))).toBeCloseTo(1, 6)
    }
  })
})

describe('baseOf', () => {
  const anyT = fc.double({ min: 2 ** -40, max: 12, noNaN: true })

  it('is 2^31 at 0, and 2^-31 from the end of the table on', () => {
    expect([0, 9.1, 20, 1e300, Infinity].map(computeBase)).toEqual([
      2 ** 31,
      ...Array.from({ length: 4 }, () => 2 ** -31),
    ])
  })

  it('is the smallest f whose quantile does not exceed RN32(t / sqrt 2)', () => {
    fc.assert(
      fc.property(anyT, (t) => {
        const base = computeBase(t)
        const wanted = Math.fround(t / Math.SQRT2)
        expect(quantile(base)).toBeLessThanOrEqual(wanted)
        if (base > 2 ** -31) expect(quantile(decode('f32', floatToBits(base) - 1))).toBeGreaterThan(wanted)
      }),
    )
  })

  it('decreases as t increases', () => {
    fc.assert(
      fc.property(anyT, anyT, (s, t) => {
        expect(computeBase(Math.max(s, t))).toBeLessThanOrEqual(computeBase(Math.min(s, t)))
      }),
    )
  })

  it('is 2^32 times the fraction of the standard normal above t, within the precision of f32', () => {
    for (let t = 0.05; t < 9; t += 0.31) {
      // an error of 4e-7 t in q, and a step of f; both relative to the mass above t
      const expected = toNumber(fractionAbove(t)) * 2 ** 32
      expect(Math.abs(computeBase(t) / expected - 1)).toBeLessThan(4e-7 * (1 + t * t))
    }
  })
})
