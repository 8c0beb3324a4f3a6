/**
 * `tf.initializers` of TensorFlow.js by their own names and conventions, as strategies, with what it really draws:
 * "normal" among the scaled ones is truncated at two standard deviations and not widened, so that the realised
 * standard deviation is 0.88 of the one that is asked for. Channels are last; vectors have the root of their size
 * as both fans. A 0 is taken as 0. Source: tfjs-layers/src/initializers.ts, 4.22.
 */

import { identity as identityOf } from '../strategies/formula-strategies.ts'
import { checkObject, checkOneOf } from '../errors/validate.ts'
import { TRUNCATED_STD } from '../numeric/truncated-normal.ts'
import type { FanMode } from '../strategies/fans.ts'
import {
  constant as constantOf,
  normal,
  truncatedNormal as truncatedNormalOf,
  uniform,
} from '../strategies/elementary.ts'
import { varianceScaling as scalingOf } from '../strategies/variance-scaling.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { orthogonal as orthogonalOf } from '../strategies/matrix-strategies.ts'

export { ones, zeros } from '../strategies/elementary.ts'

export function constant(options: { value: number }): Strategy {
  return constantOf(options)
}

export function identity(options: { gain?: number } = {}): Strategy {
  return identityOf(options)
}

export function randomUniform(options: { minval?: number; maxval?: number } = {}): Strategy {
  const { minval = -0.05, maxval = 0.05 } = checkObject('randomUniform', options, ['minval', 'maxval'])
  return uniform({ low: minval as number, high: maxval as number })
}

export function randomNormal(options: { mean?: number; stddev?: number } = {}): Strategy {
  const { mean = 0, stddev = 0.05 } = checkObject('randomNormal', options, ['mean', 'stddev'])
  return normal({ mean: mean as number, std: stddev as number })
}

/** N(mean, stddev^2) cut at two standard deviations. */
export function truncatedNormal(options: { mean?: number; stddev?: number } = {}): Strategy {
  const { mean = 0, stddev = 0.05 } = checkObject('truncatedNormal', options, ['mean', 'stddev'])
  return truncatedNormalOf({ mean: mean as number, std: stddev as number, sigmas: 2 })
}

/** A matrix with orthonormal rows or columns, whichever are fewer. */
export function orthogonal(options: { gain?: number } = {}): Strategy {
  const { gain = 1 } = checkObject('orthogonal', options, ['gain'])
  return orthogonalOf({ gain: gain as number, axis: -1 })
}

const MODES: readonly FanMode[] = ['fanIn', 'fanOut', 'fanAvg']
type Mode = 'fanIn' | 'fanOut' | 'fanAvg'

export function varianceScaling(
  options: { scale?: number; mode?: Mode; distribution?: 'normal' | 'uniform' } = {},
): Strategy {
  const o = checkObject('varianceScaling', options, ['scale', 'mode', 'distribution'])
  const { scale = 1, mode = 'fanIn', distribution = 'normal' } = o
  const law = checkOneOf('distribution', distribution, ['normal', 'uniform'])
  return createScaling(scale as number, checkOneOf('mode', mode, MODES), law)
}

export const glorotNormal = (options: object = {}) =>
  createNamedScaling('glorotNormal', options, 1, 'fanAvg', 'normal')
export const glorotUniform = (options: object = {}) =>
  createNamedScaling('glorotUniform', options, 1, 'fanAvg', 'uniform')
export const heNormal = (options: object = {}) =>
  createNamedScaling('heNormal', options, 2, 'fanIn', 'normal')
export const heUniform = (options: object = {}) =>
  createNamedScaling('heUniform', options, 2, 'fanIn', 'uniform')
export const leCunNormal = (options: object = {}) =>
  createNamedScaling('leCunNormal', options, 1, 'fanIn', 'normal')
export const leCunUniform = (options: object = {}) =>
  createNamedScaling('leCunUniform', options, 1, 'fanIn', 'uniform')

/** It takes no options: a seed is said to the engine. */
function createNamedScaling(
  title: string,
  options: object,
  scale: number,
  mode: FanMode,
  law: 'normal' | 'uniform',
): Strategy {
  checkObject(title, options, [])
  return createScaling(scale, mode, law)
}

function createScaling(scale: number, mode: FanMode, law: 'normal' | 'uniform'): Strategy {
  const common = { scale, mode, layout: 'io', vectorFans: 'root' } as const
  if (law === 'uniform') return scalingOf({ ...common, distribution: 'uniform' })
  return scalingOf({ ...common, distribution: 'truncatedNormal', gain: TRUNCATED_STD })
}
