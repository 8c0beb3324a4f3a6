/**
 * Bugs that other libraries shipped, each as a fact that holds here; the titles name where each was reported. Most
 * tests use chosen draws: the extremes, where the bugs were, or EVEN_DRAWS, which represent all 2^32.
 *
 * Tests elsewhere: values that depend on the size of the tensor or on shards (torch's normal_fill, jax#40232) in
 * engine-laws.test.ts; zeros that TensorFlow.js ignores and its uncorrected variance in reference/tfjs.test.ts; lanes and
 * jumps that were long wrong (julia#42150) in xoshiro.test.ts and stream.test.ts.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFormula } from '../../src/distributions/formulas.ts'
import { decode, encode, type Dtype } from '../../src/numeric/dtypes.ts'
import {
  createEngine,
  resolveDistribution,
  DTYPES,
  normal,
  effectiveStd,
  truncatedNormal,
  uniform,
  type Strategy,
} from '../../src/index.ts'
import { compileTransform } from '../../src/distributions/transform.ts'
import { normalSurvival } from '../../src/numeric/math.ts'
import { deriveKey } from '../../src/rng/stream.ts'
import { generateRawDraws } from '../support/kernel.ts'
import { jsBackend, computeValues, wasmBackend } from '../support/transforms.ts'
import { computeTruncatedMoments, computeSampleStats } from '../support/moments.ts'
import { SAMPLED_FORMULAS, STRATEGIES, MATRIX_STRATEGIES } from '../support/strategies.ts'
import { byTier, pickByTier } from '../support/tier.ts'

/** As signed integers: 0, 2^32 - 1, the middle, and their neighbors. */
const ENDS = Int32Array.from([0, 2 ** 31, 2 ** 32].flatMap((x) => [-3, -2, -1, 0, 1, 2].map((by) => x + by)))
/** 2^18 evenly spaced draws: counts and moments of the distribution itself, without sampling error. */
const EVEN_DRAWS = Int32Array.from({ length: 2 ** 18 }, (_, k) => 16384 * k + 8192)

const engine = await createEngine()
const drawn = (strategy: Strategy, count: number, name = 'w', seed: number | string = 1) => {
  const data = new Float32Array(count)
  engine.fillSync(data, strategy, { seed, name })
  return data
}
const mapFor = (strategy: Strategy, dtype: Dtype) => {
  const distribution = resolveDistribution(strategy, [64, 64])
  if ('shape' in distribution || distribution.type === 'constant' || distribution.type === 'zeroRows') {
    throw new Error('it is not drawn by a map')
  }
  return compileTransform(distribution, dtype)
}
const MAPPED = STRATEGIES.filter(([, strategy]) => {
  const distribution = resolveDistribution(strategy, [64, 64])
  return distribution.type !== 'constant' && !('std' in distribution && distribution.std === 0)
})

/** The value of the dtype nearest to x. */
const nearest = (dtype: Dtype, x: number) =>
  dtype === 'f32' ? Math.fround(x) : decode(dtype, encode(dtype, x))

describe('uniforms', () => {
  it.each(DTYPES)('never equal their high, in %s, for any draw (pytorch#2740, #96947, #197079)', (dtype) => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
    const interval = fc.tuple(
      fc.oneof(number(-1, 1), number(-400, 400), fc.constantFrom(-1, 0, 0.5, 1)),
      fc.oneof(number(1e-6, 1e-2), number(0.01, 40), fc.constantFrom(2 ** -10, 0.5, 1, 2)),
    )
    fc.assert(
      fc.property(interval, ([low, width]) => {
        const high = low + width
        for (const engine of [wasmBackend, jsBackend]) {
          let values: Float64Array
          try {
            values = computeValues(
              engine,
              compileTransform({ type: 'uniform', low, high }, dtype),
              dtype,
              ENDS,
            )
          } catch (error) {
            return fc.pre(!(error instanceof RangeError)) // no value of the dtype lies in the interval
          }
          expect(values.every((x) => x >= low && x < high)).toBe(true)
        }
      }),
      { numRuns: byTier(100, 500) },
    )
  })

  it('have all 24 bits (numpy#17478, #20314)', () => {
    const upper = drawn(uniform(), 2 ** 18).filter((x) => x >= 0.5)
    expect(upper.every((x) => Number.isInteger(x * 2 ** 24))).toBe(true)
    // From 2^30 on f is a multiple of half a step of the sum, and ties go to even: the last bit is set in 1/4 of
    // [3/4, 1), likewise in 3/8 of [5/8, 3/4), and so on
    const odd = upper.filter((x) => (x * 2 ** 24) % 2 === 1).length / upper.length
    const expected = 1 / 3
    expect(Math.abs(odd - expected) / Math.sqrt((expected * (1 - expected)) / upper.length)).toBeLessThan(5)
  })
})

describe('the smallest and largest integers', () => {
  it.each(MAPPED)(
    'give finite values of %s (Box–Muller of 0: CUDA.jl#1464, csound#3164, vowpal_wabbit#1833, omnetpp#43)',
    (_, strategy) => {
      for (const dtype of DTYPES) {
        for (const engine of [wasmBackend, jsBackend]) {
          expect(computeValues(engine, mapFor(strategy, dtype), dtype, ENDS).every(Number.isFinite)).toBe(
            true,
          )
        }
      }
    },
  )

  it.each(SAMPLED_FORMULAS)('give finite values of %s', (_, strategy, shape) => {
    const { evaluate, maxAbs } = compileFormula(resolveDistribution(strategy, shape) as never)
    for (const u of [2 ** -33, 0.5, 1 - 2 ** -33])
      expect(Math.abs(evaluate(0, u))).toBeLessThanOrEqual(maxAbs)
  })
})

describe('the tails of normals', () => {
  it.each(DTYPES)(
    'contain the expected number of values in %s, to the last value (pytorch#166853)',
    (dtype) => {
      for (const engine of [wasmBackend, jsBackend]) {
        const values = computeValues(engine, mapFor(normal(), dtype), dtype, EVEN_DRAWS)
        for (const t of [2, 3, 3.5, 4]) {
          // values beyond t round to the next value of the dtype or further
          const next = dtype === 'f32' ? t : decode(dtype, encode(dtype, t) + 1)
          const expected = EVEN_DRAWS.length * normalSurvival((t + next) / 2)
          for (const sign of [1, -1]) {
            const count = values.filter((x) => sign * x > t).length
            expect(Math.abs(count - expected), `${sign * t}`).toBeLessThan(2 + 2e-5 * expected)
          }
        }
        const [last, first] = computeValues(engine, mapFor(normal(), dtype), dtype, Int32Array.of(0, -1))
        expect([last, first]).toEqual([1, -1].map((sign) => nearest(dtype, sign * 6.3379574)))
      }
    },
  )

  it('have no seam where a ziggurat would (bmad-ecosystem#2075), on both sides (ng-numpy-randomstate#67)', () => {
    const values = computeValues(wasmBackend, mapFor(normal(), 'f32'), 'f32', EVEN_DRAWS)
    for (const seam of [3.4426198558966519, 3.6541528853610088]) {
      for (let z = seam - 0.2; z < seam + 0.2; z += 0.02) {
        const expected = EVEN_DRAWS.length * normalSurvival(z)
        const counts = [values.filter((x) => x > z).length, values.filter((x) => x < -z).length]
        for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(1.5)
      }
    }
  })
})

describe('truncated normals', () => {
  const STDS = byTier([1e-4, 0.3, 3], [1e-4, 1e-3, 0.02, 0.3, 1, 3])
  it.each(['f32', 'bf16', 'f16'] as const)(
    'on the absolute bounds of PyTorch have the exact moments in %s, for any small std (pytorch#145498, #155588, torchtitan#2269)',
    (dtype) => {
      for (const std of STDS) {
        const values = computeValues(
          wasmBackend,
          mapFor(truncatedNormal({ std, low: -2, high: 2 }), dtype),
          dtype,
          EVEN_DRAWS,
        )
        const { mean, std: spread, kurtosis, min, max } = computeSampleStats(values)
        expect(Math.abs(mean) / std).toBeLessThan(1e-6)
        const sigmas = 2 / std
        expect(spread / std / Math.sqrt(computeTruncatedMoments(-sigmas, sigmas).variance)).toBeCloseTo(1, 3)
        expect(Math.max(-min, max)).toBeLessThanOrEqual(Math.min(2, 6.36 * std))
        if (std <= 0.3) expect(kurtosis).toBeCloseTo(3, 1) // not 28122
      }
    },
  )

  it.each([
    [5, 6],
    [-6, -5],
    [4, Infinity],
    [-Infinity, -5.5],
    [3, 4],
  ])(
    'on [%d, %d], far from the mean, are finite, within bounds and have the right mean (jax#4559, #4548, #10951)',
    (low, high) => {
      const bounds = { ...(low > -Infinity && { low }), ...(high < Infinity && { high }) }
      for (const engine of [wasmBackend, jsBackend]) {
        for (const dtype of byTier(['f32'] as const, ['f32', 'bf16', 'f16'] as const)) {
          const map = mapFor(truncatedNormal(bounds), dtype)
          const ends = computeValues(engine, map, dtype, ENDS)
          expect(ends.every((x) => Number.isFinite(x) && x >= low && x <= high)).toBe(true)
          const { mean } = computeSampleStats(computeValues(engine, map, dtype, EVEN_DRAWS))
          // a narrow dtype clamps at its bounds, and rounds to its own steps between them
          expect(Math.abs(mean - computeTruncatedMoments(low, high).mean)).toBeLessThan(
            dtype === 'bf16' ? 2e-3 : 2e-4,
          )
        }
      }
    },
  )
})

describe('draws', () => {
  it('are used once: nearby values are independent in every pair of a grid (golang#8731)', () => {
    const [cells, count] = [32, byTier(2 ** 17, 2 ** 19)]
    const place = drawn(normal(), count + 8192, 'pairs').map((z) =>
      Math.min(cells - 1, Math.floor(cells * (1 - normalSurvival(z)))),
    )
    for (const lag of pickByTier(3, [1, 2, 3, 4, 8, 8192])) {
      const grid = new Float64Array(cells * cells)
      for (let i = 0; i < count; i++) grid[cells * place[i] + place[i + lag]]++
      const expected = count / grid.length
      const chi2 = grid.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
      const free = grid.length - 1
      expect(Math.abs(chi2 - free), `lag ${lag}`).toBeLessThan(6 * Math.sqrt(2 * free))
    }
  })

  it('are used once: the sign, the magnitude and the last bits of a normal are independent (golang#8731)', () => {
    const counts = new Float64Array(2 * 16 * 16)
    const data = drawn(normal(), 2 ** 19, 'bits')
    const bits = new Uint32Array(data.buffer)
    let used = 0
    for (const [i, x] of data.entries()) {
      if (Math.abs(x) < 0.5 || Math.abs(x) >= 2) continue // where the dtype's steps are far finer than those of the draws
      const size = Math.floor(((0.3085375387 - normalSurvival(Math.abs(x))) / 0.2857874067) * 16)
      counts[256 * (x < 0 ? 1 : 0) + 16 * Math.min(15, Math.max(0, size)) + (bits[i] & 15)]++
      used++
    }
    const chi2 = counts.reduce((sum, n) => sum + (n - used / 512) ** 2 / (used / 512), 0)
    expect(Math.abs(chi2 - 511)).toBeLessThan(6 * Math.sqrt(2 * 511))
  })

  it('of two seeds, names, lanes or blocks have no linear relation (julia#53408)', () => {
    const streams = (name: string, seed: number, first = 0) =>
      generateRawDraws(deriveKey(seed, name), first, 2 ** 13)
    const squares = [
      [streams('w0', 0), streams('w0', 1), streams('w1', 0), streams('w1', 1)],
      [0, 1, 2, 3].map((block) => streams('w0', 0, 8192 * block)),
    ]
    for (const [a, b, c, d] of squares) {
      for (const combine of [
        (i: number) => (a[i] - b[i] - c[i] + d[i]) >>> 0,
        (i: number) => (a[i] ^ b[i] ^ c[i] ^ d[i]) >>> 0,
      ]) {
        expect(new Set(Array.from(a, (_, i) => combine(i))).size).toBeGreaterThan(a.length - 20)
      }
    }
  })
})

describe('a seed', () => {
  it.each([
    ...MAPPED.map(([name, strategy]) => [name, strategy, [64, 64]] as const),
    ...[...SAMPLED_FORMULAS, ...MATRIX_STRATEGIES].map(
      ([name, strategy, shape]) => [name, strategy, shape] as const,
    ),
  ])(
    'and a name change the values of %s, including the seed 0 (tfjs#7104, #7108, #7376, tfjs-core#415)',
    async (_, strategy, shape) => {
      const made = async (seed: number | string, name = 'w') =>
        (await engine.tensor(shape, strategy, { seed, name })).data as Float32Array
      const zero = await made(0)
      expect(await made(0)).toEqual(zero)
      for (const other of [await made(1), await made('00'), await made(0, 'v')]) {
        const [same, drawn] = [(x: number, i: number) => x !== 0 && x === zero[i], (x: number) => x !== 0]
        expect(other.filter(same).length).toBeLessThan(zero.filter(drawn).length / 100)
      }
      const { std } = computeSampleStats(Float64Array.from(zero)) // not nearly all zeros
      expect(std / effectiveStd(resolveDistribution(strategy, shape))).toBeCloseTo(1, 0.7)
    },
  )
})

describe('shards', () => {
  it('of one tensor are all different, and together equal the tensor (torchtitan#3106, pytorch#196562, #196072)', async () => {
    const whole = (await engine.tensor([8, 5000], normal(), { name: 'w' })).data as Float32Array
    const shards = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const slice = [[i, i + 1] as const, [0, 5000] as const]
        return (await engine.tensor([8, 5000], normal(), { name: 'w', slice })).data as Float32Array
      }),
    )
    expect(Float32Array.from(shards.flatMap((shard) => [...shard]))).toEqual(whole)
    expect(new Set(whole).size).toBeGreaterThan(whole.length - 60) // of 51 million possible values, about thirty repeat
  })
})
