/**
 * `jax.nn.initializers`, which Flax exports too, under its own names, defaults and conventions, as strategies. The
 * scaled "normal" ones are truncated at two standard deviations and widened, so that the standard deviation holds. Axes
 * are numbers: by default -2 for the inputs and -1 for the outputs. Scalars and vectors are refused. Source:
 * jax/_src/nn/initializers.py.
 */

import { checkNumber, checkObject, checkOneOf } from '../errors/validate.ts'
import {
  constant as coreConstant,
  normal as coreNormal,
  truncatedNormal,
  uniform as coreUniform,
  type ConstantStrategy,
  type NormalStrategy,
  type TruncatedNormalStrategy,
  type UniformStrategy,
} from '../strategies/elementary.ts'
import type { FanMode } from '../strategies/fans.ts'
import {
  deltaOrthogonal,
  orthogonal as coreOrthogonal,
  type DeltaOrthogonalStrategy,
  type OrthogonalStrategy,
} from '../strategies/matrix-strategies.ts'
import {
  varianceScaling,
  type ScaledDistribution,
  type VarianceScalingStrategy,
} from '../strategies/variance-scaling.ts'

export { SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
export { ones, zeros } from '../strategies/elementary.ts'

/**
 * `jax.nn.initializers.constant`: every element is `value`.
 *
 * @param options `value`: a finite number.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `value` is not a finite number.
 * @example
 * import { constant } from 'simdinit/jax'
 * console.log(constant({ value: 0.1 })) // { type: 'constant', value: 0.1 }
 */
export function constant(options: { value: number }): ConstantStrategy {
  return coreConstant(options)
}

/**
 * `jax.nn.initializers.uniform`: uniform on [0, scale), which is not symmetric.
 *
 * @param options `scale`: the upper bound, above 0, default 0.01.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `scale` is not a number above 0.
 * @example
 * import { uniform } from 'simdinit/jax'
 * console.log(uniform()) // { type: 'uniform', low: 0, high: 0.01 }
 */
export function uniform(options: { scale?: number } = {}): UniformStrategy {
  const { scale = 0.01 } = checkObject('uniform', options, ['scale'])
  return coreUniform({ low: 0, high: scale as number })
}

/**
 * `jax.nn.initializers.normal`: N(0, stddev^2).
 *
 * @param options `stddev`: the standard deviation, >= 0, default 0.01.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `stddev` is out of its range.
 * @example
 * import { normal } from 'simdinit/jax'
 * console.log(normal()) // { type: 'normal', mean: 0, std: 0.01 }
 */
export function normal(options: { stddev?: number } = {}): NormalStrategy {
  const { stddev = 0.01 } = checkObject('normal', options, ['stddev'])
  return coreNormal({ std: stddev as number })
}

/**
 * `jax.nn.initializers.truncated_normal`: N(0, stddev^2) truncated at `lower` and `upper` standard deviations, not
 * widened.
 *
 * @param options `stddev`: of the normal before truncation, >= 0, default 0.01. `lower`, `upper`: the bounds in units
 * of stddev, default -2 and 2.
 * @returns The strategy, as plain data, with absolute bounds.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { truncated_normal } from 'simdinit/jax'
 * console.log(truncated_normal({ stddev: 0.5 })) // { type: 'truncatedNormal', mean: 0, std: 0.5, low: -1, high: 1 }
 */
export function truncated_normal(
  options: { stddev?: number; lower?: number; upper?: number } = {},
): TruncatedNormalStrategy {
  const o = checkObject('truncated_normal', options, ['stddev', 'lower', 'upper'])
  const { stddev = 0.01, lower = -2, upper = 2 } = o
  const std = checkNumber('stddev', stddev, 0)
  return truncatedNormal({
    std,
    low: checkNumber('lower', lower) * std,
    high: checkNumber('upper', upper) * std,
  })
}

const MODES = { fan_in: 'fanIn', fan_out: 'fanOut', fan_avg: 'fanAvg', fan_geo_avg: 'fanGeoAvg' } as const
const DISTRIBUTIONS = { truncated_normal: 'truncatedNormal', normal: 'normal', uniform: 'uniform' } as const

/** Axes by number, negative from the last. Axes in none of the lists are the receptive field. */
export interface AxisOptions {
  /** The input axes. Default -2. */
  in_axis?: number | readonly number[]
  /** The output axes. Default -1. */
  out_axis?: number | readonly number[]
  /** Axes along which matrices are stacked. Default: none. */
  batch_axis?: number | readonly number[]
}
const AXIS_FIELDS = ['in_axis', 'out_axis', 'batch_axis']

/**
 * `jax.nn.initializers.variance_scaling`: standard deviation sqrt(scale / n), with n the fan that `mode` selects.
 *
 * @param options `scale`: >= 0. `mode`: 'fan_in', 'fan_out', 'fan_avg' or 'fan_geo_avg'. `distribution`:
 * 'truncated_normal', 'normal' or 'uniform'. Axes are described in `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { variance_scaling } from 'simdinit/jax'
 * console.log(variance_scaling({ scale: 2, mode: 'fan_in', distribution: 'normal' }).inAxes) // [ -2 ]
 */
export function variance_scaling(
  options: {
    scale: number
    mode: keyof typeof MODES
    distribution: keyof typeof DISTRIBUTIONS
  } & AxisOptions,
): VarianceScalingStrategy {
  const { scale, mode, distribution, ...axes } = checkObject('variance_scaling', options, [
    'scale',
    'mode',
    'distribution',
    ...AXIS_FIELDS,
  ])
  const fanMode = checkOneOf('mode', mode, Object.keys(MODES) as (keyof typeof MODES)[])
  const distributionType = checkOneOf(
    'distribution',
    distribution,
    Object.keys(DISTRIBUTIONS) as (keyof typeof DISTRIBUTIONS)[],
  )
  return createScaling(scale as number, MODES[fanMode], DISTRIBUTIONS[distributionType], axes as AxisOptions)
}

/**
 * `jax.nn.initializers.orthogonal`: orthonormal rows or columns, whichever are fewer, of the matrix whose columns are
 * `column_axis` and whose rows are all other axes.
 *
 * @param options `scale`: multiplies the matrix, finite, default 1. `column_axis`: negative from the last, default -1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { orthogonal } from 'simdinit/jax'
 * console.log(orthogonal()) // { type: 'orthogonal', gain: 1, axis: -1 }
 */
export function orthogonal(options: { scale?: number; column_axis?: number } = {}): OrthogonalStrategy {
  const { scale = 1, column_axis = -1 } = checkObject('orthogonal', options, ['scale', 'column_axis'])
  return coreOrthogonal({ gain: scale as number, axis: column_axis as number })
}

/**
 * `jax.nn.initializers.delta_orthogonal`: an orthogonal matrix at the center of a kernel [...kernel, in, out], 0
 * elsewhere. It needs at least as many outputs as inputs.
 *
 * @param options `scale`: multiplies the matrix, finite, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `scale` is not finite.
 * @example
 * import { delta_orthogonal } from 'simdinit/jax'
 * console.log(delta_orthogonal().layout) // io
 */
export function delta_orthogonal(options: { scale?: number } = {}): DeltaOrthogonalStrategy {
  const { scale = 1 } = checkObject('delta_orthogonal', options, ['scale'])
  return deltaOrthogonal({ gain: scale as number, center: 'lower', layout: 'io' })
}

/**
 * `jax.nn.initializers.glorot_normal`: a truncated normal with standard deviation sqrt(2 / (fan_in + fan_out)) after truncation.
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { glorot_normal } from 'simdinit/jax'
 * console.log(glorot_normal().distribution) // truncatedNormal
 */
export function glorot_normal(axes: AxisOptions = {}): VarianceScalingStrategy {
  return createScaling(1, 'fanAvg', 'truncatedNormal', axes)
}

/**
 * `jax.nn.initializers.glorot_uniform`: uniform with standard deviation sqrt(2 / (fan_in + fan_out)).
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { glorot_uniform } from 'simdinit/jax'
 * console.log(glorot_uniform().distribution) // uniform
 */
export function glorot_uniform(axes: AxisOptions = {}): VarianceScalingStrategy {
  return createScaling(1, 'fanAvg', 'uniform', axes)
}

/**
 * `jax.nn.initializers.he_normal`: a truncated normal with standard deviation sqrt(2 / fan_in) after truncation.
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { he_normal } from 'simdinit/jax'
 * console.log(he_normal().distribution) // truncatedNormal
 */
export function he_normal(axes: AxisOptions = {}): VarianceScalingStrategy {
  return createScaling(2, 'fanIn', 'truncatedNormal', axes)
}

/**
 * `jax.nn.initializers.he_uniform`: uniform with standard deviation sqrt(2 / fan_in).
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { he_uniform } from 'simdinit/jax'
 * console.log(he_uniform().distribution) // uniform
 */
export function he_uniform(axes: AxisOptions = {}): VarianceScalingStrategy {
  return createScaling(2, 'fanIn', 'uniform', axes)
}

/**
 * `jax.nn.initializers.lecun_normal`: a truncated normal with standard deviation sqrt(1 / fan_in) after truncation.
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { lecun_normal } from 'simdinit/jax'
 * console.log(lecun_normal().distribution) // truncatedNormal
 */
export function lecun_normal(axes: AxisOptions = {}): VarianceScalingStrategy {
  return createScaling(1, 'fanIn', 'truncatedNormal', axes)
}

/**
 * `jax.nn.initializers.lecun_uniform`: uniform with standard deviation sqrt(1 / fan_in).
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { lecun_uniform } from 'simdinit/jax'
 * console.log(lecun_uniform().distribution) // uniform
 */
export function lecun_uniform(axes: AxisOptions = {}): VarianceScalingStrategy {
  return createScaling(1, 'fanIn', 'uniform', axes)
}

/**
 * Another name of `glorot_normal`, as in JAX.
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { xavier_normal } from 'simdinit/jax'
 * console.log(xavier_normal().type) // varianceScaling
 */
export const xavier_normal = glorot_normal

/**
 * Another name of `glorot_uniform`, as in JAX.
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { xavier_uniform } from 'simdinit/jax'
 * console.log(xavier_uniform().type) // varianceScaling
 */
export const xavier_uniform = glorot_uniform

/**
 * Another name of `he_normal`, as in JAX.
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { kaiming_normal } from 'simdinit/jax'
 * console.log(kaiming_normal().type) // varianceScaling
 */
export const kaiming_normal = he_normal

/**
 * Another name of `he_uniform`, as in JAX.
 *
 * @param axes See `AxisOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an axis is not an integer.
 * @example
 * import { kaiming_uniform } from 'simdinit/jax'
 * console.log(kaiming_uniform().type) // varianceScaling
 */
export const kaiming_uniform = he_uniform

function createScaling(
  scale: number,
  mode: FanMode,
  distribution: ScaledDistribution,
  axes: AxisOptions,
): VarianceScalingStrategy {
  const o = checkObject('axes', axes, AXIS_FIELDS) as AxisOptions
  const { in_axis = -2, out_axis = -1, batch_axis = [] } = o
  return varianceScaling({
    scale,
    mode,
    distribution,
    inAxes: in_axis,
    outAxes: out_axis,
    batchAxes: batch_axis,
  })
}
