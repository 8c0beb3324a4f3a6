import { beforeAll, describe, expect, it } from 'vitest'
import { mapOf } from '../../src/maps.ts'
import { census, type Census } from '../support/census.ts'

describe('the normal map, over all 2^32 draws', () => {
  let found: Census
  beforeAll(() => {
    found = census(mapOf({ type: 'normal', mean: 0, std: 1 }, 'f32'), [3, 4, 5, 6])
    console.log(JSON.stringify(found))
  }, 1_800_000)

  it('has mean 6.193e-10', () => {
    expect(found.moments[0]).toBeCloseTo(0, 8)
  })
})
