/** The normal transform over all 2^32 draws: the figures of `docs/reference/stream.md`. Run by `npm run test:slow`. */

import { beforeAll, describe, expect, it } from 'vitest'
import { compileTransform } from '../../../src/distributions/transform.ts'
import { byDistinctInput, countDraws, type ExhaustiveCount } from '../../support/exhaustive-count.ts'
import { NORMAL } from '../../support/reference-distributions.ts'

describe('the normal transform, over all 2^32 draws', () => {
  let found: ExhaustiveCount
  beforeAll(() => {
    const transform = compileTransform({ type: 'normal', mean: 0, std: 1 }, 'f32')
    found = countDraws(transform, byDistinctInput(transform), [3, 4, 5, 6])
  }, 1_800_000)

  it('has mean 6.2e-10, variance 1 - 2.4e-8, third moment 4.4e-9 and excess kurtosis -5.3e-8', () => {
    const [mean, square, cube, fourth] = found.moments
    const variance = square - mean ** 2
    expect(mean).toBeCloseTo(6.193e-10, 12)
    expect(variance - 1).toBeCloseTo(-2.394e-8, 11)
    expect(cube).toBeCloseTo(4.382e-9, 11)
    expect(fourth / variance ** 2 - 3).toBeCloseTo(-5.334e-8, 10)
  })

  it('has the expected numbers of values beyond 3, 4, 5 and 6, to the rounding of the cells', () => {
    expect(found.beyondThresholds).toEqual([11_595_538, 272_054, 2_462, 8]) // 11,595,535.8, 272,053.9, 2,462.3 and 8.5 expected
  })

  it('ends at 6.3379574 on both sides', () => {
    expect([-found.min, found.max].map((x) => x.toFixed(7))).toEqual(['6.3379574', '6.3379574'])
  })

  it('is symmetric except for one draw, and 0 for 129', () => {
    expect(found.zeros).toBe(129)
    const negative = 2 ** 32 - found.positive - found.zeros
    expect(found.positive - negative).toBe(1)
  })

  it('has no value of more than 256 draws', () => {
    expect(found.longestRun).toBe(256)
    expect(NORMAL.atom).toBe(2 ** -24)
  })

  it('has 51.53 million distinct values, in order except for rounding', () => {
    expect(found.distinct / 1e6).toBeCloseTo(51.53, 2)
    expect(Math.min(found.increases, found.decreases)).toBeLessThan(100)
    expect(found.maxReversal).toBeLessThan(1e-6)
  })
})
