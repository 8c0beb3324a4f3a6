/**
 * A short end-to-end look at the statistics: whole fills through the public API, against closed forms. Seeds
 * were fixed before looking and are not changed to pass; a threshold is that of p < 1e-6 in a normal or
 * Kolmogorov law. Statistics miss most real mistakes (a repeated block, a swapped lane): those are caught by
 * known answers and by the laws of the other tests.
 */

import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine, normal, truncatedNormal, uniform, type Engine, type Strategy } from '../src/index.ts'
import { normalAbove } from '../src/math.ts'
import { cutMoments } from './support/moments.ts'

const N = 1 << 20
/** Standard errors that a normal statistic exceeds, either way, with p = 1e-6. */
const Z = 4.892
/** The same for the Kolmogorov statistic times sqrt(n): 2 exp(-2 x^2) = 1e-6. */
const KS = Math.sqrt(Math.log(2e6) / 2)

const below = (z: number) => 1 - normalAbove(z)
const cut = (low: number, high: number) => (z: number) => (below(z) - below(low)) / (below(high) - below(low))

const CASES: [
  string,
  Strategy,
  { cdf: (x: number) => number; mean: number; variance: number; kurtosis: number },
][] = [
  ['normal', normal(), { cdf: below, mean: 0, variance: 1, kurtosis: 3 }],
  [
    'uniform',
    uniform({ low: -1, high: 2 }),
    { cdf: (x) => (x + 1) / 3, mean: 0.5, variance: 9 / 12, kurtosis: 1.8 },
  ],
  [
    'truncated normal on [-2, 2]',
    truncatedNormal({ low: -2, high: 2 }),
    { cdf: cut(-2, 2), ...cutMoments(-2, 2), kurtosis: 2.365537 },
  ],
  [
    'truncated normal on [-1, 3]',
    truncatedNormal({ low: -1, high: 3 }),
    { cdf: cut(-1, 3), ...cutMoments(-1, 3), kurtosis: 3 },
  ],
]

let engine: Engine
beforeAll(async () => {
  engine = await createEngine()
})

function drawn(strategy: Strategy, name = 'a', seed: number | string = 1): Float32Array {
  const data = new Float32Array(N)
  engine.fillSync(data, strategy, { seed, name })
  return data
}

/** Correlation of two samples of equal length, in standard errors. */
function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum / Math.sqrt(a.length)
}

describe.each(CASES)('%s', (_, strategy, { cdf, mean, variance, kurtosis }) => {
  let data: Float32Array
  beforeAll(() => {
    data = drawn(strategy)
  })

  it('has the mean and the variance of its law', () => {
    let [sum, squares] = [0, 0]
    for (const x of data) {
      sum += x - mean
      squares += (x - mean) ** 2
    }
    expect(Math.abs(sum / N)).toBeLessThan(Z * Math.sqrt(variance / N))
    expect(Math.abs(squares / N / variance - 1)).toBeLessThan(Z * Math.sqrt((kurtosis - 1) / N))
  })

  it('follows its distribution function (Kolmogorov and Smirnov)', () => {
    const sorted = data.toSorted()
    let worst = 0
    for (let i = 0; i < N; i += 16) worst = Math.max(worst, Math.abs(cdf(sorted[i]) - (i + 0.5) / N))
    expect(worst * Math.sqrt(N)).toBeLessThan(KS + 16 / Math.sqrt(N))
  })

  it('fills 256 cells of equal probability evenly (chi-square)', () => {
    const cells = new Float64Array(256)
    for (const x of data) cells[Math.min(255, Math.max(0, Math.floor(cdf(x) * 256)))]++
    const chi2 = cells.reduce((sum, count) => sum + (count - N / 256) ** 2 / (N / 256), 0)
    expect(Math.abs(chi2 - 255)).toBeLessThan(6 * Math.sqrt(2 * 255)) // chi-square of 255 degrees: p < 1e-7
  })
})

describe('normals', () => {
  it('do not remember the ones before: no correlation at small lags, lanes and blocks', () => {
    const data = drawn(normal(), 'lags')
    for (const lag of [1, 2, 3, 4, 5, 6, 7, 8, 16, 64, 2048, 8191, 8192, 16384]) {
      const z = correlation(data.subarray(0, N - 16384), data.subarray(lag, lag + N - 16384))
      expect(Math.abs(z), `lag ${lag}`).toBeLessThan(Z)
    }
  })

  it('nor in their size: no correlation of squares', () => {
    const data = drawn(normal(), 'squares').map((x) => (x * x - 1) / Math.SQRT2)
    for (const lag of [1, 2, 4, 8, 8192]) {
      const z = correlation(data.subarray(0, N - 8192), data.subarray(lag, lag + N - 8192))
      expect(Math.abs(z), `lag ${lag}`).toBeLessThan(2 * Z) // squares have heavier tails
    }
  })

  it('of similar seeds and names have nothing to do with each other', () => {
    const first = drawn(normal(), 'layer.0', 0)
    for (const [name, seed] of [
      ['layer.0', 1],
      ['layer.0', 2],
      ['layer.1', 0],
      ['layer.00', 0],
      ['Layer.0', 0],
      ['layer.0', '00'],
    ] as const) {
      expect(Math.abs(correlation(first, drawn(normal(), name, seed))), `${name} ${seed}`).toBeLessThan(Z)
    }
  })

  it('have as many values beyond 3 and 4 standard deviations as they should', () => {
    const data = drawn(normal(), 'tails')
    for (const z of [3, 4]) {
      const expected = 2 * normalAbove(z) * N
      const count = data.filter((x) => Math.abs(x) > z).length
      expect(Math.abs(count - expected)).toBeLessThan(Z * Math.sqrt(expected) + 3)
    }
  })
})
