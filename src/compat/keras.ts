/**
 * `keras.initializers` of Keras 3 under its own names, defaults and conventions, as strategies. The scaled "normal" ones
 * are truncated at two standard deviations and widened, so that the standard deviation holds. Channels are last; both
 * fans of a vector are its size. Source: keras/src/initializers/; `test/compat/keras.test.ts` compares the results with
 * those of Keras.
 *
 * Deliberate differences: the seed is an option of the engine's call, and the values come from this project's stream;
 * `input_axes` and `output_axes` correspond to inAxes, outAxes and batchAxes of `varianceScaling`; a scale of 0, which
 * Keras refuses, gives zeros. Refused, although Keras accepts them: distributions in capitals, equal bounds, a truncated
 * normal of stddev 0, a Constant of several values, other windows of SciPy.
 */

import { checkObject, checkOneOf } from '../errors/validate.ts'
import {
  constant,
  normal,
  ones,
  truncatedNormal,
  uniform,
  zeros,
  type ConstantStrategy,
  type NormalStrategy,
  type TruncatedNormalStrategy,
  type UniformStrategy,
} from '../strategies/elementary.ts'
import type { FanMode } from '../strategies/fans.ts'
import {
  identity,
  stft,
  type IdentityStrategy,
  type StftScaling,
  type StftSide,
  type StftStrategy,
  type StftWindow,
} from '../strategies/formula-strategies.ts'
import { orthogonal, type OrthogonalStrategy } from '../strategies/matrix-strategies.ts'
import {
  varianceScaling,
  type ScaledDistribution,
  type VarianceScalingStrategy,
} from '../strategies/variance-scaling.ts'

export { SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'

/**
 * `keras.initializers.Zeros`: every element is 0.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if the options have a field.
 * @example
 * import { Zeros } from 'simdinit/keras'
 * console.log(Zeros()) // { type: 'zeros' }
 */
export const Zeros = zeros

/**
 * `keras.initializers.Ones`: every element is 1.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if the options have a field.
 * @example
 * import { Ones } from 'simdinit/keras'
 * console.log(Ones()) // { type: 'ones' }
 */
export const Ones = ones

/**
 * `keras.initializers.Constant`: every element is `value`.
 *
 * @param options `value`: a finite number, default 0.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `value` is not a finite number.
 * @example
 * import { Constant } from 'simdinit/keras'
 * console.log(Constant({ value: 0.1 })) // { type: 'constant', value: 0.1 }
 */
export function Constant(options: { value?: number } = {}): ConstantStrategy {
  const { value = 0 } = checkObject('Constant', options, ['value'])
  return constant({ value: value as number })
}

/**
 * `keras.initializers.Identity`: `gain` on the diagonal of a matrix, 0 elsewhere.
 *
 * @param options `gain`: finite, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `gain` is not finite.
 * @example
 * import { Identity } from 'simdinit/keras'
 * console.log(Identity()) // { type: 'identity', gain: 1 }
 */
export function Identity(options: { gain?: number } = {}): IdentityStrategy {
  return identity(options)
}

/**
 * `keras.initializers.STFT`: the kernel of a short-time Fourier transform, for shapes [frame, 1, bins].
 *
 * @param options `side`: 'real' or 'imag', default 'real'. `window`: 'hann', 'hamming' or null, default 'hann'.
 * `scaling`: 'density', 'spectrum' or null, default 'density'. `periodic`: default false.
 * @returns The strategy, as plain data, with 'none' for null.
 * @throws TypeError or RangeError for an unknown word.
 * @example
 * import { STFT } from 'simdinit/keras'
 * console.log(STFT({ window: null }).window) // none
 */
export function STFT(
  options: {
    side?: StftSide
    window?: StftWindow | null
    scaling?: StftScaling | null
    periodic?: boolean
  } = {},
): StftStrategy {
  const o = checkObject('STFT', options, ['side', 'window', 'scaling', 'periodic']) as typeof options
  return stft({
    ...o,
    window: o.window === null ? 'none' : o.window,
    scaling: o.scaling === null ? 'none' : o.scaling,
  })
}

/**
 * `keras.initializers.RandomNormal`: N(mean, stddev^2).
 *
 * @param options `mean`: default 0. `stddev`: the standard deviation, >= 0, default 0.05.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { RandomNormal } from 'simdinit/keras'
 * console.log(RandomNormal()) // { type: 'normal', mean: 0, std: 0.05 }
 */
export function RandomNormal(options: { mean?: number; stddev?: number } = {}): NormalStrategy {
  const { mean = 0, stddev = 0.05 } = checkObject('RandomNormal', options, ['mean', 'stddev'])
  return normal({ mean: mean as number, std: stddev as number })
}

/**
 * `keras.initializers.TruncatedNormal`: N(mean, stddev^2) truncated at two standard deviations and not widened. The
 * standard deviation of the result is 0.88 stddev.
 *
 * @param options `mean`: default 0. `stddev`: of the normal before truncation, above 0, default 0.05.
 * @returns The strategy, as plain data, with absolute bounds.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { TruncatedNormal } from 'simdinit/keras'
 * console.log(TruncatedNormal({ stddev: 0.5 })) // { type: 'truncatedNormal', mean: 0, std: 0.5, low: -1, high: 1 }
 */
export function TruncatedNormal(options: { mean?: number; stddev?: number } = {}): TruncatedNormalStrategy {
  const { mean = 0, stddev = 0.05 } = checkObject('TruncatedNormal', options, ['mean', 'stddev'])
  return truncatedNormal({ mean: mean as number, std: stddev as number, sigmas: 2 })
}

/**
 * `keras.initializers.RandomUniform`: uniform on [minval, maxval).
 *
 * @param options `minval`: default -0.05. `maxval`: above `minval`, default 0.05.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if a bound is not finite, or `maxval` is not above `minval`.
 * @example
 * import { RandomUniform } from 'simdinit/keras'
 * console.log(RandomUniform()) // { type: 'uniform', low: -0.05, high: 0.05 }
 */
export function RandomUniform(options: { minval?: number; maxval?: number } = {}): UniformStrategy {
  const { minval = -0.05, maxval = 0.05 } = checkObject('RandomUniform', options, ['minval', 'maxval'])
  return uniform({ low: minval as number, high: maxval as number })
}

/**
 * `keras.initializers.Orthogonal`: orthonormal rows or columns, whichever are fewer, of the matrix whose columns are the
 * last axis and whose rows are all others.
 *
 * @param options `gain`: multiplies the matrix, finite, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `gain` is not finite.
 * @example
 * import { Orthogonal } from 'simdinit/keras'
 * console.log(Orthogonal()) // { type: 'orthogonal', gain: 1, axis: -1 }
 */
export function Orthogonal(options: { gain?: number } = {}): OrthogonalStrategy {
  const { gain = 1 } = checkObject('Orthogonal', options, ['gain'])
  return orthogonal({ gain: gain as number, axis: -1 })
}

const MODES = { fan_in: 'fanIn', fan_out: 'fanOut', fan_avg: 'fanAvg' } as const
const DISTRIBUTIONS = {
  truncated_normal: 'truncatedNormal',
  normal: 'truncatedNormal',
  untruncated_normal: 'normal',
  uniform: 'uniform',
} as const

/**
 * `keras.initializers.VarianceScaling`: standard deviation sqrt(scale / n), with n the fan that `mode` selects.
 *
 * @param options `scale`: >= 0, default 1. `mode`: 'fan_in', 'fan_out' or 'fan_avg', default 'fan_in'. `distribution`:
 * 'truncated_normal' or its other name 'normal', 'untruncated_normal' or 'uniform', default 'truncated_normal'.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { VarianceScaling } from 'simdinit/keras'
 * console.log(VarianceScaling({ distribution: 'normal' }).distribution) // truncatedNormal
 */
export function VarianceScaling(
  options: { scale?: number; mode?: keyof typeof MODES; distribution?: keyof typeof DISTRIBUTIONS } = {},
): VarianceScalingStrategy {
  const o = checkObject('VarianceScaling', options, ['scale', 'mode', 'distribution'])
  const { scale = 1, mode = 'fan_in', distribution = 'truncated_normal' } = o
  return createScaling(
    scale as number,
    MODES[checkOneOf('mode', mode, Object.keys(MODES) as (keyof typeof MODES)[])],
    DISTRIBUTIONS[
      checkOneOf('distribution', distribution, Object.keys(DISTRIBUTIONS) as (keyof typeof DISTRIBUTIONS)[])
    ],
  )
}

/**
 * `keras.initializers.GlorotNormal`: a truncated normal with standard deviation sqrt(2 / (fan_in + fan_out)) after
 * truncation.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { GlorotNormal } from 'simdinit/keras'
 * console.log(GlorotNormal().distribution) // truncatedNormal
 */
export function GlorotNormal(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('GlorotNormal', options, 1, 'fanAvg', 'truncatedNormal')
}

/**
 * `keras.initializers.GlorotUniform`: uniform with standard deviation sqrt(2 / (fan_in + fan_out)).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { GlorotUniform } from 'simdinit/keras'
 * console.log(GlorotUniform().distribution) // uniform
 */
export function GlorotUniform(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('GlorotUniform', options, 1, 'fanAvg', 'uniform')
}

/**
 * `keras.initializers.HeNormal`: a truncated normal with standard deviation sqrt(2 / fan_in) after
 * truncation.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { HeNormal } from 'simdinit/keras'
 * console.log(HeNormal().distribution) // truncatedNormal
 */
export function HeNormal(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('HeNormal', options, 2, 'fanIn', 'truncatedNormal')
}

/**
 * `keras.initializers.HeUniform`: uniform with standard deviation sqrt(2 / fan_in).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { HeUniform } from 'simdinit/keras'
 * console.log(HeUniform().distribution) // uniform
 */
export function HeUniform(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('HeUniform', options, 2, 'fanIn', 'uniform')
}

/**
 * `keras.initializers.LecunNormal`: a truncated normal with standard deviation sqrt(1 / fan_in) after
 * truncation.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { LecunNormal } from 'simdinit/keras'
 * console.log(LecunNormal().distribution) // truncatedNormal
 */
export function LecunNormal(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('LecunNormal', options, 1, 'fanIn', 'truncatedNormal')
}

/**
 * `keras.initializers.LecunUniform`: uniform with standard deviation sqrt(1 / fan_in).
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if it is given options: the seed is an option of the engine's call.
 * @example
 * import { LecunUniform } from 'simdinit/keras'
 * console.log(LecunUniform().distribution) // uniform
 */
export function LecunUniform(options: object = {}): VarianceScalingStrategy {
  return createNamedScaling('LecunUniform', options, 1, 'fanIn', 'uniform')
}

/** Without options: the seed is an option of the engine's call. */
function createNamedScaling(
  title: string,
  options: object,
  scale: number,
  mode: FanMode,
  distribution: ScaledDistribution,
): VarianceScalingStrategy {
  checkObject(title, options, [])
  return createScaling(scale, mode, distribution)
}

function createScaling(
  scale: number,
  mode: FanMode,
  distribution: ScaledDistribution,
): VarianceScalingStrategy {
  return varianceScaling({ scale, mode, distribution, layout: 'io', vectorFans: 'size' })
}
