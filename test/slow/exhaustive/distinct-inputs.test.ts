/** Draws with the same input of the table have the same value, over all 2^32 draws. Run by `npm run test:slow`. */

import { expect, it } from 'vitest'
import type { SampledDistribution } from '../../../src/distributions/distribution.ts'
import { compileTransform } from '../../../src/distributions/transform.ts'
import { byDistinctInput, countDraws, everyDraw } from '../../support/exhaustive-count.ts'

const DISTRIBUTIONS: SampledDistribution[] = [
  { type: 'normal', mean: 0, std: 1 },
  { type: 'truncatedNormal', mean: 0, std: 1, low: -1, high: 3 },
]

it.each(DISTRIBUTIONS)(
  '$type: one draw for each input gives the same counts as all draws',
  (distribution) => {
    const transform = compileTransform(distribution, 'f32')
    const counts = countDraws(transform, byDistinctInput(transform), [1, 2])
    expect(counts).toEqual(countDraws(transform, everyDraw(), [1, 2]))
  },
)
