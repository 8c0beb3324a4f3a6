/** The truncated normal transform over all 2^32 draws. Run by `npm run test:slow`. */

import { describe, expect, it } from 'vitest'
import { compileTransform } from '../../../src/distributions/transform.ts'
import { byDistinctInput, countDraws } from '../../support/exhaustive-count.ts'
import { REFERENCE_DISTRIBUTIONS } from '../../support/reference-distributions.ts'
import { computeTruncatedMoments } from '../../support/moments.ts'

/** The number of distinct values in millions, where `docs/reference/stream.md` states it. */
const INTERVALS: [low: number, high: number, millions?: number][] = [
  [-2, 2, 38.6],
  [-3, 3],
  [-0.5, 0.5],
  [0, 1],
  [-1, 3],
  [3, 4, 2.97],
  [5, 6, 1.89],
  [-6, -5, 1.89],
  [0, Infinity],
  [-Infinity, 1],
]

describe.each(INTERVALS)('the truncated normal on [%d, %d], over all 2^32 draws', (low, high, millions) => {
  const bounds = { ...(low > -Infinity && { low }), ...(high < Infinity && { high }) }

  it('keeps its bounds, its order, its mean and its variance', () => {
    const transform = compileTransform({ type: 'truncatedNormal', mean: 0, std: 1, ...bounds }, 'f32')
    const found = countDraws(transform, byDistinctInput(transform))
    const exact = computeTruncatedMoments(low, high)
    expect(found.min).toBeGreaterThanOrEqual(low)
    expect(found.max).toBeLessThanOrEqual(high)

    const law = REFERENCE_DISTRIBUTIONS.find(({ name }) => name === `truncated normal on [${low}, ${high}]`)
    if (law) expect(found.longestRun / 2 ** 32).toBeLessThanOrEqual(law.atom)

    const [mean, square] = found.moments
    const spread = Math.sqrt(exact.variance)
    expect(Math.abs(mean - exact.mean) / spread).toBeLessThan(1e-6)
    expect(Math.abs((square - mean ** 2) / exact.variance - 1)).toBeLessThan(1e-6)

    // draws run down one side of the interval, starting where both sides begin, then down the other
    expect(found.maxReversal).toBeLessThan(1e-6) // only rounding reverses the order
    expect(Math.min(found.increases, found.decreases) / found.distinct).toBeLessThan(1e-4)
    if (millions !== undefined) expect(Math.abs(found.distinct / 1e6 / millions - 1)).toBeLessThan(0.003)
  })
})
