/**
 * Strategies whose elements are computed one by one, from their place in the tensor or from a draw by functions that
 * the kernels do not have. As in `strategies.ts`: each function checks its fields and returns plain data. What they
 * compute: `formulas.ts`.
 */

import { checkInteger, checkNumber, checkObject, checkOneOf, throwRangeError } from '../errors/validate.ts'
import { LAYOUTS, type Layout } from './fans.ts'

export type KernelCenter = 'upper' | 'lower'
export const KERNEL_CENTERS: readonly KernelCenter[] = ['upper', 'lower']

export type Arrangement = 'interleaved' | 'halves'
export const ARRANGEMENTS: readonly Arrangement[] = ['interleaved', 'halves']

export type FormulaStrategy =
  | { type: 'identity'; gain: number }
  | { type: 'dirac'; groups: number; center: KernelCenter; layout?: Layout }
  | { type: 'bilinear' }
  | { type: 'forgetGateBias'; value: number; gates: number; gate: number }
  | { type: 'arange'; start: number; step: number; axis: number }
  | { type: 'logArange'; start: number; step: number; axis: number }
  | { type: 'sinusoidal'; max: number; arrangement: Arrangement }
  | { type: 'stft'; side: StftSide; window: StftWindow; scaling: StftScaling; periodic: boolean }
  | { type: 'logUniform'; low: number; high: number }
  | { type: 'logOfUniform'; low: number; high: number }
  | { type: 'mambaDtBias'; low: number; high: number; floor: number }
  | { type: 'griffinRecurrence'; low: number; high: number }

export type StftSide = 'real' | 'imag'
export const STFT_SIDES: readonly StftSide[] = ['real', 'imag']
export type StftWindow = 'hann' | 'hamming' | 'none'
export const STFT_WINDOWS: readonly StftWindow[] = ['hann', 'hamming', 'none']
export type StftScaling = 'density' | 'spectrum' | 'none'
export const STFT_SCALINGS: readonly StftScaling[] = ['density', 'spectrum', 'none']

/**
 * `gain` on the diagonal of a matrix, of any shape of rank 2, and 0 elsewhere.
 * Source: torch.nn.init.eye_, keras.initializers.Identity.
 */
export function identity(options: { gain?: number } = {}): FormulaStrategy {
  const { gain = 1 } = checkObject('identity', options, ['gain'])
  return { type: 'identity', gain: checkNumber('gain', gain) }
}

/**
 * A convolution that passes its channels on: 1 at the kernel's center where the input channel is that of the output,
 * within each of `groups`, and 0 elsewhere. Shapes of rank 3 to 5 in `layout`. In kernels of even size the center is
 * k / 2 ('upper', as torch.nn.init.dirac_ has it) or k / 2 - 1 ('lower', as jax.nn.initializers.delta_orthogonal).
 */
export function dirac(
  options: { groups?: number; center?: KernelCenter; layout?: Layout } = {},
): FormulaStrategy {
  const {
    groups = 1,
    center = 'upper',
    layout,
  } = checkObject('dirac', options, ['groups', 'center', 'layout'])
  return {
    type: 'dirac',
    groups: checkInteger('groups', groups, 1),
    center: checkOneOf('center', center, KERNEL_CENTERS),
    ...(layout !== undefined && { layout: checkOneOf('layout', layout, LAYOUTS) }),
  }
}

/** Bilinear interpolation as a transposed convolution, [.., .., height, width]. Source: mxnet.init.Bilinear. */
export function bilinear(options: object = {}): FormulaStrategy {
  checkObject('bilinear', options, [])
  return { type: 'bilinear' }
}

/**
 * A vector of the biases of an LSTM's gates, one part a gate: `value` in part `gate`, 0 elsewhere. The default is the
 * second of four, where PyTorch, Keras and MXNet all have the forget gate.
 * Source: Gers, Schmidhuber and Cummins, 2000; mxnet.init.LSTMBias; keras.layers.LSTM(unit_forget_bias=True).
 */
export function forgetGateBias(
  options: { value?: number; gates?: number; gate?: number } = {},
): FormulaStrategy {
  const {
    value = 1,
    gates = 4,
    gate = 1,
  } = checkObject('forgetGateBias', options, ['value', 'gates', 'gate'])
  const count = checkInteger('gates', gates, 1)
  return {
    type: 'forgetGateBias',
    value: checkNumber('value', value),
    gates: count,
    gate: checkInteger('gate', gate, 0, count - 1),
  }
}

const RANGE_FIELDS = ['start', 'step', 'axis']
type RangeOptions = { start?: number; step?: number; axis?: number }

/** start + step i, i the index along `axis` (negative: from the last). Stored positions. */
export function arange(options: RangeOptions = {}): FormulaStrategy {
  const { start = 0, step = 1, axis = -1 } = checkObject('arange', options, RANGE_FIELDS)
  return {
    type: 'arange',
    start: checkNumber('start', start),
    step: checkNumber('step', step),
    axis: checkAxis(axis),
  }
}

/** ln(start + step i), i the index along `axis`. The A_log of Mamba (S4D-real): Gu and Dao, 2023. */
export function logArange(options: RangeOptions = {}): FormulaStrategy {
  const { start = 1, step = 1, axis = -1 } = checkObject('logArange', options, RANGE_FIELDS)
  const from = checkNumber('start', start)
  if (from <= 0) throwRangeError('start', 'a number above 0', start)
  return { type: 'logArange', start: from, step: checkNumber('step', step, 0), axis: checkAxis(axis) }
}

function checkAxis(axis: unknown): number {
  return checkInteger('axis', axis, -32, 31)
}

/**
 * Positions as waves, [positions, width] (Vaswani et al., 2017): sin and cos of p max^(-2i / width), 'interleaved';
 * or 'halves', all sines before all cosines, of p max^(-i / (width / 2 - 1)), as tensor2tensor and Whisper have it.
 */
export function sinusoidal(options: { max?: number; arrangement?: Arrangement } = {}): FormulaStrategy {
  const { max = 10000, arrangement = 'interleaved' } = checkObject('sinusoidal', options, [
    'max',
    'arrangement',
  ])
  const top = checkNumber('max', max)
  if (top <= 1) throwRangeError('max', 'a number above 1', max)
  return { type: 'sinusoidal', max: top, arrangement: checkOneOf('arrangement', arrangement, ARRANGEMENTS) }
}

/**
 * The kernel of a short-time Fourier transform, [frame, 1, bins] with a transform of 2 (bins - 1) points: the real or
 * the imaginary part of e^(-2 pi i t f), under a window that is divided by the root of its sum of squares ('density')
 * or by its sum ('spectrum'). Source: keras.initializers.STFT.
 */
export function stft(
  options: { side?: StftSide; window?: StftWindow; scaling?: StftScaling; periodic?: boolean } = {},
): FormulaStrategy {
  const fields = ['side', 'window', 'scaling', 'periodic']
  const o = checkObject('stft', options, fields)
  const { side = 'real', window = 'hann', scaling = 'density', periodic = false } = o
  return {
    type: 'stft',
    side: checkOneOf('side', side, STFT_SIDES),
    window: checkOneOf('window', window, STFT_WINDOWS),
    scaling: checkOneOf('scaling', scaling, STFT_SCALINGS),
    periodic: checkOneOf('periodic', String(periodic), ['true', 'false']) === 'true',
  }
}

/** e^u with u uniform on [ln low, ln high): every factor is as likely as any other. 0 < low < high. */
export function logUniform(options: { low: number; high: number }): FormulaStrategy {
  const { low, high } = checkObject('logUniform', options, ['low', 'high'])
  return { type: 'logUniform', ...checkPositiveBounds(low, high) }
}

/** ln u with u uniform on [low, high), 0 < low < high. The A_log of Mamba-2 (1 to 16) and of gated delta networks. */
export function logOfUniform(options: { low: number; high: number }): FormulaStrategy {
  const { low, high } = checkObject('logOfUniform', options, ['low', 'high'])
  return { type: 'logOfUniform', ...checkPositiveBounds(low, high) }
}

/**
 * The bias whose softplus is a time step dt, log-uniform on [low, high) and at least `floor`: dt + ln(1 - e^-dt).
 * Source: Gu and Dao, "Mamba", 2023, section 3.6, and mamba_simple.py.
 */
export function mambaDtBias(options: { low?: number; high?: number; floor?: number } = {}): FormulaStrategy {
  const {
    low = 0.001,
    high = 0.1,
    floor = 1e-4,
  } = checkObject('mambaDtBias', options, ['low', 'high', 'floor'])
  const least = checkNumber('floor', floor)
  if (least <= 0) throwRangeError('floor', 'a number above 0', floor)
  return { type: 'mambaDtBias', ...checkPositiveBounds(low, high), floor: least }
}

/**
 * ln(u^-1/2 - 1) with u uniform on [low^2, high^2): the parameter of the recurrent gates of Griffin, whose decay is
 * between `low` and `high`. Source: De et al., "Griffin", 2024, and recurrentgemma's `rnn_param_init`.
 */
export function griffinRecurrence(options: { low?: number; high?: number } = {}): FormulaStrategy {
  const { low = 0.9, high = 0.999 } = checkObject('griffinRecurrence', options, ['low', 'high'])
  const bounds = checkPositiveBounds(low, high)
  if (bounds.high >= 1) throwRangeError('high', 'a number below 1', high)
  return { type: 'griffinRecurrence', ...bounds }
}

function checkPositiveBounds(low: unknown, high: unknown): { low: number; high: number } {
  const [from, to] = [checkNumber('low', low), checkNumber('high', high)]
  if (from <= 0) throwRangeError('low', 'a number above 0', low)
  if (from >= to) throwRangeError('high', `a number above "low" (${from})`, high)
  return { low: from, high: to }
}
