/**
 * `torch.nn.init` by its own names, defaults and conventions, as strategies. A tensor is what the call of the engine
 * names, so the first argument of PyTorch is not here; the others are fields. Nothing is truncated but
 * `trunc_normal_`, whose bounds are absolute. Source: torch/nn/init.py.
 */

/* oxlint-disable no-underscore-dangle -- the names are PyTorch's */

import { dirac, identity } from '../strategies/formula-strategies.ts'
import { checkNumber, checkObject, checkOneOf, throwRangeError } from '../errors/validate.ts'
import { constant, normal, ones, truncatedNormal, uniform, zeros } from '../strategies/elementary.ts'
import { varianceScaling, type ScaledDistribution } from '../strategies/variance-scaling.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { orthogonal, sparse } from '../strategies/matrix-strategies.ts'

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
export type Nonlinearity = (typeof NONLINEARITIES)[number]

export type FanMode = 'fan_in' | 'fan_out'
const MODES = { fan_in: 'fanIn', fan_out: 'fanOut' } as const

/** 1, 5/3 for tanh, sqrt(2) for relu, sqrt(2 / (1 + param^2)) for leaky_relu (param 0.01), 3/4 for selu. */
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

/** U[a, b). */
export function uniform_(options: { a?: number; b?: number } = {}): Strategy {
  const { a = 0, b = 1 } = checkObject('uniform_', options, ['a', 'b'])
  return uniform({ low: a as number, high: b as number })
}

/** N(mean, std^2). */
export function normal_(options: { mean?: number; std?: number } = {}): Strategy {
  const { mean = 0, std = 1 } = checkObject('normal_', options, ['mean', 'std'])
  return normal({ mean: mean as number, std: std as number })
}

/** N(mean, std^2) cut to [a, b], absolute: with a small std the defaults cut nothing. */
export function trunc_normal_(
  options: { mean?: number; std?: number; a?: number; b?: number } = {},
): Strategy {
  const {
    mean = 0,
    std = 1,
    a = -2,
    b = 2,
  } = checkObject('trunc_normal_', options, ['mean', 'std', 'a', 'b'])
  return truncatedNormal({ mean: mean as number, std: std as number, low: a as number, high: b as number })
}

export function constant_(options: { val: number }): Strategy {
  return constant({ value: checkObject('constant_', options, ['val']).val as number })
}

export const ones_ = ones
export const zeros_ = zeros

/** The identity, of any shape of rank 2. */
export function eye_(): Strategy {
  return identity()
}

/** A convolution that passes its channels on, in each of `groups`. */
export function dirac_(options: { groups?: number } = {}): Strategy {
  const { groups = 1 } = checkObject('dirac_', options, ['groups'])
  return dirac({ groups: groups as number, center: 'upper', layout: 'oi' })
}

/** The first axis against all others; orthonormal rows or columns, whichever are fewer. */
export function orthogonal_(options: { gain?: number } = {}): Strategy {
  const { gain = 1 } = checkObject('orthogonal_', options, ['gain'])
  return orthogonal({ gain: gain as number, axis: 0 })
}

/** N(0, std^2) with ceil(sparsity rows) zeros in each column. */
export function sparse_(options: { sparsity: number; std?: number }): Strategy {
  const { sparsity, std = 0.01 } = checkObject('sparse_', options, ['sparsity', 'std'])
  return sparse({ sparsity: sparsity as number, std: std as number })
}

/** U(+-gain sqrt(6 / (fan_in + fan_out))). */
export function xavier_uniform_(options: { gain?: number } = {}): Strategy {
  return createXavier('xavier_uniform_', 'uniform', options)
}

/** N(0, gain^2 2 / (fan_in + fan_out)), not truncated. */
export function xavier_normal_(options: { gain?: number } = {}): Strategy {
  return createXavier('xavier_normal_', 'normal', options)
}

function createXavier(title: string, distribution: ScaledDistribution, options: { gain?: number }): Strategy {
  const { gain = 1 } = checkObject(title, options, ['gain'])
  return varianceScaling({ mode: 'fanAvg', distribution, gain: gain as number, layout: 'oi' })
}

export interface KaimingOptions {
  /** Slope of the leaky_relu: 0 by default, and not the 0.01 of `calculate_gain`. */
  a?: number
  mode?: FanMode
  nonlinearity?: Nonlinearity
}

/** U(+-gain sqrt(3 / fan)). `a: Math.sqrt(5)` gives the U(+-1 / sqrt(fan_in)) of PyTorch's layers. */
export function kaiming_uniform_(options: KaimingOptions = {}): Strategy {
  return createKaiming('kaiming_uniform_', 'uniform', options)
}

/** N(0, gain^2 / fan), not truncated. */
export function kaiming_normal_(options: KaimingOptions = {}): Strategy {
  return createKaiming('kaiming_normal_', 'normal', options)
}

function createKaiming(title: string, distribution: ScaledDistribution, options: KaimingOptions): Strategy {
  const fields = checkObject(title, options, ['a', 'mode', 'nonlinearity'])
  const { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' } = fields
  const known = checkOneOf('mode', mode, Object.keys(MODES) as FanMode[])
  if (typeof a === 'boolean') throwRangeError('a', 'a number', a)
  return varianceScaling({
    mode: MODES[known],
    distribution,
    gain: calculate_gain(nonlinearity as Nonlinearity, a as number),
    layout: 'oi',
  })
}
