/**
 * `tf.initializers` of TensorFlow.js under its own names and conventions, as strategies that match what it actually
 * samples: the scaled "normal" ones are truncated at two standard deviations and not widened, so that the standard
 * deviation is 0.88 of the nominal one. Channels are last, and the fan in of a depthwise kernel counts all channels (tfjs#8568); both fans of a vector are the square root of its size. An
 * option of 0 is taken as 0, where TensorFlow.js replaces it by the default. Source: tfjs-layers/src/initializers.ts,
 * 4.22.
 */

import { checkObject, checkOneOf } from '../errors/validate.ts'
import { TRUNCATED_STD } from '../numeric/truncated-normal.ts'
import {
  constant as coreConstant,
  normal,
  truncatedNormal as coreTruncatedNormal,
  uniform,
  type ConstantStrategy,
  type NormalStrategy,
  type TruncatedNormalStrategy,
  type UniformStrategy,
} from '../strategies/elementary.ts'
import type { FanMode } from '../strategies/fans.ts'
import { identity as coreIdentity, type IdentityStrategy } from '../strategies/formula-strategies.ts'
import { orthogonal as coreOrthogonal, type OrthogonalStrategy } from '../strategies/matrix-strategies.ts'
import {
  varianceScaling as coreVarianceScaling,
  type VarianceScalingStrategy,
} from '../strategies/variance-scaling.ts'

export { ones, zeros } from '../strategies/elementary.ts'

/**
 * `tf.initializers.constant`: every element is `value`.
 *
 * @param options `value`: a finite number.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `value` is not a finite number.
 * @example
 * import { constant } from 'simdinit/tfjs'
 * console.log(constant({ value: 0.1 })) // { type: 'constant', value: 0.1 }
 */
export function constant(options: { value: number }): ConstantStrategy {
  return coreConstant(options)
}

/**
 * `tf.initializers.identity`: `gain` on the diagonal of a matrix, 0 elsewhere.
 *
 * @param options `gain`: finite, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `gain` is not finite.
 * @example
 * import { identity } from 'simdinit/tfjs'
 * console.log(identity()) // { type: 'identity', gain: 1 }
 */
export function identity(options: { gain?: number } = {}): IdentityStrategy {
  return coreIdentity(options)
}

/**
 * `tf.initializers.randomUniform`: uniform on [minval, maxval).
 *
 * @param options `minval`: default -0.05. `maxval`: above `minval`, default 0.05.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if a bound is not finite, or `maxval` is not above `minval`.
 * @example
 * import { randomUniform } from 'simdinit/tfjs'
 * console.log(randomUniform()) // { type: 'uniform', low: -0.05, high: 0.05 }
 */
export function randomUniform(options: { minval?: number; maxval?: number } = {}): UniformStrategy {
  const { minval = -0.05, maxval = 0.05 } = checkObject('randomUniform', options, ['minval', 'maxval'])
  return uniform({ low: minval as number, high: maxval as number })
}

/**
 * `tf.initializers.randomNormal`: N(mean, stddev^2).
 *
 * @param options `mean`: default 0. `stddev`: the standard deviation, >= 0, default 0.05.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { randomNormal } from 'simdinit/tfjs'
 * console.log(randomNormal()) // { type: 'normal', mean: 0, std: 0.05 }
 */
export function randomNormal(options: { mean?: number; stddev?: number } = {}): NormalStrategy {
  const { mean = 0, stddev = 0.05 } = checkObject('randomNormal', options, ['mean', 'stddev'])
  return normal({ mean: mean as number, std: stddev as number })
}

/**
 * `tf.initializers.truncatedNormal`: N(mean, stddev^2) truncated at two standard deviations.
 *
 * @param options `mean`: default 0. `stddev`: of the normal before truncation, above 0, default 0.05.
 * @returns The strategy, as plain data, with absolute bounds.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { truncatedNormal } from 'simdinit/tfjs'
 * console.log(truncatedNormal({ stddev: 0.5 })) // { type: 'truncatedNormal', mean: 0, std: 0.5, low: -1, high: 1 }
 */
export function truncatedNormal(options: { mean?: number; stddev?: number } = {}): TruncatedNormalStrategy {
  const { mean = 0, stddev = 0.05 } = checkObject('truncatedNormal', options, ['mean', 'stddev'])
  return coreTruncatedNormal({ mean: mean as number, std: stddev as number, sigmas: 2 })
}

/**
 * `tf.initializers.orthogonal`: orthonormal rows or columns of a matrix, whichever are fewer.
 *
 * @param options `gain`: multiplies the matrix, finite, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `gain` is not finite.
 * @example
 * import { orthogonal } from 'simdinit/tfjs'
 * console.log(orthogonal()) // { type: 'orthogonal', gain: 1, axis: -1 }
 */
export function orthogonal(options: { gain?: number } = {}): OrthogonalStrategy {
  const { gain = 1 } = checkObject('orthogonal', options, ['gain'])
  return coreOrthogonal({ gain: gain as number, axis: -1 })
}

const MODES: readonly FanMode[] = ['fanIn', 'fanOut', 'fanAvg']
type Mode = 'fanIn' | 'fanOut' | 'fanAvg'

/**
 * `tf.initializers.varianceScaling`: standard deviation sqrt(scale / n), with n the fan that `mode` selects; for
 * 'normal' 0.88 of that, since the truncated normal is not widened.
 *
 * @param options `scale`: >= 0, default 1. `mode`: default 'fanIn'. `distribution`: 'normal' (truncated) or 'uniform',
 * default 'normal'.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { varianceScaling } from 'simdinit/tfjs'
 * console.log(varianceScaling().distribution) // truncatedNormal
 */
export function varianceScaling(
  options: { scale?: number; mode?: Mode; distribution?: 'normal' | 'uniform' } = {},
): VarianceScalingStrategy {
  const o = checkObject('varianceScaling', options, ['scale', 'mode', 'distribution'])
  const { scale = 1, mode = 'fanIn', distribution = 'normal' } = o
  const distributionType = checkOneOf('distribution', distribution, ['normal', 'uniform'])
  return createScaling(scale as number, checkOneOf('mode', mode, MODES), distributionType)
}

/**
 * `tf.initializers.glorotNormal`: a truncated normal with 0.88 of the standard deviation
 * sqrt(2 / (fanIn + fanOut)).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { glorotNormal } from 'simdinit/tfjs'
 * console.log(glorotNormal().distribution) // truncatedNormal
 */
export function glorotNormal(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('glorotNormal', options, 1, 'fanAvg', 'normal')
}

/**
 * `tf.initializers.glorotUniform`: uniform with standard deviation sqrt(2 / (fanIn + fanOut)).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { glorotUniform } from 'simdinit/tfjs'
 * console.log(glorotUniform().distribution) // uniform
 */
export function glorotUniform(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('glorotUniform', options, 1, 'fanAvg', 'uniform')
}

/**
 * `tf.initializers.heNormal`: a truncated normal with 0.88 of the standard deviation
 * sqrt(2 / fanIn).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { heNormal } from 'simdinit/tfjs'
 * console.log(heNormal().distribution) // truncatedNormal
 */
export function heNormal(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('heNormal', options, 2, 'fanIn', 'normal')
}

/**
 * `tf.initializers.heUniform`: uniform with standard deviation sqrt(2 / fanIn).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { heUniform } from 'simdinit/tfjs'
 * console.log(heUniform().distribution) // uniform
 */
export function heUniform(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('heUniform', options, 2, 'fanIn', 'uniform')
}

/**
 * `tf.initializers.leCunNormal`: a truncated normal with 0.88 of the standard deviation
 * sqrt(1 / fanIn).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { leCunNormal } from 'simdinit/tfjs'
 * console.log(leCunNormal().distribution) // truncatedNormal
 */
export function leCunNormal(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('leCunNormal', options, 1, 'fanIn', 'normal')
}

/**
 * `tf.initializers.leCunUniform`: uniform with standard deviation sqrt(1 / fanIn).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { leCunUniform } from 'simdinit/tfjs'
 * console.log(leCunUniform().distribution) // uniform
 */
export function leCunUniform(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('leCunUniform', options, 1, 'fanIn', 'uniform')
}

/** Without options: the seed is an option of the engine's call. */
function createNamedScaling(
  title: string,
  options: object,
  scale: number,
  mode: FanMode,
  distribution: 'normal' | 'uniform',
): VarianceScalingStrategy {
  checkObject(title, options, [])
  return createScaling(scale, mode, distribution)
}

function createScaling(
  scale: number,
  mode: FanMode,
  distribution: 'normal' | 'uniform',
): VarianceScalingStrategy {
  const common = { scale, mode, layout: 'io', vectorFans: 'root' } as const
  if (distribution === 'uniform') return coreVarianceScaling({ ...common, distribution: 'uniform' })
  return coreVarianceScaling({ ...common, distribution: 'truncatedNormal', gain: TRUNCATED_STD })
}
