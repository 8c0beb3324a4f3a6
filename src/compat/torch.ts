/**
 * `torch.nn.init` under its own names, defaults and conventions, as strategies. The engine call names the tensor, so
 * PyTorch's first argument is absent; the other arguments are fields of one object. Only `trunc_normal_` truncates, with
 * absolute bounds. Source: torch/nn/init.py.
 */

/* oxlint-disable no-underscore-dangle -- the names are PyTorch's */

import { checkNumber, checkObject, checkOneOf, throwRangeError } from '../errors/validate.ts'
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
import {
  dirac,
  identity,
  type DiracStrategy,
  type IdentityStrategy,
} from '../strategies/formula-strategies.ts'
import {
  orthogonal,
  sparse,
  type OrthogonalStrategy,
  type SparseStrategy,
} from '../strategies/matrix-strategies.ts'
import {
  varianceScaling,
  type ScaledDistribution,
  type VarianceScalingStrategy,
} from '../strategies/variance-scaling.ts'

export { SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'

const UNIT_GAIN_NONLINEARITIES = [
  'linear',
  'conv1d',
  'conv2d',
  'conv3d',
  'conv_transpose1d',
  'conv_transpose2d',
  'conv_transpose3d',
  'sigmoid',
] as const
const NONLINEARITIES = [...UNIT_GAIN_NONLINEARITIES, 'tanh', 'relu', 'leaky_relu', 'selu'] as const
/** A nonlinearity for which `calculate_gain` has a value. */
export type Nonlinearity = (typeof NONLINEARITIES)[number]

/** The fan that the variance is divided by. */
export type FanMode = 'fan_in' | 'fan_out'
const MODES = { fan_in: 'fanIn', fan_out: 'fanOut' } as const

/**
 * `torch.nn.init.calculate_gain`: 5/3 for tanh, sqrt(2) for relu, sqrt(2 / (1 + param^2)) for leaky_relu, 3/4 for selu,
 * 1 for the others.
 *
 * @param nonlinearity The activation function, by PyTorch's name.
 * @param param The negative slope of leaky_relu, finite. Default 0.01.
 * @returns The factor by which to multiply the standard deviation.
 * @throws TypeError or RangeError for an unknown nonlinearity or a slope that is not finite.
 * @example
 * import { calculate_gain } from 'simdinit/torch'
 * console.log(calculate_gain('relu')) // 1.4142135623730951
 */
export function calculate_gain(nonlinearity: Nonlinearity, param = 0.01): number {
  switch (checkOneOf('nonlinearity', nonlinearity, NONLINEARITIES)) {
    case 'tanh':
      return 5 / 3
    case 'relu':
      return Math.SQRT2
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + checkNumber('param', param) * param))
    case 'selu':
      return 3 / 4
    default:
      return 1
  }
}

/**
 * `torch.nn.init.uniform_`: uniform on [a, b).
 *
 * @param options `a`: the lower bound, default 0. `b`: the upper bound, above `a`, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if a bound is not finite, or `b` is not above `a`.
 * @example
 * import { uniform_ } from 'simdinit/torch'
 * console.log(uniform_({ a: -1 })) // { type: 'uniform', low: -1, high: 1 }
 */
export function uniform_(options: { a?: number; b?: number } = {}): UniformStrategy {
  const { a = 0, b = 1 } = checkObject('uniform_', options, ['a', 'b'])
  return uniform({ low: a as number, high: b as number })
}

/**
 * `torch.nn.init.normal_`: N(mean, std^2).
 *
 * @param options `mean`: default 0. `std`: the standard deviation, >= 0, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { normal_ } from 'simdinit/torch'
 * console.log(normal_({ std: 0.02 })) // { type: 'normal', mean: 0, std: 0.02 }
 */
export function normal_(options: { mean?: number; std?: number } = {}): NormalStrategy {
  const { mean = 0, std = 1 } = checkObject('normal_', options, ['mean', 'std'])
  return normal({ mean: mean as number, std: std as number })
}

/**
 * `torch.nn.init.trunc_normal_`: N(mean, std^2) truncated to [a, b]. The bounds are absolute: with a small std the
 * defaults truncate nothing.
 *
 * @param options `mean`: default 0. `std`: of the normal before truncation, >= 0, default 1. `a`: the lower bound,
 * default -2. `b`: the upper bound, above `a`, default 2.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { trunc_normal_ } from 'simdinit/torch'
 * console.log(trunc_normal_({ std: 0.02 })) // { type: 'truncatedNormal', mean: 0, std: 0.02, low: -2, high: 2 }
 */
export function trunc_normal_(
  options: { mean?: number; std?: number; a?: number; b?: number } = {},
): TruncatedNormalStrategy {
  const o = checkObject('trunc_normal_', options, ['mean', 'std', 'a', 'b'])
  const { mean = 0, std = 1, a = -2, b = 2 } = o
  return truncatedNormal({ mean: mean as number, std: std as number, low: a as number, high: b as number })
}

/**
 * `torch.nn.init.constant_`: every element is `val`.
 *
 * @param options `val`: a finite number.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `val` is not a finite number.
 * @example
 * import { constant_ } from 'simdinit/torch'
 * console.log(constant_({ val: 0.1 })) // { type: 'constant', value: 0.1 }
 */
export function constant_(options: { val: number }): ConstantStrategy {
  return constant({ value: checkObject('constant_', options, ['val']).val as number })
}

/**
 * `torch.nn.init.ones_`: every element is 1.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if the options have a field.
 * @example
 * import { ones_ } from 'simdinit/torch'
 * console.log(ones_()) // { type: 'ones' }
 */
export const ones_ = ones

/**
 * `torch.nn.init.zeros_`: every element is 0.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if the options have a field.
 * @example
 * import { zeros_ } from 'simdinit/torch'
 * console.log(zeros_()) // { type: 'zeros' }
 */
export const zeros_ = zeros

/**
 * `torch.nn.init.eye_`: the identity matrix, for matrices of any shape.
 *
 * @returns The strategy, as plain data.
 * @example
 * import { eye_ } from 'simdinit/torch'
 * console.log(eye_()) // { type: 'identity', gain: 1 }
 */
export function eye_(): IdentityStrategy {
  return identity()
}

/**
 * `torch.nn.init.dirac_`: a convolution that passes its channels through, within each group.
 *
 * @param options `groups`: an integer >= 1 that divides the output channels, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `groups` is not an integer >= 1.
 * @example
 * import { dirac_ } from 'simdinit/torch'
 * console.log(dirac_({ groups: 2 })) // { type: 'dirac', groups: 2, center: 'upper', layout: 'oi' }
 */
export function dirac_(options: { groups?: number } = {}): DiracStrategy {
  const { groups = 1 } = checkObject('dirac_', options, ['groups'])
  return dirac({ groups: groups as number, center: 'upper', layout: 'oi' })
}

/**
 * `torch.nn.init.orthogonal_`: orthonormal rows or columns, whichever are fewer, of the matrix whose rows are the first
 * axis and whose columns are all others.
 *
 * @param options `gain`: multiplies the matrix, finite, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `gain` is not finite.
 * @example
 * import { orthogonal_ } from 'simdinit/torch'
 * console.log(orthogonal_()) // { type: 'orthogonal', gain: 1, axis: 0 }
 */
export function orthogonal_(options: { gain?: number } = {}): OrthogonalStrategy {
  const { gain = 1 } = checkObject('orthogonal_', options, ['gain'])
  return orthogonal({ gain: gain as number, axis: 0 })
}

/**
 * `torch.nn.init.sparse_`: N(0, std^2) with ceil(sparsity · rows) zeros in each column.
 *
 * @param options `sparsity`: from 0 to 1. `std`: >= 0, default 0.01.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { sparse_ } from 'simdinit/torch'
 * console.log(sparse_({ sparsity: 0.1 })) // { type: 'sparse', sparsity: 0.1, std: 0.01 }
 */
export function sparse_(options: { sparsity: number; std?: number }): SparseStrategy {
  const { sparsity, std = 0.01 } = checkObject('sparse_', options, ['sparsity', 'std'])
  return sparse({ sparsity: sparsity as number, std: std as number })
}

/**
 * `torch.nn.init.xavier_uniform_`: uniform on [-b, b) with b = gain · sqrt(6 / (fan_in + fan_out)).
 *
 * @param options `gain`: >= 0, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `gain` is out of its range.
 * @example
 * import { xavier_uniform_ } from 'simdinit/torch'
 * console.log(xavier_uniform_().mode) // fanAvg
 */
export function xavier_uniform_(options: { gain?: number } = {}): VarianceScalingStrategy {
  return createXavier('xavier_uniform_', 'uniform', options)
}

/**
 * `torch.nn.init.xavier_normal_`: N(0, std^2) with std = gain · sqrt(2 / (fan_in + fan_out)), not truncated.
 *
 * @param options `gain`: >= 0, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `gain` is out of its range.
 * @example
 * import { xavier_normal_ } from 'simdinit/torch'
 * console.log(xavier_normal_().distribution) // normal
 */
export function xavier_normal_(options: { gain?: number } = {}): VarianceScalingStrategy {
  return createXavier('xavier_normal_', 'normal', options)
}

function createXavier(
  title: string,
  distribution: ScaledDistribution,
  options: { gain?: number },
): VarianceScalingStrategy {
  const { gain = 1 } = checkObject(title, options, ['gain'])
  return varianceScaling({ mode: 'fanAvg', distribution, gain: gain as number, layout: 'oi' })
}

/** Options of `kaiming_uniform_` and `kaiming_normal_`. */
export interface KaimingOptions {
  /** The negative slope of leaky_relu. Default 0, unlike the 0.01 of `calculate_gain`. */
  a?: number
  /** The fan that the variance is divided by. Default 'fan_in'. */
  mode?: FanMode
  /** The nonlinearity that determines the gain. Default 'leaky_relu'. */
  nonlinearity?: Nonlinearity
}

/**
 * `torch.nn.init.kaiming_uniform_`: uniform on [-b, b) with b = gain · sqrt(3 / fan). With `a: Math.sqrt(5)` it is
 * uniform on [-1 / sqrt(fan_in), 1 / sqrt(fan_in)), the default of PyTorch's Linear and Conv layers.
 *
 * @param options See `KaimingOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { kaiming_uniform_ } from 'simdinit/torch'
 * console.log(kaiming_uniform_({ mode: 'fan_out' }).mode) // fanOut
 */
export function kaiming_uniform_(options: KaimingOptions = {}): VarianceScalingStrategy {
  return createKaiming('kaiming_uniform_', 'uniform', options)
}

/**
 * `torch.nn.init.kaiming_normal_`: N(0, std^2) with std = gain / sqrt(fan), not truncated.
 *
 * @param options See `KaimingOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { kaiming_normal_ } from 'simdinit/torch'
 * console.log(kaiming_normal_({ nonlinearity: 'relu' }).gain) // 1.4142135623730951
 */
export function kaiming_normal_(options: KaimingOptions = {}): VarianceScalingStrategy {
  return createKaiming('kaiming_normal_', 'normal', options)
}

function createKaiming(
  title: string,
  distribution: ScaledDistribution,
  options: KaimingOptions,
): VarianceScalingStrategy {
  const o = checkObject(title, options, ['a', 'mode', 'nonlinearity'])
  const { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' } = o
  const fanMode = checkOneOf('mode', mode, Object.keys(MODES) as FanMode[])
  if (typeof a === 'boolean') throwRangeError('a', 'a number', a)
  return varianceScaling({
    mode: MODES[fanMode],
    distribution,
    gain: calculate_gain(nonlinearity as Nonlinearity, a as number),
    layout: 'oi',
  })
}
