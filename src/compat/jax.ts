/**
 * `jax.nn.initializers` (and Flax, which exports the same) by their own names, defaults and conventions, as
 * strategies. "Normal" among the scaled ones is truncated at two standard deviations and widened; axes are said by
 * number, -2 into and -1 out of the matrix unless they are; vectors are refused. Source: jax/_src/nn/initializers.py.
 */

import { checkNumber, checkObject, checkOneOf } from '../errors/validate.ts'
import type { FanMode } from '../strategies/fans.ts'
import {
  constant as constantOf,
  normal as normalOf,
  truncatedNormal,
  uniform as uniformOf,
} from '../strategies/elementary.ts'
import { varianceScaling, type ScaledDistribution } from '../strategies/variance-scaling.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { deltaOrthogonal, orthogonal as orthogonalOf } from '../strategies/matrix-strategies.ts'

export { SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'

export { ones, zeros } from '../strategies/elementary.ts'

export function constant(options: { value: number }): Strategy {
  return constantOf(options)
}

/** U[0, scale): not symmetric. */
export function uniform(options: { scale?: number } = {}): Strategy {
  const { scale = 0.01 } = checkObject('uniform', options, ['scale'])
  return uniformOf({ low: 0, high: scale as number })
}

/** N(0, stddev^2). */
export function normal(options: { stddev?: number } = {}): Strategy {
  const { stddev = 0.01 } = checkObject('normal', options, ['stddev'])
  return normalOf({ std: stddev as number })
}

/** N(0, stddev^2) cut at `lower` and `upper` standard deviations, not widened. */
export function truncated_normal(
  options: { stddev?: number; lower?: number; upper?: number } = {},
): Strategy {
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

/** Axes by number, negative from the last; what is in none of them is the receptive field. */
export interface AxisOptions {
  in_axis?: number | number[]
  out_axis?: number | number[]
  batch_axis?: number | number[]
}
const AXIS_FIELDS = ['in_axis', 'out_axis', 'batch_axis']

export function variance_scaling(
  options: {
    scale: number
    mode: keyof typeof MODES
    distribution: keyof typeof DISTRIBUTIONS
  } & AxisOptions,
): Strategy {
  const { scale, mode, distribution, ...axes } = checkObject('variance_scaling', options, [
    'scale',
    'mode',
    'distribution',
    ...AXIS_FIELDS,
  ])
  const known = checkOneOf('mode', mode, Object.keys(MODES) as (keyof typeof MODES)[])
  const distributionType = checkOneOf(
    'distribution',
    distribution,
    Object.keys(DISTRIBUTIONS) as (keyof typeof DISTRIBUTIONS)[],
  )
  return createScaling(scale as number, MODES[known], DISTRIBUTIONS[distributionType], axes as AxisOptions)
}

/** `column_axis` against all others; orthonormal rows or columns, whichever are fewer. */
export function orthogonal(options: { scale?: number; column_axis?: number } = {}): Strategy {
  const { scale = 1, column_axis = -1 } = checkObject('orthogonal', options, ['scale', 'column_axis'])
  return orthogonalOf({ gain: scale as number, axis: column_axis as number })
}

/** [...kernel, in, out]: an orthogonal matrix at the kernel's center, for no fewer outputs than inputs. */
export function delta_orthogonal(options: { scale?: number } = {}): Strategy {
  const { scale = 1 } = checkObject('delta_orthogonal', options, ['scale'])
  return deltaOrthogonal({ gain: scale as number, center: 'lower', layout: 'io' })
}

export const glorot_normal = (axes?: AxisOptions) => createScaling(1, 'fanAvg', 'truncatedNormal', axes)
export const glorot_uniform = (axes?: AxisOptions) => createScaling(1, 'fanAvg', 'uniform', axes)
export const he_normal = (axes?: AxisOptions) => createScaling(2, 'fanIn', 'truncatedNormal', axes)
export const he_uniform = (axes?: AxisOptions) => createScaling(2, 'fanIn', 'uniform', axes)
export const lecun_normal = (axes?: AxisOptions) => createScaling(1, 'fanIn', 'truncatedNormal', axes)
export const lecun_uniform = (axes?: AxisOptions) => createScaling(1, 'fanIn', 'uniform', axes)

export const xavier_normal = glorot_normal
export const xavier_uniform = glorot_uniform
export const kaiming_normal = he_normal
export const kaiming_uniform = he_uniform

function createScaling(
  scale: number,
  mode: FanMode,
  distribution: ScaledDistribution,
  axes: AxisOptions = {},
): Strategy {
  const {
    in_axis = -2,
    out_axis = -1,
    batch_axis = [],
  } = checkObject('axes', axes, AXIS_FIELDS) as AxisOptions
  return varianceScaling({
    scale,
    mode,
    distribution,
    inAxes: in_axis,
    outAxes: out_axis,
    batchAxes: batch_axis,
  })
}
