import { describe, expect, it } from 'vitest'
import { mapOf } from '../../src/maps.ts'
import { census } from '../support/census.ts'
import { cutMoments } from '../support/moments.ts'

const INTERVALS: [number, number][] = [
  [-2, 2],
  [-3, 3],
  [-0.5, 0.5],
  [0, 1],
  [-1, 3],
  [3, 4],
  [5, 6],
  [-6, -5],
  [0, Infinity],
  [-Infinity, 1],
]

describe('the truncated normal, over all 2^32 draws', () => {
  it.each(INTERVALS)('on [%d, %d] keeps its bounds', (low, high) => {
    const bounds = { ...(low > -Infinity && { low }), ...(high < Infinity && { high }) }
    const map = mapOf({ type: 'truncatedNormal', mean: 0, std: 1, ...bounds }, 'f32')
    const start = Date.now()
    const found = census(map)
    const exact = cutMoments(low, high)
    const variance = found.moments[1] - found.moments[0] ** 2
    console.log(
      low,
      high,
      map.kind,
      JSON.stringify(found),
      exact,
      found.moments[0] - exact.mean,
      variance / exact.variance - 1,
      Date.now() - start,
    )
    expect(found.min).toBeGreaterThanOrEqual(low)
    expect(found.max).toBeLessThanOrEqual(high)
  })
})
