/**
 * Variance scaling: normal and uniform distributions whose standard deviation follows from the fans of the shape
 * (`fans.ts`). Xavier, He and LeCun initialization are variance scaling with a fixed scale, mode and distribution. The
 * functions here return plain data; `distributions/resolve-distribution.ts` computes the standard deviation.
 *
 * A strategy that reads fans may leave `layout` unset; the call that creates the tensor fills it in, by default 'oi'.
 */

import { checkInteger, checkNumber, checkObject, checkOneOf, throwConflict } from '../errors/validate.ts'
import { FAN_MODES, checkAxes, type FanMode } from './fans.ts'
import { LAYOUTS, type Layout } from './layout.ts'

/** The distribution that a standard deviation is turned into; see `varianceScaling`. */
export type ScaledDistribution = 'normal' | 'truncatedNormal' | 'uniform'
export const SCALED_DISTRIBUTIONS: readonly ScaledDistribution[] = ['normal', 'truncatedNormal', 'uniform']

/** Both fans of a scalar or vector, which has none of its own: its size (Keras), or the square root of it (TensorFlow.js). */
export type VectorFans = 'size' | 'root'
export const VECTOR_FANS: readonly VectorFans[] = ['size', 'root']

/** Standard deviation gain · sqrt(scale / n), with n the fan that `mode` selects. See `varianceScaling`. */
export interface VarianceScalingStrategy {
  /** The name of the strategy. */
  readonly type: 'varianceScaling'
  /** >= 0. Default 1. */
  readonly scale: number
  /** The fan to divide by. Default 'fanIn'. */
  readonly mode: FanMode
  /** Default 'truncatedNormal'. */
  readonly distribution: ScaledDistribution
  /** Multiplies the standard deviation, >= 0. Default 1. */
  readonly gain: number
  /** The order of the axes. Default: that of the call, else 'oi'. Cannot be combined with axes. */
  readonly layout?: Layout
  /** An integer >= 1 that replaces the fan in of the shape. */
  readonly fanIn?: number
  /** An integer >= 1 that replaces the fan out of the shape. */
  readonly fanOut?: number
  /** Input axes, instead of a layout. Either all three lists of axes are set or none. */
  readonly inAxes?: readonly number[]
  /** Output axes. */
  readonly outAxes?: readonly number[]
  /** Axes along which matrices are stacked. */
  readonly batchAxes?: readonly number[]
  /** What the fans of scalars and vectors are. Default: scalars and vectors are refused. */
  readonly vectorFans?: VectorFans
}

/** Options of the strategies that read fans. */
export interface FanOptions {
  /** The fan to divide the variance by. Default: 'fanAvg' for Xavier, else 'fanIn'. */
  mode?: FanMode
  /** Multiplies the standard deviation, >= 0; see `gain`. Default 1. */
  gain?: number
  /** The order of the axes. Default: that of the call, else 'oi'. Cannot be combined with axes. */
  layout?: Layout
  /** An integer >= 1 that replaces the fan in of the shape. */
  fanIn?: number
  /** An integer >= 1 that replaces the fan out of the shape. */
  fanOut?: number
  /** Input axes, negative from the last, for weights that fit no layout. Requires `outAxes`. */
  inAxes?: number | readonly number[]
  /** Output axes. Requires `inAxes`. Axes in none of the lists form the kernel, which counts for both fans. */
  outAxes?: number | readonly number[]
  /** Axes along which matrices are stacked; they count for neither fan. Default: none. */
  batchAxes?: number | readonly number[]
  /** What the fans of scalars and vectors are. Default: scalars and vectors are refused. */
  vectorFans?: VectorFans
}

const FAN_FIELDS = [
  'mode',
  'gain',
  'layout',
  'fanIn',
  'fanOut',
  'inAxes',
  'outAxes',
  'batchAxes',
  'vectorFans',
]

/**
 * Mean 0 and standard deviation gain · sqrt(scale / n), with n the fan that `mode` selects. 'truncatedNormal' is
 * truncated at two standard deviations of a normal that is widened, so that the standard deviation holds after
 * truncation. 'uniform' is on [-b, b) with b = sqrt(3) std. Source: jax.nn.initializers.variance_scaling,
 * keras.initializers.VarianceScaling.
 *
 * @param options `scale`: >= 0, default 1. `mode`: default 'fanIn'. `distribution`: default 'truncatedNormal'. The
 * others are described in `FanOptions`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { effectiveStd, resolveDistribution, varianceScaling } from 'simdinit'
 * const strategy = varianceScaling({ scale: 4, distribution: 'normal' })
 * console.log(effectiveStd(resolveDistribution(strategy, [10, 100]))) // 0.2
 */
export function varianceScaling(
  options: FanOptions & { scale?: number; distribution?: ScaledDistribution } = {},
): VarianceScalingStrategy {
  const o = checkObject('varianceScaling', options, ['scale', 'distribution', ...FAN_FIELDS])
  const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal', gain = 1 } = o
  const { layout, fanIn, fanOut, vectorFans } = o
  return {
    type: 'varianceScaling',
    scale: checkNumber('scale', scale, 0),
    mode: checkOneOf('mode', mode, FAN_MODES),
    distribution: checkOneOf('distribution', distribution, SCALED_DISTRIBUTIONS),
    gain: checkNumber('gain', gain, 0),
    ...(layout !== undefined && { layout: checkOneOf('layout', layout, LAYOUTS) }),
    ...(fanIn !== undefined && { fanIn: checkInteger('fanIn', fanIn, 1) }),
    ...(fanOut !== undefined && { fanOut: checkInteger('fanOut', fanOut, 1) }),
    ...checkAllAxes(o),
    ...(vectorFans !== undefined && { vectorFans: checkOneOf('vectorFans', vectorFans, VECTOR_FANS) }),
  }
}

/** All three lists of axes, or none of them. */
function checkAllAxes({ layout, inAxes, outAxes, batchAxes }: Record<string, unknown>) {
  if (inAxes === undefined && outAxes === undefined && batchAxes === undefined) return {}
  if (layout !== undefined) throwConflict('layout', 'inAxes', 'outAxes')
  return {
    inAxes: checkAxes('inAxes', inAxes),
    outAxes: checkAxes('outAxes', outAxes),
    batchAxes: checkAxes('batchAxes', batchAxes === undefined ? [] : batchAxes),
  }
}

/**
 * Xavier (Glorot) initialization: N(0, std^2) with std = gain · sqrt(2 / (fanIn + fanOut)), not truncated.
 * For tanh and similar activations. Source: Glorot and Bengio, AISTATS 2010.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanAvg'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 1.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { xavierNormal } from 'simdinit'
 * console.log(xavierNormal().distribution) // normal
 */
export function xavierNormal(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('xavierNormal', 1, 'fanAvg', 'normal', options)
}

/**
 * Xavier (Glorot) initialization with a truncated normal: std = gain · sqrt(2 / (fanIn + fanOut)) after truncation at two standard deviations of
 * the untruncated normal. Keras and JAX call it glorot_normal.
 * For tanh and similar activations. Source: Glorot and Bengio, AISTATS 2010.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanAvg'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 1.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { xavierTruncatedNormal } from 'simdinit'
 * console.log(xavierTruncatedNormal().distribution) // truncatedNormal
 */
export function xavierTruncatedNormal(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('xavierTruncatedNormal', 1, 'fanAvg', 'truncatedNormal', options)
}

/**
 * Xavier (Glorot) initialization with a uniform distribution on [-b, b), b = gain · sqrt(6 / (fanIn + fanOut)).
 * For tanh and similar activations. Source: Glorot and Bengio, AISTATS 2010.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanAvg'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 1.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { xavierUniform } from 'simdinit'
 * console.log(xavierUniform().distribution) // uniform
 */
export function xavierUniform(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('xavierUniform', 1, 'fanAvg', 'uniform', options)
}

/**
 * He (Kaiming) initialization: N(0, std^2) with std = gain · sqrt(2 / fanIn), not truncated.
 * For ReLU and similar activations. Source: He et al., ICCV 2015.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanIn'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 2.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { heNormal } from 'simdinit'
 * console.log(heNormal().distribution) // normal
 */
export function heNormal(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('heNormal', 2, 'fanIn', 'normal', options)
}

/**
 * He (Kaiming) initialization with a truncated normal: std = gain · sqrt(2 / fanIn) after truncation at two standard deviations of
 * the untruncated normal. Keras and JAX call it he_normal.
 * For ReLU and similar activations. Source: He et al., ICCV 2015.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanIn'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 2.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { heTruncatedNormal } from 'simdinit'
 * console.log(heTruncatedNormal().distribution) // truncatedNormal
 */
export function heTruncatedNormal(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('heTruncatedNormal', 2, 'fanIn', 'truncatedNormal', options)
}

/**
 * He (Kaiming) initialization with a uniform distribution on [-b, b), b = gain · sqrt(6 / fanIn).
 * For ReLU and similar activations. Source: He et al., ICCV 2015.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanIn'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 2.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { heUniform } from 'simdinit'
 * console.log(heUniform().distribution) // uniform
 */
export function heUniform(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('heUniform', 2, 'fanIn', 'uniform', options)
}

/**
 * LeCun initialization: N(0, std^2) with std = gain · sqrt(1 / fanIn), not truncated.
 * For SELU and linear layers. Source: LeCun et al., "Efficient BackProp", 1998.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanIn'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 1.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { lecunNormal } from 'simdinit'
 * console.log(lecunNormal().distribution) // normal
 */
export function lecunNormal(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('lecunNormal', 1, 'fanIn', 'normal', options)
}

/**
 * LeCun initialization with a truncated normal: std = gain · sqrt(1 / fanIn) after truncation at two standard deviations of
 * the untruncated normal. Keras and JAX call it lecun_normal.
 * For SELU and linear layers. Source: LeCun et al., "Efficient BackProp", 1998.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanIn'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 1.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { lecunTruncatedNormal } from 'simdinit'
 * console.log(lecunTruncatedNormal().distribution) // truncatedNormal
 */
export function lecunTruncatedNormal(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('lecunTruncatedNormal', 1, 'fanIn', 'truncatedNormal', options)
}

/**
 * LeCun initialization with a uniform distribution on [-b, b), b = gain · sqrt(3 / fanIn).
 * For SELU and linear layers. Source: LeCun et al., "Efficient BackProp", 1998.
 *
 * @param options See `FanOptions`. `mode` defaults to 'fanIn'.
 * @returns The strategy, as plain data: `varianceScaling` with scale 1.
 * @throws TypeError or RangeError if an option is out of its range, or options contradict each other.
 * @example
 * import { lecunUniform } from 'simdinit'
 * console.log(lecunUniform().distribution) // uniform
 */
export function lecunUniform(options: FanOptions = {}): VarianceScalingStrategy {
  return createNamedScaling('lecunUniform', 1, 'fanIn', 'uniform', options)
}

function createNamedScaling(
  title: string,
  scale: number,
  mode: FanMode,
  distribution: ScaledDistribution,
  options: FanOptions,
): VarianceScalingStrategy {
  checkObject(title, options, FAN_FIELDS)
  return varianceScaling({
    ...options,
    scale,
    mode: options.mode === undefined ? mode : options.mode,
    distribution,
  })
}

/** By name, for the registry: data may use the names that people know. */
export const SCALING_FACTORIES = {
  varianceScaling,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
}
