/**
 * Elementary strategies: constants, and the distributions whose parameters are numbers rather than fans. As everywhere
 * in this folder, a function checks its options and returns plain data; nothing is sampled.
 */

import { checkNumber, checkObject, throwConflict, throwRangeError } from '../errors/validate.ts'

/** Every element is 0. */
export interface ZerosStrategy {
  /** The name of the strategy. */
  readonly type: 'zeros'
}

/** Every element is 1. */
export interface OnesStrategy {
  /** The name of the strategy. */
  readonly type: 'ones'
}

/** Every element is the same number. */
export interface ConstantStrategy {
  /** The name of the strategy. */
  readonly type: 'constant'
  /** Finite. */
  readonly value: number
}

/** The normal distribution N(mean, std^2). */
export interface NormalStrategy {
  /** The name of the strategy. */
  readonly type: 'normal'
  /** Finite. Default 0. */
  readonly mean: number
  /** Standard deviation, finite and >= 0. Default 1. */
  readonly std: number
}

/** The uniform distribution on [low, high). */
export interface UniformStrategy {
  /** The name of the strategy. */
  readonly type: 'uniform'
  /** The lower bound, which can occur. Default 0. */
  readonly low: number
  /** The upper bound, above `low`, which never occurs. Default 1. */
  readonly high: number
}

/** The normal distribution N(mean, std^2), truncated to [low, high]. */
export interface TruncatedNormalStrategy {
  /** The name of the strategy. */
  readonly type: 'truncatedNormal'
  /** Of the normal before truncation. Default 0. */
  readonly mean: number
  /** Of the normal before truncation, >= 0. Default 1. */
  readonly std: number
  /** The lower bound, an absolute value. Default: unbounded. */
  readonly low?: number
  /** The upper bound, an absolute value above `low`. Default: unbounded. */
  readonly high?: number
}

/**
 * Every element is 0.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if the options have a field.
 * @example
 * import { zeros } from 'simdinit'
 * console.log(zeros()) // { type: 'zeros' }
 */
export function zeros(options: object = {}): ZerosStrategy {
  checkObject('zeros', options, [])
  return { type: 'zeros' }
}

/**
 * Every element is 1.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if the options have a field.
 * @example
 * import { ones } from 'simdinit'
 * console.log(ones()) // { type: 'ones' }
 */
export function ones(options: object = {}): OnesStrategy {
  checkObject('ones', options, [])
  return { type: 'ones' }
}

/**
 * Every element is the same number.
 *
 * @param options `value`: a finite number, which is rounded to the tensor's dtype.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `value` is not a finite number.
 * @example
 * import { constant } from 'simdinit'
 * console.log(constant({ value: 0.1 })) // { type: 'constant', value: 0.1 }
 */
export function constant(options: { value: number }): ConstantStrategy {
  const { value } = checkObject('constant', options, ['value'])
  return { type: 'constant', value: checkNumber('value', value) }
}

/**
 * The normal distribution N(mean, std^2).
 *
 * @param options `mean`: finite, default 0. `std`: the standard deviation, finite and >= 0, default 1; with 0 every
 * element is `mean`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { normal } from 'simdinit'
 * console.log(normal({ std: 0.02 })) // { type: 'normal', mean: 0, std: 0.02 }
 */
export function normal(options: { mean?: number; std?: number } = {}): NormalStrategy {
  const { mean = 0, std = 1 } = checkObject('normal', options, ['mean', 'std'])
  return { type: 'normal', mean: checkNumber('mean', mean), std: checkNumber('std', std, 0) }
}

/**
 * The uniform distribution on [low, high). `low` can occur; `high` never does, in any dtype.
 *
 * @param options `low`: finite, default 0. `high`: finite and above `low`, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if a bound is not finite, or `high` is not above `low`.
 * @example
 * import { uniform } from 'simdinit'
 * console.log(uniform({ low: -0.1, high: 0.1 })) // { type: 'uniform', low: -0.1, high: 0.1 }
 */
export function uniform(options: { low?: number; high?: number } = {}): UniformStrategy {
  const { low = 0, high = 1 } = checkObject('uniform', options, ['low', 'high'])
  return { type: 'uniform', ...checkBounds(low, high) }
}

/** Two finite numbers, the first below the second. */
export function checkBounds(low: unknown, high: unknown): { low: number; high: number } {
  const bounds = { low: checkNumber('low', low), high: checkNumber('high', high) }
  if (bounds.low >= bounds.high) throwRangeError('high', `a number above "low" (${bounds.low})`, high)
  return bounds
}

/**
 * The normal distribution N(mean, std^2), truncated to [low, high]. `mean` and `std` describe the normal before
 * truncation. The bounds are absolute values, as in torch.nn.init.trunc_normal_. `sigmas` sets both bounds at
 * mean ± sigmas · std instead, as Keras and JAX do.
 *
 * @param options `mean`: default 0. `std`: >= 0, default 1. `low`, `high`: default unbounded. `sigmas`: above 0, cannot
 * be combined with `low` or `high`.
 * @returns The strategy, as plain data, with `sigmas` replaced by the bounds.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { truncatedNormal } from 'simdinit'
 * console.log(truncatedNormal({ std: 0.5, sigmas: 2 })) // { type: 'truncatedNormal', mean: 0, std: 0.5, low: -1, high: 1 }
 */
export function truncatedNormal(
  options: { mean?: number; std?: number; low?: number; high?: number; sigmas?: number } = {},
): TruncatedNormalStrategy {
  const o = checkObject('truncatedNormal', options, ['mean', 'std', 'low', 'high', 'sigmas'])
  const { mean = 0, std = 1, low, high, sigmas } = o
  const normalPart = { mean: checkNumber('mean', mean), std: checkNumber('std', std, 0) }
  const bounds = sigmas === undefined ? checkOptionalBounds(low, high) : resolveSigmas(normalPart, o)
  return { type: 'truncatedNormal', ...normalPart, ...bounds }
}

function checkOptionalBounds(low: unknown, high: unknown): { low?: number; high?: number } {
  if (low !== undefined && high !== undefined) return checkBounds(low, high)
  return {
    ...(low !== undefined && { low: checkNumber('low', low) }),
    ...(high !== undefined && { high: checkNumber('high', high) }),
  }
}

function resolveSigmas(
  { mean, std }: { mean: number; std: number },
  { low, high, sigmas }: Record<string, unknown>,
): { low: number; high: number } {
  if (low !== undefined || high !== undefined) throwConflict('sigmas', 'low', 'high')
  const halfWidth = std * checkNumber('sigmas', sigmas)
  if (!(halfWidth > 0)) throwRangeError('sigmas', 'a number above 0, with a "std" above 0', sigmas)
  return checkBounds(mean - halfWidth, mean + halfWidth)
}

/** By name, for the registry. */
export const ELEMENTARY_FACTORIES = {
  zeros,
  ones,
  constant,
  normal,
  uniform,
  truncatedNormal,
}
