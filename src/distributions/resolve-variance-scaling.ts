/** The distribution of a variance scaling: its standard deviation from the fans. Everything here influences the stream. */

import { checkShape, throwRangeError } from '../errors/validate.ts'
import { TRUNCATED_STD } from '../numeric/truncated-normal.ts'
import { computeFans, computeFansByAxes, selectFan, type Fans } from '../strategies/fans.ts'
import type { Layout } from '../strategies/layout.ts'
import type { VarianceScalingStrategy } from '../strategies/variance-scaling.ts'
import type { SampledDistribution } from './distribution.ts'

type Shape = readonly number[] | undefined

/** std = gain sqrt(scale / n), in that order of operations; an empty fan counts as 1. */
export function resolveVarianceScaling(
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
