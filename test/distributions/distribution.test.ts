import { describe, expect, it } from 'vitest'
import { resolveDistribution } from '../../src/distributions/resolve-distribution.ts'
import { effectiveStd } from '../../src/distributions/effective-std.ts'
import type { Distribution } from '../../src/distributions/distribution.ts'
import { FORMATS, type Dtype } from '../../src/numeric/dtypes.ts'
import {
  createEngine,
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
  normal,
  ones,
  residualNormal,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
  zeros,
  type Strategy,
} from '../../src/index.ts'
import { computeTruncatedMoments } from '../support/moments.ts'
import { rangeError } from '../support/errors.ts'

const LINEAR = [3072, 768] // fanIn 768, fanOut 3072
const CONVOLUTION = [64, 3, 7, 7] // fanIn 147, fanOut 3136

/** The standard deviation and the upper bound of a distribution, where it has them. */
function figures(strategy: Strategy, shape: number[]): { std?: number; high?: number } {
  return resolveDistribution(strategy, shape) as { std?: number; high?: number }
}

describe('published reference values', () => {
  it.each([
    ['Glorot normal', xavierNormal(), LINEAR, 0.02282177323],
    ['He fanIn', heNormal(), LINEAR, 0.05103103631],
    ['He fanOut', heNormal({ mode: 'fanOut' }), LINEAR, 0.02551551815],
    ['LeCun', lecunNormal(), LINEAR, 0.03608439182],
    ['He fanIn of a convolution', heNormal(), CONVOLUTION, 0.1166423687],
    ['He fanOut of a convolution', heNormal({ mode: 'fanOut' }), CONVOLUTION, 0.02525381361],
    ['Glorot of a convolution', xavierNormal(), CONVOLUTION, 0.02468195502],
    ['Glorot before truncation', xavierTruncatedNormal(), LINEAR, 0.02594486978],
    ['He before truncation', heTruncatedNormal(), LINEAR, 0.05801449249],
  ])('%s has its standard deviation', (_, strategy, shape, std) => {
    expect(figures(strategy, shape).std! / std).toBeCloseTo(1, 9)
  })

  it.each([
    ['Glorot', xavierUniform(), LINEAR, 0.03952847075],
    ['He', heUniform(), LINEAR, 0.08838834765],
    ['LeCun', lecunUniform(), LINEAR, 0.0625],
    // torch's own default, kaiming_uniform_(a = sqrt 5): 1 / sqrt(fanIn)
    ['torch Conv2d', heUniform({ gain: Math.sqrt(1 / 6) }), CONVOLUTION, 0.08247860988],
  ])('%s uniform has its bound', (_, strategy, shape, bound) => {
    const { low, high } = resolveDistribution(strategy, shape) as { low: number; high: number }
    expect(high / bound).toBeCloseTo(1, 9)
    expect(low).toBe(-high)
  })

  it.each([
    [12, 0.004082482905],
    [24, 0.002886751346],
    [36, 0.002357022604],
    [48, 0.002041241452],
  ])('the residual projections of GPT-2 with %d layers have their standard deviation', (layers, std) => {
    expect(figures(residualNormal({ std: 0.02, layers }), []).std! / std).toBeCloseTo(1, 9)
  })

  it('a truncated normal is cut at two standard deviations of a wider normal, and has the requested std after truncation', () => {
    for (const [narrow, plain] of [
      [xavierTruncatedNormal, xavierNormal],
      [heTruncatedNormal, heNormal],
      [lecunTruncatedNormal, lecunNormal],
    ] as const) {
      const distribution = resolveDistribution(narrow(), LINEAR) as { std: number; low: number; high: number }
      expect([distribution.low, distribution.high]).toEqual([-2 * distribution.std, 2 * distribution.std])
      expect(effectiveStd(resolveDistribution(narrow(), LINEAR)) / figures(plain(), LINEAR).std!).toBeCloseTo(
        1,
        12,
      )
    }
  })

  it('every mode and distribution of variance scaling has the same std', () => {
    for (const mode of ['fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg'] as const) {
      const n = { fanIn: 768, fanOut: 3072, fanAvg: 1920, fanGeoAvg: 1536 }[mode]
      for (const distribution of ['normal', 'truncatedNormal', 'uniform'] as const) {
        const strategy = varianceScaling({ scale: 3, mode, distribution, gain: 7 })
        expect(effectiveStd(resolveDistribution(strategy, LINEAR)) / (7 * Math.sqrt(3 / n))).toBeCloseTo(
          1,
          12,
        )
      }
    }
  })

  it('the std is sqrt(2 / n) to the last bit', () => {
    for (let n = 1; n < 3000; n++) {
      expect(figures(heNormal({ fanIn: n }), []).std).toBe(Math.sqrt(2 / n))
    }
  })

  it('a gain of 0 gives zeros', () => {
    for (const make of [heNormal, heTruncatedNormal, heUniform]) {
      const distribution = resolveDistribution(make({ gain: 0 }), LINEAR)
      expect(effectiveStd(distribution)).toBe(0)
    }
    expect(resolveDistribution(heUniform({ gain: 0 }), LINEAR)).toEqual({ type: 'constant', value: 0 })
  })

  it('zeros and ones are constants, and strategies with explicit parameters keep them', () => {
    expect(resolveDistribution(zeros())).toEqual({ type: 'constant', value: 0 })
    expect(resolveDistribution(ones())).toEqual({ type: 'constant', value: 1 })
    for (const strategy of [normal(), uniform(), truncatedNormal({ low: 0 })]) {
      expect(resolveDistribution(strategy)).toEqual(strategy)
    }
  })

  it('a residual strategy without a number of layers throws', () => {
    expect(() => resolveDistribution(residualNormal({ std: 0.02 }))).toThrow(
      rangeError('"layers" must be set, unless the plan of a model fills it in; received undefined'),
    )
  })
})

describe('textbook formulas', () => {
  const [D, H] = [784, 256]
  const shape = [D, H]
  const options = { seed: 42, name: 'W', layout: 'io' } as const

  /** The standard normals of the same draws, and the weights of a strategy. */
  async function both(strategy: Strategy): Promise<[Float32Array, Float32Array]> {
    const engine = await createEngine()
    const randn = await engine.tensor(shape, normal(), options)
    const w = await engine.tensor(shape, strategy, options)
    return [randn.data as Float32Array, w.data as Float32Array]
  }

  it.each([
    ['0.01 * randn(D, H)', normal({ std: 0.01 }), 0.01],
    ['randn(D, H) / sqrt(D)', xavierNormal({ mode: 'fanIn', layout: 'io' }), 1 / Math.sqrt(D)],
    ['randn(D, H) * sqrt(2 / D)', heNormal({ layout: 'io' }), Math.sqrt(2 / D)],
  ])('%s: each weight is the standard normal of its draw times the factor', async (_, strategy, factor) => {
    const [randn, w] = await both(strategy)
    // two roundings on each side, of the scale and of the product, each to 2^-24
    const worst = w.reduce((most, x, i) => Math.max(most, Math.abs(x / (randn[i] * factor) - 1)), 0)
    expect(worst).toBeLessThan(4 * 2 ** -24)
  })

  it('zeros: every weight is +0', async () => {
    const [, w] = await both(zeros())
    expect(w).toHaveLength(D * H)
    expect(w.every((x) => Object.is(x, 0))).toBe(true)
  })
})

function cut(low: number, high: number): Distribution {
  return { type: 'truncatedNormal', mean: 0, std: 2, low, high }
}

describe('the effective standard deviation', () => {
  it('of the standard normal truncated to [-2, 2] is the constant of Keras and JAX', () => {
    const { variance } = computeTruncatedMoments(-2, 2)
    expect(Math.sqrt(variance)).toBeCloseTo(0.87962566103423978, 12)
    const wide = (resolveDistribution(heTruncatedNormal({ fanIn: 2 })) as { std: number }).std
    expect(1 / wide).toBeCloseTo(Math.sqrt(variance), 12)
  })

  it.each([
    [1, 0.53956009375489689],
    [1.5, 0.74264689843932641],
    [2, 0.87962566103423978],
    [2.5, 0.95459748634458064],
    [3, 0.98657839255810864],
    [4, 0.99946450180707958],
    [5, 0.99999256637053524],
  ])('of the normal truncated at %d standard deviations is the published one', (k, std) => {
    expect(effectiveStd({ type: 'truncatedNormal', mean: 0, std: 1, low: -k, high: k })).toBeCloseTo(std, 13)
  })

  it.each([
    [-1, 3],
    [0, 1],
    [3, 4],
    [5, 6],
    [-6, -5],
    [-0.5, 0.5],
    [0, Infinity],
    [-Infinity, 1],
    [2, Infinity],
    [-Infinity, -4],
    [-Infinity, Infinity],
  ])('of a normal truncated to [%d, %d] equals the integral', (low, high) => {
    const [mean, std] = [0.7, 0.03]
    const bounds = {
      ...(Number.isFinite(low) && { low: mean + low * std }),
      ...(Number.isFinite(high) && { high: mean + high * std }),
    }
    const expected = std * Math.sqrt(computeTruncatedMoments(low, high).variance)
    const found = effectiveStd({ type: 'truncatedNormal', mean, std, ...bounds })
    expect(found / expected).toBeCloseTo(1, 9)
  })

  it('is the same for a mirrored interval', () => {
    expect(effectiveStd(cut(1, 5))).toBe(effectiveStd(cut(-5, -1)))
    const sliver: Distribution = { type: 'truncatedNormal', mean: 0, std: 1, low: 5, high: 5.0011 }
    expect(effectiveStd(sliver) / 3.175424014562762e-4).toBeCloseTo(1, 11) // by mpmath, from the density
  })

  it('of the other distributions follows their formula', () => {
    expect(effectiveStd({ type: 'constant', value: 5 })).toBe(0)
    expect(effectiveStd({ type: 'normal', mean: 5, std: 0.3 })).toBe(0.3)
    expect(effectiveStd({ type: 'uniform', low: -1, high: 2 })).toBe(3 / Math.sqrt(12))
    expect(effectiveStd({ type: 'truncatedNormal', mean: 1, std: 0 })).toBe(0)
  })
})

describe('a distribution that a dtype cannot hold, or that no draw can satisfy', () => {
  const f16 = { name: 'w', dtype: 'f16' } as const
  const f32 = { name: 'w', dtype: 'f32' } as const
  const bf16 = { name: 'w', dtype: 'bf16' } as const
  const e4m3 = { name: 'w', dtype: 'f8_e4m3' } as const
  const e5m2 = { name: 'w', dtype: 'f8_e5m2' } as const
  it.each<[string, Strategy, { name: string; dtype: Dtype }, string]>([
    [
      'a normal too wide for f16',
      normal({ std: 20000 }),
      f16,
      'values up to 126760 exceed the range of f16, whose largest value is 65504',
    ],
    [
      'a constant too large for f16',
      { type: 'constant', value: -70000 },
      f16,
      'values up to 70000 exceed the range of f16, whose largest value is 65504',
    ],
    [
      'a bound too large for f16',
      uniform({ low: 0, high: 65505 }),
      f16,
      'values up to 65505 exceed the range of f16, whose largest value is 65504',
    ],
    [
      'a constant too large for f32',
      { type: 'constant', value: 3.5e38 },
      f32,
      'values up to 3.5e+38 exceed the range of f32, whose largest value is 3.4028234663852886e+38',
    ],
    [
      'a constant too large for bf16',
      { type: 'constant', value: 3.4e38 },
      bf16,
      'values up to 3.4e+38 exceed the range of bf16, whose largest value is 3.3895313892515355e+38',
    ],
    [
      'a normal too wide for f8_e4m3',
      normal({ std: 100 }),
      e4m3,
      'values up to 633.8 exceed the range of f8_e4m3, whose largest value is 448',
    ],
    [
      'a uniform too wide for f8_e5m2',
      uniform({ low: -6e4, high: 0 }),
      e5m2,
      'values up to 60000 exceed the range of f8_e5m2, whose largest value is 57344',
    ],
    [
      'a std too small to draw',
      normal({ std: 1e-40 }),
      f32,
      '"std" must be 0 or a number from 2^-90 to 2^90; received 1e-40',
    ],
    [
      'an interval between two values of f16',
      uniform({ low: 1.0001, high: 1.0002 }),
      f16,
      '"high" must be large enough for a f16 value between "low" (1.0001) and it; received 1.0002',
    ],
    [
      'an interval between two values of f16, of a normal',
      truncatedNormal({ low: 1.0001, high: 1.0002 }),
      f16,
      '"high" must be large enough for a f16 value between "low" (1.0001) and it; received 1.0002',
    ],
    [
      'an interval far out',
      truncatedNormal({ low: 7, high: 8 }),
      f32,
      'the interval holds no probability mass: "low" 7 to "high" 8',
    ],
    [
      'a mean outside, without spread',
      truncatedNormal({ std: 0, low: 1 }),
      f32,
      'the interval holds no probability mass: "low" 1 to "high" Infinity',
    ],
  ])('throws before a byte is written: %s', async (_, strategy, options, message) => {
    const engine = await createEngine()
    const target = new FORMATS[options.dtype].arrayType(9).fill(5)
    expect(() => engine.fillSync(target, strategy, options)).toThrow(rangeError(message))
    expect(() => engine.fillSync(target, strategy, options)).toThrow(RangeError)
    expect([...target]).toEqual(Array.from({ length: 9 }, () => 5))
  })
})
