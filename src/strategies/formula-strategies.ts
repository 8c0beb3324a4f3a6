/**
 * Formula strategies: each element is computed by itself, from its index in the tensor or from a sample, by functions
 * that the kernels do not have. As everywhere in this folder, a function checks its options and returns plain data. The
 * formulas are in `distributions/formulas.ts`.
 */

import { checkInteger, checkNumber, checkObject, checkOneOf, throwRangeError } from '../errors/validate.ts'
import { checkBounds } from './elementary.ts'
import { checkAxis } from './fans.ts'
import { KERNEL_CENTERS, LAYOUTS, type KernelCenter, type Layout } from './layout.ts'

/** How sines and cosines are placed: alternating, or all sines before all cosines. */
export type Arrangement = 'interleaved' | 'halves'
export const ARRANGEMENTS: readonly Arrangement[] = ['interleaved', 'halves']

/** The real or the imaginary part of a Fourier transform. */
export type StftSide = 'real' | 'imag'
export const STFT_SIDES: readonly StftSide[] = ['real', 'imag']
/** The window of a short-time Fourier transform. */
export type StftWindow = 'hann' | 'hamming' | 'none'
export const STFT_WINDOWS: readonly StftWindow[] = ['hann', 'hamming', 'none']
/** What a window is divided by: the root of its sum of squares, its sum, or 1. */
export type StftScaling = 'density' | 'spectrum' | 'none'
export const STFT_SCALINGS: readonly StftScaling[] = ['density', 'spectrum', 'none']

/** `gain` on the diagonal of a matrix. */
export interface IdentityStrategy {
  /** The name of the strategy. */
  readonly type: 'identity'
  /** Finite. Default 1. */
  readonly gain: number
}

/** A convolution that passes its channels through. */
export interface DiracStrategy {
  /** The name of the strategy. */
  readonly type: 'dirac'
  /** An integer >= 1 that divides the output channels. Default 1. */
  readonly groups: number
  /** The center of kernels of even size. Default 'upper'. */
  readonly center: KernelCenter
  /** The order of the axes. Default: that of the call, else 'oi'. */
  readonly layout?: Layout
}

/** Bilinear interpolation as a transposed convolution. */
export interface BilinearStrategy {
  /** The name of the strategy. */
  readonly type: 'bilinear'
}

/** The biases of an LSTM's gates: `value` for one gate, 0 for the others. */
export interface ForgetGateBiasStrategy {
  /** The name of the strategy. */
  readonly type: 'forgetGateBias'
  /** Finite. Default 1. */
  readonly value: number
  /** Number of gates, an integer >= 1. Default 4. */
  readonly gates: number
  /** Index of the gate whose bias is `value`, from 0. Default 1. */
  readonly gate: number
}

/** start + step · i along an axis. */
export interface ArangeStrategy {
  /** The name of the strategy. */
  readonly type: 'arange'
  /** Finite. Default 0. */
  readonly start: number
  /** Finite. Default 1. */
  readonly step: number
  /** From -32 to 31, negative from the last. Default -1. */
  readonly axis: number
}

/** ln(start + step · i) along an axis. */
export interface LogArangeStrategy {
  /** The name of the strategy. */
  readonly type: 'logArange'
  /** Above 0. Default 1. */
  readonly start: number
  /** >= 0. Default 1. */
  readonly step: number
  /** From -32 to 31, negative from the last. Default -1. */
  readonly axis: number
}

/** Sinusoidal position embeddings. */
export interface SinusoidalStrategy {
  /** The name of the strategy. */
  readonly type: 'sinusoidal'
  /** The longest wavelength over 2 pi, above 1. Default 10000. */
  readonly max: number
  /** Default 'interleaved'. */
  readonly arrangement: Arrangement
}

/** The kernel of a short-time Fourier transform. */
export interface StftStrategy {
  /** The name of the strategy. */
  readonly type: 'stft'
  /** Default 'real'. */
  readonly side: StftSide
  /** Default 'hann'. */
  readonly window: StftWindow
  /** Default 'density'. */
  readonly scaling: StftScaling
  /** Whether the window is periodic rather than symmetric. Default false. */
  readonly periodic: boolean
}

/** e^u with u uniform on [ln low, ln high). */
export interface LogUniformStrategy {
  /** The name of the strategy. */
  readonly type: 'logUniform'
  /** Above 0. */
  readonly low: number
  /** Above `low`. */
  readonly high: number
}

/** ln u with u uniform on [low, high). */
export interface LogOfUniformStrategy {
  /** The name of the strategy. */
  readonly type: 'logOfUniform'
  /** Above 0. */
  readonly low: number
  /** Above `low`. */
  readonly high: number
}

/** The time step bias of Mamba. */
export interface MambaDtBiasStrategy {
  /** The name of the strategy. */
  readonly type: 'mambaDtBias'
  /** The smallest time step, above 0. Default 0.001. */
  readonly low: number
  /** The largest time step, above `low`. Default 0.1. */
  readonly high: number
  /** Smaller time steps are raised to this, above 0. Default 1e-4. */
  readonly floor: number
}

/** The recurrence parameter of Griffin. */
export interface GriffinRecurrenceStrategy {
  /** The name of the strategy. */
  readonly type: 'griffinRecurrence'
  /** The smallest decay, above 0. Default 0.9. */
  readonly low: number
  /** The largest decay, above `low` and below sqrt(1 - 1e-8). Default 0.999. */
  readonly high: number
}

/**
 * `gain` on the diagonal and 0 elsewhere, for matrices of any shape. Source: torch.nn.init.eye_,
 * keras.initializers.Identity.
 *
 * @param options `gain`: finite, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `gain` is not finite.
 * @example
 * import { identity } from 'simdinit'
 * console.log(identity({ gain: 0.5 })) // { type: 'identity', gain: 0.5 }
 */
export function identity(options: { gain?: number } = {}): IdentityStrategy {
  const { gain = 1 } = checkObject('identity', options, ['gain'])
  return { type: 'identity', gain: checkNumber('gain', gain) }
}

/**
 * A convolution that passes its channels through: within each group, 1 at the center of the kernel that connects an
 * output channel to the input channel of the same index, and 0 elsewhere. For shapes of rank 3 to 5. Source:
 * torch.nn.init.dirac_.
 *
 * @param options `groups`: an integer >= 1 that divides the output channels, default 1. `center`: the tap of kernels of
 * even size k, k / 2 for 'upper' (the default, as in PyTorch) or k / 2 - 1 for 'lower' (as in JAX). `layout`: default
 * that of the call, else 'oi'.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { dirac } from 'simdinit'
 * console.log(dirac()) // { type: 'dirac', groups: 1, center: 'upper' }
 */
export function dirac(
  options: { groups?: number; center?: KernelCenter; layout?: Layout } = {},
): DiracStrategy {
  const o = checkObject('dirac', options, ['groups', 'center', 'layout'])
  const { groups = 1, center = 'upper', layout } = o
  return {
    type: 'dirac',
    groups: checkInteger('groups', groups, 1),
    center: checkOneOf('center', center, KERNEL_CENTERS),
    ...(layout !== undefined && { layout: checkOneOf('layout', layout, LAYOUTS) }),
  }
}

/**
 * Bilinear interpolation as a transposed convolution, for shapes [.., .., height, width]. Source: mxnet.init.Bilinear.
 *
 * @param options An empty object, or nothing.
 * @returns The strategy, as plain data.
 * @throws TypeError if the options have a field.
 * @example
 * import { bilinear } from 'simdinit'
 * console.log(bilinear()) // { type: 'bilinear' }
 */
export function bilinear(options: object = {}): BilinearStrategy {
  checkObject('bilinear', options, [])
  return { type: 'bilinear' }
}

/**
 * The biases of an LSTM's gates, a vector with one part per gate: `value` in the part of `gate`, 0 elsewhere. By
 * default the second of four gates, which is the forget gate in PyTorch, Keras and MXNet. Source: Gers, Schmidhuber and
 * Cummins, 2000; mxnet.init.LSTMBias; keras.layers.LSTM(unit_forget_bias=True).
 *
 * @param options `value`: finite, default 1. `gates`: the number of gates, >= 1, default 4. `gate`: the index of the
 * gate, from 0 to gates - 1, default 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { forgetGateBias } from 'simdinit'
 * console.log(forgetGateBias()) // { type: 'forgetGateBias', value: 1, gates: 4, gate: 1 }
 */
export function forgetGateBias(
  options: { value?: number; gates?: number; gate?: number } = {},
): ForgetGateBiasStrategy {
  const o = checkObject('forgetGateBias', options, ['value', 'gates', 'gate'])
  const { value = 1, gates = 4, gate = 1 } = o
  const count = checkInteger('gates', gates, 1)
  return {
    type: 'forgetGateBias',
    value: checkNumber('value', value),
    gates: count,
    gate: checkInteger('gate', gate, 0, count - 1),
  }
}

const ARANGE_FIELDS = ['start', 'step', 'axis']
type ArangeOptions = { start?: number; step?: number; axis?: number }

/**
 * start + step · i, with i the index along one axis: stored position indices, for example.
 *
 * @param options `start`: default 0. `step`: default 1. `axis`: negative from the last, default -1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { arange } from 'simdinit'
 * console.log(arange({ step: 2 })) // { type: 'arange', start: 0, step: 2, axis: -1 }
 */
export function arange(options: ArangeOptions = {}): ArangeStrategy {
  const { start = 0, step = 1, axis = -1 } = checkObject('arange', options, ARANGE_FIELDS)
  return {
    type: 'arange',
    start: checkNumber('start', start),
    step: checkNumber('step', step),
    axis: checkAxis('axis', axis),
  }
}

/**
 * ln(start + step · i), with i the index along one axis: the A_log of Mamba (S4D-real). Source: Gu and Dao, 2023.
 *
 * @param options `start`: above 0, default 1. `step`: >= 0, default 1. `axis`: negative from the last, default -1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { logArange } from 'simdinit'
 * console.log(logArange()) // { type: 'logArange', start: 1, step: 1, axis: -1 }
 */
export function logArange(options: ArangeOptions = {}): LogArangeStrategy {
  const { start = 1, step = 1, axis = -1 } = checkObject('logArange', options, ARANGE_FIELDS)
  return {
    type: 'logArange',
    start: checkPositive('start', start),
    step: checkNumber('step', step, 0),
    axis: checkAxis('axis', axis),
  }
}

/**
 * Sinusoidal position embeddings, for shapes [positions, width]. 'interleaved' alternates sin and cos of
 * p · max^(-2i / width), as Vaswani et al., 2017. 'halves' puts all sines before all cosines of
 * p · max^(-i / (width / 2 - 1)), as tensor2tensor and Whisper.
 *
 * @param options `max`: above 1, default 10000. `arrangement`: default 'interleaved'.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { sinusoidal } from 'simdinit'
 * console.log(sinusoidal()) // { type: 'sinusoidal', max: 10000, arrangement: 'interleaved' }
 */
export function sinusoidal(options: { max?: number; arrangement?: Arrangement } = {}): SinusoidalStrategy {
  const o = checkObject('sinusoidal', options, ['max', 'arrangement'])
  const { max = 10000, arrangement = 'interleaved' } = o
  const base = checkNumber('max', max)
  if (base <= 1) throwRangeError('max', 'a number above 1', max)
  return { type: 'sinusoidal', max: base, arrangement: checkOneOf('arrangement', arrangement, ARRANGEMENTS) }
}

/**
 * The kernel of a short-time Fourier transform of 2 (bins - 1) points, for shapes [frame, 1, bins]: the real or the
 * imaginary part of e^(-2 pi i t f), under a window that is divided by the root of its sum of squares ('density') or by
 * its sum ('spectrum'). Source: keras.initializers.STFT.
 *
 * @param options `side`: default 'real'. `window`: default 'hann'. `scaling`: default 'density'. `periodic`: whether
 * the window is periodic rather than symmetric, default false.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError for an unknown word.
 * @example
 * import { stft } from 'simdinit'
 * console.log(stft({ side: 'imag' }).window) // hann
 */
export function stft(
  options: { side?: StftSide; window?: StftWindow; scaling?: StftScaling; periodic?: boolean } = {},
): StftStrategy {
  const o = checkObject('stft', options, ['side', 'window', 'scaling', 'periodic'])
  const { side = 'real', window = 'hann', scaling = 'density', periodic = false } = o
  return {
    type: 'stft',
    side: checkOneOf('side', side, STFT_SIDES),
    window: checkOneOf('window', window, STFT_WINDOWS),
    scaling: checkOneOf('scaling', scaling, STFT_SCALINGS),
    periodic: checkOneOf('periodic', String(periodic), ['true', 'false']) === 'true',
  }
}

/**
 * e^u with u uniform on [ln low, ln high): every order of magnitude is equally likely.
 *
 * @param options `low`: above 0. `high`: above `low`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if a bound is out of its range.
 * @example
 * import { logUniform } from 'simdinit'
 * console.log(logUniform({ low: 0.01, high: 1 })) // { type: 'logUniform', low: 0.01, high: 1 }
 */
export function logUniform(options: { low: number; high: number }): LogUniformStrategy {
  const { low, high } = checkObject('logUniform', options, ['low', 'high'])
  return { type: 'logUniform', ...checkPositiveBounds(low, high) }
}

/**
 * ln u with u uniform on [low, high): the A_log of Mamba-2 (1 to 16) and of gated delta networks.
 *
 * @param options `low`: above 0. `high`: above `low`.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if a bound is out of its range.
 * @example
 * import { logOfUniform } from 'simdinit'
 * console.log(logOfUniform({ low: 1, high: 16 })) // { type: 'logOfUniform', low: 1, high: 16 }
 */
export function logOfUniform(options: { low: number; high: number }): LogOfUniformStrategy {
  const { low, high } = checkObject('logOfUniform', options, ['low', 'high'])
  return { type: 'logOfUniform', ...checkPositiveBounds(low, high) }
}

/**
 * The bias whose softplus is a time step dt, log-uniform on [low, high) and at least `floor`: dt + ln(1 - e^-dt).
 * Source: Gu and Dao, "Mamba", 2023, section 3.6, and mamba_simple.py.
 *
 * @param options `low`: above 0, default 0.001. `high`: above `low`, default 0.1. `floor`: above 0, default 1e-4.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { mambaDtBias } from 'simdinit'
 * console.log(mambaDtBias()) // { type: 'mambaDtBias', low: 0.001, high: 0.1, floor: 0.0001 }
 */
export function mambaDtBias(
  options: { low?: number; high?: number; floor?: number } = {},
): MambaDtBiasStrategy {
  const o = checkObject('mambaDtBias', options, ['low', 'high', 'floor'])
  const { low = 0.001, high = 0.1, floor = 1e-4 } = o
  return {
    type: 'mambaDtBias',
    ...checkPositiveBounds(low, high),
    floor: checkPositive('floor', floor),
  }
}

/**
 * ln(u^-1/2 - 1) with u uniform on [low^2, high^2): the parameter of the recurrent gates of Griffin, whose decay lies
 * between `low` and `high`. Source: De et al., "Griffin", 2024, and recurrentgemma's `rnn_param_init`.
 *
 * @param options `low`: above 0, default 0.9. `high`: above `low` and below sqrt(1 - 1e-8), default 0.999.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if a bound is out of its range.
 * @example
 * import { griffinRecurrence } from 'simdinit'
 * console.log(griffinRecurrence()) // { type: 'griffinRecurrence', low: 0.9, high: 0.999 }
 */
export function griffinRecurrence(options: { low?: number; high?: number } = {}): GriffinRecurrenceStrategy {
  const { low = 0.9, high = 0.999 } = checkObject('griffinRecurrence', options, ['low', 'high'])
  const bounds = checkPositiveBounds(low, high)
  if (!(bounds.high * bounds.high + 1e-8 < 1)) throwRangeError('high', 'a number below sqrt(1 - 1e-8)', high)
  return { type: 'griffinRecurrence', ...bounds }
}

function checkPositive(title: string, value: unknown): number {
  const number = checkNumber(title, value)
  if (number <= 0) throwRangeError(title, 'a number above 0', value)
  return number
}

function checkPositiveBounds(low: unknown, high: unknown): { low: number; high: number } {
  checkPositive('low', low)
  return checkBounds(low, high)
}

/** By name, for the registry. */
export const FORMULA_FACTORIES = {
  identity,
  dirac,
  bilinear,
  forgetGateBias,
  arange,
  logArange,
  sinusoidal,
  stft,
  logUniform,
  logOfUniform,
  mambaDtBias,
  griffinRecurrence,
}

/** A strategy whose elements are computed one by one, by a formula. */
export type FormulaStrategy = ReturnType<(typeof FORMULA_FACTORIES)[keyof typeof FORMULA_FACTORIES]>
