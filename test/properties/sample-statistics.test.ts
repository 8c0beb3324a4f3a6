/**
 * A short end-to-end test of the statistics: fills through the public API against distributions in closed form. Seeds and
 * names were fixed in advance and are not changed to pass; a p-value below 1e-6 fails. Statistics miss most real mistakes,
 * such as a repeated block or a swapped lane: known answers and the properties in the other tests catch those.
 */

import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine, normal, type Engine, type Strategy } from '../../src/index.ts'
import { REFERENCE_DISTRIBUTIONS } from '../support/reference-distributions.ts'
import { GROUPS, Sample, type Finding } from '../support/sample.ts'
import { normalPValue } from '../support/significance.ts'
import { byTier } from '../support/tier.ts'

const [PIECES, PIECE] = [byTier(16, 64), 2 ** 14]
const N = PIECES * PIECE
const GATE = 1e-6

let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ threads: 1 })
})

describe.each(REFERENCE_DISTRIBUTIONS)('$name', (law) => {
  let findings: Finding[]
  beforeAll(() => {
    const data = law.dtype === 'f32' ? new Float32Array(N) : new Uint16Array(N)
    engine.fillSync(data, law.strategy, { seed: 'statistics', name: law.name, dtype: law.dtype })
    const sample = new Sample(law)
    for (let i = 0; i < PIECES; i++) sample.add(data.subarray(i * PIECE, (i + 1) * PIECE), true)
    findings = sample.computeFindings()
  })

  it.each(GROUPS)('%s: no p-value is below 1e-6', (group) => {
    const found = findings.filter((finding) => finding.group === group)
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter(({ p }) => !(p >= GATE && p <= 1))).toEqual([])
  })
})

describe('normals', () => {
  function drawn(strategy: Strategy, name: string, seed: number | string = 1): Float32Array {
    const data = new Float32Array(N)
    engine.fillSync(data, strategy, { seed, name })
    return data
  }

  /** The p-value of the correlation of two samples of equal length and of the variance 1. */
  function correlation(a: Float32Array, b: Float32Array): number {
    let sum = 0
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
    return normalPValue(sum / Math.sqrt(a.length))
  }

  it('have uncorrelated squares', () => {
    const data = drawn(normal(), 'squares').map((x) => (x * x - 1) / Math.SQRT2)
    for (const lag of [1, 2, 4, 8, 8192]) {
      const p = correlation(data.subarray(0, N - 8192), data.subarray(lag, lag + N - 8192))
      expect(p, `lag ${lag}`).toBeGreaterThan(GATE)
    }
  })

  it('of similar seeds and names are uncorrelated', () => {
    const first = drawn(normal(), 'layer.0', 0)
    for (const [name, seed] of [
      ['layer.0', 1],
      ['layer.0', 2],
      ['layer.1', 0],
      ['layer.00', 0],
      ['Layer.0', 0],
      ['layer.0', '00'],
    ] as const) {
      expect(correlation(first, drawn(normal(), name, seed)), `${name} ${seed}`).toBeGreaterThan(GATE)
    }
  })
})
