/** From a strategy and a shape to a distribution. The order of operations is part of `docs/reference/stream.md`. */

import { checkShape, throwRangeError } from '../errors/validate.ts'
import { TRUNCATED_STD } from '../numeric/truncated-normal.ts'
import type { ResidualNormalStrategy } from '../strategies/transformer-scaling.ts'
import { computeFans, computeFansByAxes, selectFan, type Fans } from '../strategies/fans.ts'
import type { Layout } from '../strategies/layout.ts'
import type { BaseStrategy } from '../strategies/registry.ts'
import { parseStrategy, type StrategyInput } from '../strategies/strategy.ts'
import type { VarianceScalingStrategy } from '../strategies/variance-scaling.ts'
import type { ZeroRowsStrategy } from '../strategies/zero-rows.ts'
import type {
  BaseDistribution,
  Distribution,
  SampledDistribution,
  ZeroRowsDistribution,
} from './distribution.ts'
import { bindFormulaShape } from './formulas.ts'
import { bindMatrixShape, isMatrixStrategy } from './matrix-plan.ts'

type Shape = readonly number[] | undefined

/**
 * The distribution of a strategy's values for a shape.
 *
 * @param input A strategy, its name or its data.
 * @param shape The dimensions of the tensor. Required by strategies that read it.
 * @param layout The order of the axes, for strategies that read fans and do not set it. Default 'oi'.
 * @returns The distribution, as plain data.
 * @throws TypeError or RangeError if the input is not a strategy or does not fit the shape.
 * @example
 * import { resolveDistribution } from 'simdinit'
 * console.log(resolveDistribution('lecunNormal', [3, 4])) // { type: 'normal', mean: 0, std: 0.5 }
 */
export function resolveDistribution(
  input: StrategyInput,
  shape?: readonly number[],
  layout: Layout = 'oi',
): Distribution {
  const strategy = parseStrategy(input)
  return strategy.type === 'zeroRows'
    ? resolveZeroRows(strategy, shape, layout)
    : resolveBase(strategy, shape, layout)
}

function resolveBase(strategy: BaseStrategy, shape: Shape, layout: Layout): BaseDistribution {
  switch (strategy.type) {
    case 'zeros':
      return { type: 'constant', value: 0 }
    case 'ones':
      return { type: 'constant', value: 1 }
    case 'constant':
    case 'normal':
    case 'uniform':
    case 'truncatedNormal':
      return strategy
    case 'residualNormal':
      return resolveResidualNormal(strategy)
    case 'varianceScaling':
      return resolveVarianceScaling(strategy, shape, layout)
    default:
      return isMatrixStrategy(strategy)
        ? bindMatrixShape(strategy, shape, layout)
        : bindFormulaShape(strategy, shape, layout)
  }
}

function resolveZeroRows(
  { rows, strategy }: ZeroRowsStrategy,
  shape: Shape,
  layout: Layout,
): ZeroRowsDistribution {
  if (shape === undefined || shape.length === 0) {
    throwRangeError('shape', 'one dimension or more, since the strategy reads rows', shape)
  }
  const [height, ...rest] = shape
  if (rows.some((row) => row >= height)) throwRangeError('rows', `below ${height}`, rows)
  const of = resolveBase(strategy, shape, layout)
  return { type: 'zeroRows', rows, height, width: checkShape('shape', rest), of }
}

function resolveResidualNormal({ std, layers }: ResidualNormalStrategy): SampledDistribution {
  if (layers === undefined) {
    throwRangeError('layers', 'set, unless the plan of a model fills it in', layers)
  }
  return { type: 'normal', mean: 0, std: std / Math.sqrt(2 * layers) }
}

/** std = gain sqrt(scale / n), in that order of operations; an empty fan counts as 1. */
function resolveVarianceScaling(
  strategy: VarianceScalingStrategy,
  shape: Shape,
  layout: Layout,
): SampledDistribution {
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

/** The fans that the strategy sets, else those of the shape. */
function resolveFans(strategy: VarianceScalingStrategy, shape: Shape, layout: Layout): Fans {
  const { fanIn, fanOut } = strategy
  const missing = findMissingFan(strategy)
  if (missing === undefined) return { fanIn: fanIn ?? 1, fanOut: fanOut ?? 1 }
  if (shape === undefined) {
    throwRangeError('shape', `the dimensions of the tensor, since the strategy reads ${missing}`, shape)
  }
  const fans = computeShapeFans(strategy, shape, layout)
  return { fanIn: fanIn ?? fans.fanIn, fanOut: fanOut ?? fans.fanOut }
}

/** A fan that the mode reads and the strategy does not set. */
function findMissingFan({ mode, fanIn, fanOut }: VarianceScalingStrategy): keyof Fans | undefined {
  if (mode !== 'fanOut' && fanIn === undefined) return 'fanIn'
  if (mode !== 'fanIn' && fanOut === undefined) return 'fanOut'
  return undefined
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
