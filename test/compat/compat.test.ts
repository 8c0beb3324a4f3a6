/**
 * The names that other frameworks have for strategies: each gives what the framework draws, according to its source.
 * test/reference compares with the frameworks themselves.
 */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as jax from '../../src/compat/jax.ts'
import * as keras from '../../src/compat/keras.ts'
import * as tfjs from '../../src/compat/tfjs.ts'
import * as torch from '../../src/compat/torch.ts'
import * as simdinit from '../../src/index.ts'
import { parseStrategy, resolveDistribution, effectiveStd, type Strategy } from '../../src/index.ts'
// @ts-expect-error plain JavaScript, without types
import { FRAMEWORKS } from '../../scripts/docs/strategy-mapping.mjs'

const std = (strategy: Strategy, shape: number[]) => effectiveStd(resolveDistribution(strategy, shape))

/** Shapes that fit every expression of the table. */
const SHAPES: Record<string, number[]> = {
  bilinear: [2, 2, 4, 4],
  dirac: [8, 4, 3],
  deltaOrthogonal: [3, 4, 8],
  stft: [8, 1, 5],
  forgetGateBias: [16],
}

describe('the initializers of seven frameworks', () => {
  const rows = Object.entries(FRAMEWORKS as Record<string, [string, string][]>).flatMap(([framework, list]) =>
    list.map(([theirs, here]) => [framework, theirs, here] as const),
  )
  const expressions = rows.flatMap(([framework, theirs, here]) => {
    const code = /^`([^`]+)`/.exec(here)?.[1]
    return code ? [[framework, theirs, code] as const] : []
  })

  it('each have an expression here, or a reason', () => {
    expect(Object.keys(FRAMEWORKS as object)).toHaveLength(7)
    for (const [, theirs, here] of rows) {
      expect([theirs, here.length > 5 && !here.includes('to come')]).toEqual([theirs, true])
    }
    expect(expressions.length).toBeGreaterThan(80)
  })

  it.each(expressions)('%s, %s: %s is a strategy', (_, __, code) => {
    const scope = { ...simdinit, torch, keras, jax, tfjs }
    const strategy = new Function(...Object.keys(scope), `return ${code}`)(
      ...Object.values(scope),
    ) as Strategy
    expect(parseStrategy(JSON.parse(JSON.stringify(strategy)))).toEqual(strategy)
    resolveDistribution(strategy, SHAPES[strategy.type] ?? [6, 4])
  })

  it('are listed in docs/reference/strategies.md', async () => {
    // @ts-expect-error plain JavaScript, without types
    const { generatePage } = (await import('../../scripts/docs/strategies-page.mjs')) as {
      generatePage: () => string
    }
    expect(readFileSync('docs/reference/strategies.md', 'utf8')).toBe(generatePage())
  })
})

describe('the compatibility modules', () => {
  it.each([
    ['torch', torch.xavier_normal_(), [3072, 768], 0.02282177323],
    ['torch', torch.kaiming_normal_(), [3072, 768], 0.05103103631],
    ['torch', torch.kaiming_normal_({ mode: 'fan_out' }), [3072, 768], 0.02551551815],
    ['torch', torch.kaiming_normal_(), [64, 3, 7, 7], 0.1166423687],
    ['torch', torch.kaiming_uniform_({ a: Math.sqrt(5) }), [64, 3, 7, 7], 0.08247860988 / Math.sqrt(3)],
    ['keras', keras.GlorotNormal(), [7, 7, 3, 64], 0.02468195502],
    ['keras', keras.HeNormal(), [7, 7, 3, 64], 0.1166423687],
    ['keras', keras.LecunUniform(), [768, 3072], 0.0625 / Math.sqrt(3)],
    ['keras', keras.HeNormal(), [768], 0.05103103631],
    ['keras', keras.TruncatedNormal(), [1], 0.05 * 0.87962566103423978],
    ['jax', jax.glorot_uniform(), [768, 3072], 0.03952847075 / Math.sqrt(3)],
    ['jax', jax.he_normal({ in_axis: 1, out_axis: 0 }), [3072, 768], 0.05103103631],
    ['jax', jax.lecun_normal({ in_axis: -2, out_axis: -1, batch_axis: 0 }), [12, 768, 64], 0.03608439182],
    [
      'jax',
      jax.variance_scaling({ scale: 1, mode: 'fan_geo_avg', distribution: 'normal' }),
      [4, 16],
      1 / Math.sqrt(8),
    ],
    ['tfjs', tfjs.leCunNormal(), [768, 3072], 0.03174075701],
    ['tfjs', tfjs.heNormal(), [256], 0.87962566103423978 * Math.sqrt(2 / 16)],
  ])('%s: %j of %j has the published standard deviation', (_, strategy, shape, expected) => {
    expect(std(strategy, shape) / expected).toBeCloseTo(1, 8)
  })

  it.each([
    [[], 1, 1],
    [[1], 1, 1],
    [[7], 7, Math.sqrt(7)],
    [[0], 1, 1],
  ])('compute the fans of vectors and scalars as Keras and TensorFlow.js do: %j', (shape, size, root) => {
    expect(std(keras.HeNormal(), shape)).toBeCloseTo(Math.sqrt(2 / size), 12)
    expect(std(keras.GlorotUniform(), shape)).toBeCloseTo(Math.sqrt(1 / size), 12)
    expect(std(tfjs.heUniform(), shape)).toBeCloseTo(Math.sqrt(2 / root), 12)
    expect(std(tfjs.glorotNormal(), shape)).toBeCloseTo(0.87962566103423978 * Math.sqrt(1 / root), 12)
  })

  it('give the distributions of the original sources', () => {
    expect(torch.trunc_normal_()).toEqual({ type: 'truncatedNormal', mean: 0, std: 1, low: -2, high: 2 })
    expect(std(torch.xavier_uniform_({ gain: 2 }), [4, 2])).toBeCloseTo(2 / Math.sqrt(3), 12)
    expect(jax.uniform()).toEqual({ type: 'uniform', low: 0, high: 0.01 })
    expect(jax.truncated_normal({ stddev: 0.5, lower: -1, upper: 3 })).toEqual({
      type: 'truncatedNormal',
      mean: 0,
      std: 0.5,
      low: -0.5,
      high: 1.5,
    })
    expect(keras.RandomUniform()).toEqual({ type: 'uniform', low: -0.05, high: 0.05 })
    expect(keras.VarianceScaling({ distribution: 'normal' })).toEqual(keras.VarianceScaling())
    expect(tfjs.randomUniform({ minval: 0 })).toEqual({ type: 'uniform', low: 0, high: 0.05 })
    expect(keras.Constant()).toEqual(simdinit.constant({ value: 0 }))
  })

  it('compute the gains of PyTorch', () => {
    expect(torch.calculate_gain('leaky_relu')).toBe(1.4141428569978354)
    expect(torch.calculate_gain('leaky_relu', 0.2)).toBeCloseTo(1.386750491, 9)
    expect([
      torch.calculate_gain('conv2d'),
      torch.calculate_gain('selu'),
      torch.calculate_gain('tanh'),
    ]).toEqual([1, 0.75, 5 / 3])
  })

  it.each([
    [
      () => torch.kaiming_normal_({ mode: 'fan_avg' as never }),
      `"mode" must be one of 'fan_in', 'fan_out'; received "fan_avg"`,
    ],
    [() => torch.calculate_gain('gelu' as never), '"nonlinearity" must be one of'],
    [
      () => torch.xavier_normal_({ gian: 2 } as never),
      '"xavier_normal_" has no field "gian"; its fields are gain',
    ],
    [() => resolveDistribution(torch.xavier_normal_(), [5]), '"shape" must be of rank 2 or more'],
    [() => resolveDistribution(torch.kaiming_uniform_(), []), '"shape" must be of rank 2 or more'],
    [() => resolveDistribution(torch.eye_(), [3]), '"shape" must be of rank 2; received [3]'],
    [() => resolveDistribution(torch.dirac_(), [3, 3]), '"shape" must be of rank 3 to 5; received [3, 3]'],
    [
      () => resolveDistribution(jax.glorot_uniform(), []),
      '"inAxes" must be axes of a shape of rank 0; received [-2]',
    ],
    [() => torch.normal_({ std: -1 }), '"std" must be a finite number >= 0; received -1'],
    [() => torch.uniform_({ a: 1, b: 0 }), '"high" must be a number above "low" (1); received 0'],
    [() => torch.trunc_normal_({ a: 2 }), '"high" must be a number above "low" (2); received 2'],
    [
      () => keras.RandomNormal({ std: 1 } as never),
      '"RandomNormal" has no field "std"; its fields are mean, stddev',
    ],
    [() => tfjs.heNormal({ seed: 1 }), '"heNormal" has no field "seed"'],
    [() => keras.GlorotUniform({ seed: 1 }), '"GlorotUniform" has no field "seed"'],
    [() => jax.lecun_normal({ dtype: 1 } as never), '"axes" has no field "dtype"'],
    [
      () => resolveDistribution(jax.he_normal(), [5]),
      '"inAxes" must be axes of a shape of rank 1; received [-2]',
    ],
    [
      () => resolveDistribution(jax.he_normal({ in_axis: 0, out_axis: -2 }), [5, 6]),
      '"outAxes" must be axes that are named once; received [-2]',
    ],
    [() => keras.VarianceScaling({ scale: -1 }), '"scale" must be a finite number >= 0; received -1'],
  ])('%s throws a descriptive error', (make, message) => {
    expect(make).toThrow(message)
  })
})
