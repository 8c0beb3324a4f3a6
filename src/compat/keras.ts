/**
 * `keras.initializers` of Keras 3 by their own names, defaults and conventions, as strategies. "Normal" among the
 * scaled ones is truncated at two standard deviations, and widened so that the standard deviation holds. Channels
 * are last; vectors have their size as both fans. Source: keras/src/initializers/; held to what Keras gives by
 * `test/keras.test.ts`.
 *
 * On purpose otherwise: a seed is said to the engine, and the values are of our own stream; `input_axes` and
 * `output_axes` are `varianceScaling`'s inAxes, outAxes and batchAxes; a scale of 0, which Keras refuses, gives zeros.
 * Refused, though Keras takes them: distributions in capitals, bounds that are equal, a truncated normal of stddev 0,
 * a Constant of several values, other windows of SciPy.
 */

import {
  identity,
  stft,
  type StftScaling,
  type StftSide,
  type StftWindow,
} from '../strategies/formula-strategies.ts'
import { checkObject, checkOneOf } from '../errors/validate.ts'
import type { FanMode } from '../strategies/fans.ts'
import { constant, normal, ones, truncatedNormal, uniform, zeros } from '../strategies/elementary.ts'
import { varianceScaling, type ScaledDistribution } from '../strategies/variance-scaling.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { orthogonal } from '../strategies/matrix-strategies.ts'

export { SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'

export const Zeros = zeros
export const Ones = ones

export function Constant(options: { value?: number } = {}): Strategy {
  const { value = 0 } = checkObject('Constant', options, ['value'])
  return constant({ value: value as number })
}

export function Identity(options: { gain?: number } = {}): Strategy {
  return identity(options)
}

/** Windows are hann and hamming; null is none, as for the scaling. */
export function STFT(
  options: {
    side?: StftSide
    window?: StftWindow | null
    scaling?: StftScaling | null
    periodic?: boolean
  } = {},
): Strategy {
  const o = checkObject('STFT', options, ['side', 'window', 'scaling', 'periodic']) as typeof options
  return stft({
    ...o,
    window: o.window === null ? 'none' : o.window,
    scaling: o.scaling === null ? 'none' : o.scaling,
  })
}

/** N(mean, stddev^2). */
export function RandomNormal(options: { mean?: number; stddev?: number } = {}): Strategy {
  const { mean = 0, stddev = 0.05 } = checkObject('RandomNormal', options, ['mean', 'stddev'])
  return normal({ mean: mean as number, std: stddev as number })
}

/** N(mean, stddev^2) cut at two standard deviations, not widened: the realised one is 0.88 stddev. */
export function TruncatedNormal(options: { mean?: number; stddev?: number } = {}): Strategy {
  const { mean = 0, stddev = 0.05 } = checkObject('TruncatedNormal', options, ['mean', 'stddev'])
  return truncatedNormal({ mean: mean as number, std: stddev as number, sigmas: 2 })
}

/** U[minval, maxval). */
export function RandomUniform(options: { minval?: number; maxval?: number } = {}): Strategy {
  const { minval = -0.05, maxval = 0.05 } = checkObject('RandomUniform', options, ['minval', 'maxval'])
  return uniform({ low: minval as number, high: maxval as number })
}

/** All axes but the last against the last; orthonormal rows or columns, whichever are fewer. */
export function Orthogonal(options: { gain?: number } = {}): Strategy {
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

export function VarianceScaling(
  options: { scale?: number; mode?: keyof typeof MODES; distribution?: keyof typeof DISTRIBUTIONS } = {},
): Strategy {
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

export const GlorotNormal = (options: object = {}) =>
  createNamedScaling('GlorotNormal', options, 1, 'fanAvg', 'truncatedNormal')
export const GlorotUniform = (options: object = {}) =>
  createNamedScaling('GlorotUniform', options, 1, 'fanAvg', 'uniform')
export const HeNormal = (options: object = {}) =>
  createNamedScaling('HeNormal', options, 2, 'fanIn', 'truncatedNormal')
export const HeUniform = (options: object = {}) =>
  createNamedScaling('HeUniform', options, 2, 'fanIn', 'uniform')
export const LecunNormal = (options: object = {}) =>
  createNamedScaling('LecunNormal', options, 1, 'fanIn', 'truncatedNormal')
export const LecunUniform = (options: object = {}) =>
  createNamedScaling('LecunUniform', options, 1, 'fanIn', 'uniform')

/** It takes no options: a seed is said to the engine. */
function createNamedScaling(
  title: string,
  options: object,
  scale: number,
  mode: FanMode,
  law: ScaledDistribution,
): Strategy {
  checkObject(title, options, [])
  return createScaling(scale, mode, law)
}

function createScaling(scale: number, mode: FanMode, distribution: ScaledDistribution): Strategy {
  return varianceScaling({ scale, mode, distribution, layout: 'io', vectorFans: 'size' })
}
