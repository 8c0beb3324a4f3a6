/** Draws that round to the same f32 have the same value, over all 2^32 of them. Run by `npm run test:slow`. */

import { expect, it } from 'vitest'
import type { SampledDistribution } from '../../../src/distributions/distribution.ts'
import { compileTransform } from '../../../src/distributions/transform.ts'
import { byRoundedDraw, countDraws, everyDraw } from '../../support/exhaustive-count.ts'

const DISTRIBUTIONS: SampledDistribution[] = [
  { type: 'normal', mean: 0, std: 1 },
  { type: 'truncatedNormal', mean: 0, std: 1, low: -1, high: 3 },
]

it.each(DISTRIBUTIONS)('$type: one draw for each f32 gives the same counts as all draws', (distribution) => {
  const transform = compileTransform(distribution, 'f32')
  expect(countDraws(transform, byRoundedDraw(), [1, 2])).toEqual(countDraws(transform, everyDraw(), [1, 2]))
})
