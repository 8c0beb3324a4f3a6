/**
 * `tf.initializers` of TensorFlow.js by their own names and conventions, as strategies, with what it really draws:
 * "normal" among the scaled ones is truncated at two standard deviations and not widened, so that the realised
 * standard deviation is 0.88 of the one that is asked for. Channels are last; vectors have the root of their size
 * as both fans. A 0 is taken as 0. Source: tfjs-layers/src/initializers.ts, 4.22.
 */

import { identity as identityOf } from '../computed/strategies.ts'
import { anObject, oneOf } from '../errors.ts'
import type { FanMode } from '../fans.ts'
import {
  constant as constantOf,
  normal,
  truncatedNormal as truncatedNormalOf,
  uniform,
  varianceScaling as scalingOf,
  type Strategy,
} from '../strategies.ts'
import { orthogonal as orthogonalOf } from '../structured/strategies.ts'

export { ones, zeros } from '../strategies.ts'

export function constant(options: { value: number }): Strategy {
  return constantOf(options)
}

export function identity(options: { gain?: number } = {}): Strategy {
  return identityOf(options)
}

export function randomUniform(options: { minval?: number; maxval?: number } = {}): Strategy {
  const { minval = -0.05, maxval = 0.05 } = anObject('randomUniform', options, ['minval', 'maxval'])
  return uniform({ low: minval as number, high: maxval as number })
}

export function randomNormal(options: { mean?: number; stddev?: number } = {}): Strategy {
  const { mean = 0, stddev = 0.05 } = anObject('randomNormal', options, ['mean', 'stddev'])
  return normal({ mean: mean as number, std: stddev as number })
}

/** N(mean, stddev^2) cut at two standard deviations. */
export function truncatedNormal(options: { mean?: number; stddev?: number } = {}): Strategy {
  const { mean = 0, stddev = 0.05 } = anObject('truncatedNormal', options, ['mean', 'stddev'])
  return truncatedNormalOf({ mean: mean as number, std: stddev as number, sigmas: 2 })
}

/** A matrix with orthonormal rows or columns, whichever are fewer. */
export function orthogonal(options: { gain?: number } = {}): Strategy {
  const { gain = 1 } = anObject('orthogonal', options, ['gain'])
  return orthogonalOf({ gain: gain as number, axis: -1 })
}

const MODES: readonly FanMode[] = ['fanIn', 'fanOut', 'fanAvg']
type Mode = 'fanIn' | 'fanOut' | 'fanAvg'

export function varianceScaling(
  options: { scale?: number; mode?: Mode; distribution?: 'normal' | 'uniform' } = {},
): Strategy {
  const o = anObject('varianceScaling', options, ['scale', 'mode', 'distribution'])
  const { scale = 1, mode = 'fanIn', distribution = 'normal' } = o
  const law = oneOf('distribution', distribution, ['normal', 'uniform'])
  return scaled(scale as number, oneOf('mode', mode, MODES), law)
}

export const glorotNormal = () => scaled(1, 'fanAvg', 'normal')
export const glorotUniform = () => scaled(1, 'fanAvg', 'uniform')
export const heNormal = () => scaled(2, 'fanIn', 'normal')
export const heUniform = () => scaled(2, 'fanIn', 'uniform')
export const leCunNormal = () => scaled(1, 'fanIn', 'normal')
export const leCunUniform = () => scaled(1, 'fanIn', 'uniform')

/** The standard deviation of the standard normal cut to [-2, 2]. */
const TRUNCATED_STD = 0.87962566103423978

function scaled(scale: number, mode: FanMode, law: 'normal' | 'uniform'): Strategy {
  const common = { scale, mode, layout: 'io', lowRank: 'root' } as const
  if (law === 'uniform') return scalingOf({ ...common, distribution: 'uniform' })
  return scalingOf({ ...common, distribution: 'truncatedNormal', gain: TRUNCATED_STD })
}
