/**
 * Distributions: what a strategy becomes once the shape is known. A distribution needs no fans, no layout and
 * no depth; with the dtype and the key it fixes every byte.
 */

import { compileFormula, computeFormulaStd, bindFormulaShape, type FormulaDistribution } from './formulas.ts'
import { checkShape, throwRangeError } from '../errors/validate.ts'
import { selectFan, computeFansByAxes, computeFans, type Fans } from '../strategies/fans.ts'
import type { Layout } from '../strategies/layout.ts'
import { exp, normalSurvival, normalDensity } from '../numeric/math.ts'
import { parseStrategy, type StrategyInput } from '../strategies/strategy.ts'
import type { ZeroRowsStrategy } from '../strategies/zero-rows.ts'
import type { VarianceScalingStrategy } from '../strategies/variance-scaling.ts'
import { planMatrix, bindMatrixShape, type MatrixDistribution } from './matrix-plan.ts'

/** What the kernels draw. */
export type SampledDistribution =
  | { type: 'constant'; value: number }
  | { type: 'normal'; mean: number; std: number }
  | { type: 'uniform'; low: number; high: number }
  | { type: 'truncatedNormal'; mean: number; std: number; low?: number; high?: number }

/** Rows of `width` elements, those of `rows` 0, and the others of a distribution without such rows. */
export interface ZeroRowsDistribution {
  type: 'zeroRows'
  rows: readonly number[]
  height: number
  width: number
  of: SampledDistribution | FormulaDistribution | MatrixDistribution
}

export type Distribution = ZeroRowsDistribution['of'] | ZeroRowsDistribution

/**
 * The standard deviation of the standard normal cut to [-2, 2]: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)), which
 * `test/distribution.test.ts` computes. Keras and JAX use the same.
 */
export const TRUNCATED_STD = 0.87962566103423978

/**
 * The distribution of a strategy, which is checked, for a shape. `layout` fills an unset field of the strategy.
 */
export function resolveDistribution(
  input: StrategyInput,
  shape?: readonly number[],
  layout: Layout = 'oi',
): Distribution {
  const strategy = parseStrategy(input)
  switch (strategy.type) {
    case 'zeros':
      return { type: 'constant', value: 0 }
    case 'ones':
      return { type: 'constant', value: 1 }
    case 'varianceScaling':
      return resolveVarianceScaling(strategy, shape, layout)
    case 'residualNormal':
      if (strategy.layers === undefined) {
        throwRangeError(
          'layers',
          'the number of layers (a plan fills it in; elsewhere the strategy must)',
          undefined,
        )
      }
      return { type: 'normal', mean: 0, std: strategy.std / Math.sqrt(2 * strategy.layers) }
    case 'zeroRows':
      return resolveZeroRows(strategy, shape, layout)
    case 'constant':
    case 'normal':
    case 'uniform':
    case 'truncatedNormal':
      return strategy
    case 'orthogonal':
    case 'deltaOrthogonal':
    case 'sparse':
      return bindMatrixShape(strategy, shape, layout)
    default:
      return bindFormulaShape(strategy, shape, layout)
  }
}

function resolveZeroRows(
  { rows, strategy }: ZeroRowsStrategy,
  shape: readonly number[] | undefined,
  layout: Layout,
): ZeroRowsDistribution {
  if (shape === undefined || shape.length === 0) {
    throwRangeError('shape', 'the shape of the tensor, whose first axis has the rows', shape)
  }
  const [height, ...rest] = shape
  const beyond = rows.find((row) => row >= height)
  if (beyond !== undefined) throwRangeError('rows', `rows of the ${height} that there are`, rows)
  const of = resolveDistribution(strategy, shape, layout) as ZeroRowsDistribution['of']
  return { type: 'zeroRows', rows, height, width: checkShape('shape', rest), of }
}

/** std = gain sqrt(scale / n), in that order of operations; an empty fan counts as 1. */
function resolveVarianceScaling(
  strategy: VarianceScalingStrategy,
  shape: readonly number[] | undefined,
  layout: Layout,
): Distribution {
  const n = selectFan(resolveFans(strategy, shape, layout), strategy.mode)
  const std = strategy.gain * Math.sqrt(strategy.scale / Math.max(1, n))
  switch (strategy.distribution) {
    case 'normal':
      return { type: 'normal', mean: 0, std }
    case 'truncatedNormal': {
      const wide = std / TRUNCATED_STD
      return { type: 'truncatedNormal', mean: 0, std: wide, low: -2 * wide, high: 2 * wide }
    }
    case 'uniform': {
      const bound = Math.sqrt(3) * std
      return bound === 0 ? { type: 'constant', value: 0 } : { type: 'uniform', low: -bound, high: bound }
    }
  }
}

/** Which of the fans the mode reads and the strategy does not say; undefined if none. */
function findMissingFan({ mode, fanIn, fanOut }: VarianceScalingStrategy): string | undefined {
  const wanted = [
    mode !== 'fanOut' && fanIn === undefined && 'fanIn',
    mode !== 'fanIn' && fanOut === undefined && 'fanOut',
  ]
  return wanted.find((fan) => fan !== false)
}

/** The fans of a strategy: those it says, else those of the shape. */
function resolveFans(
  strategy: VarianceScalingStrategy,
  shape: readonly number[] | undefined,
  layout: Layout,
): Fans {
  const { fanIn, fanOut } = strategy
  const wanted = findMissingFan(strategy)
  if (wanted === undefined) return { fanIn: fanIn ?? 1, fanOut: fanOut ?? 1 }
  if (shape === undefined)
    throwRangeError('shape', `the tensor's shape, since the strategy reads ${wanted}`, shape)
  const ofShape = computeShapeFans(strategy, shape, layout)
  return { fanIn: fanIn ?? ofShape.fanIn, fanOut: fanOut ?? ofShape.fanOut }
}

function computeShapeFans(strategy: VarianceScalingStrategy, shape: readonly number[], layout: Layout): Fans {
  const { inAxes, outAxes, batchAxes = [], vectorFans } = strategy
  if (shape.length < 2 && vectorFans !== undefined) {
    const size = checkShape('shape', shape)
    const fan = vectorFans === 'size' ? size : Math.sqrt(size)
    return { fanIn: fan, fanOut: fan }
  }
  if (inAxes && outAxes) return computeFansByAxes(shape, { inAxes, outAxes, batchAxes })
  return computeFans(shape, strategy.layout ?? layout)
}

/** The runs of elements that are 0 by position. */
export function listZeroRanges(distribution: Distribution): { first: number; count: number }[] {
  if (distribution.type !== 'zeroRows') return []
  const { rows, width } = distribution
  return rows.map((row) => ({ first: row * width, count: width }))
}

/** The fans that a report shows for a tensor: null where the shape has none. */
export function computeReportFans(
  shape: readonly number[],
  layout: Layout,
): Fans | { fanIn: null; fanOut: null } {
  return shape.length < 2 ? { fanIn: null, fanOut: null } : computeFans(shape, layout)
}

/** The standard deviation of the values, after any cut and zero rows among them. Relative error below 1e-9. */
export function effectiveStd(distribution: Distribution): number {
  switch (distribution.type) {
    case 'zeroRows': {
      const { rows, height, of } = distribution
      const rest = height === 0 ? 0 : 1 - rows.length / height
      const mean = computeMean(of)
      return Math.sqrt(rest * (effectiveStd(of) ** 2 + (1 - rest) * mean * mean))
    }
    case 'constant':
      return 0
    case 'normal':
      return distribution.std
    case 'uniform':
      return (distribution.high - distribution.low) / Math.sqrt(12)
    case 'truncatedNormal': {
      const { mean, std, low = -Infinity, high = Infinity } = distribution
      if (std === 0) return 0
      let [a, b] = [(low - mean) / std, (high - mean) / std]
      if (a > 0) [a, b] = [-b, -a] // the mirror image, whose fractions are small numbers, not 1 - small
      if (b - a < 0.1) return std * computeNarrowStd(a, b) // the closed form would lose its digits
      const mass =
        b > 0 ? 1 - normalSurvival(-a) - normalSurvival(b) : normalSurvival(-b) - normalSurvival(-a)
      const atBounds =
        (Number.isFinite(a) ? a * normalDensity(a) : 0) - (Number.isFinite(b) ? b * normalDensity(b) : 0)
      const shift = (normalDensity(a) - normalDensity(b)) / mass
      return std * Math.sqrt(1 + atBounds / mass - shift * shift)
    }
    case 'orthogonal':
    case 'deltaOrthogonal':
    case 'sparse':
      return planMatrix(distribution).std
    default:
      return computeFormulaStd(compileFormula(distribution))
  }
}

/** The mean, of the distributions that beside zero rows need not have 0: others are taken to be centered. */
function computeMean(distribution: ZeroRowsDistribution['of']): number {
  switch (distribution.type) {
    case 'constant':
      return distribution.value
    case 'uniform':
      return (distribution.low + distribution.high) / 2
    case 'normal':
      return distribution.mean
    default:
      return 0
  }
}

/** The standard deviation of the standard normal cut to a narrow [a, b], by Simpson's rule. */
function computeNarrowStd(a: number, b: number): number {
  const panels = 64
  const h = (b - a) / panels
  const moments = [0, 0, 0] // of the distance from a, relative to the density at a
  for (let i = 0; i <= panels; i++) {
    const x = i * h
    const weight = (i === 0 || i === panels ? 1 : i % 2 ? 4 : 2) * exp(-x * (a + x / 2))
    for (let k = 0; k < 3; k++) moments[k] += weight * x ** k
  }
  const mean = moments[1] / moments[0]
  return Math.sqrt(moments[2] / moments[0] - mean * mean)
}
