/**
 * Strategies whose elements are computed one by one, from their place in the tensor or from a draw by functions that
 * the kernels do not have. As in `strategies.ts`: each function checks its fields and returns plain data. What they
 * compute: `formulas.ts`.
 */

import { anInteger, aNumber, anObject, oneOf, wrongValue } from '../errors.ts'
import { LAYOUTS, type Layout } from '../fans.ts'

export type Centre = 'upper' | 'lower'
export const CENTRES: readonly Centre[] = ['upper', 'lower']

export type Arrangement = 'interleaved' | 'halves'
export const ARRANGEMENTS: readonly Arrangement[] = ['interleaved', 'halves']

export type ComputedStrategy =
  | { type: 'identity'; gain: number }
  | { type: 'dirac'; groups: number; centre: Centre; layout?: Layout }
  | { type: 'bilinear' }
  | { type: 'forgetGateBias'; value: number; gates: number; gate: number }
  | { type: 'arange'; start: number; step: number; axis: number }
  | { type: 'logArange'; start: number; step: number; axis: number }
  | { type: 'sinusoidal'; max: number; arrangement: Arrangement }
  | { type: 'stft'; side: Side; window: Window; scaling: Scaling; periodic: boolean }
  | { type: 'logUniform'; low: number; high: number }
  | { type: 'logOfUniform'; low: number; high: number }
  | { type: 'mambaDtBias'; low: number; high: number; floor: number }
  | { type: 'griffinRecurrence'; low: number; high: number }

export type Side = 'real' | 'imag'
export const SIDES: readonly Side[] = ['real', 'imag']
export type Window = 'hann' | 'hamming' | 'none'
export const WINDOWS: readonly Window[] = ['hann', 'hamming', 'none']
export type Scaling = 'density' | 'spectrum' | 'none'
export const SCALINGS: readonly Scaling[] = ['density', 'spectrum', 'none']

/**
 * `gain` on the diagonal of a matrix, of any shape of rank 2, and 0 elsewhere.
 * Source: torch.nn.init.eye_, keras.initializers.Identity.
 */
export function identity(options: { gain?: number } = {}): ComputedStrategy {
  const { gain = 1 } = anObject('identity', options, ['gain'])
  return { type: 'identity', gain: aNumber('gain', gain) }
}

/**
 * A convolution that passes its channels on: 1 at the kernel's centre where the input channel is that of the output,
 * within each of `groups`, and 0 elsewhere. Shapes of rank 3 to 5 in `layout`. In kernels of even size the centre is
 * k / 2 ('upper', as torch.nn.init.dirac_ has it) or k / 2 - 1 ('lower', as jax.nn.initializers.delta_orthogonal).
 */
export function dirac(options: { groups?: number; centre?: Centre; layout?: Layout } = {}): ComputedStrategy {
  const { groups = 1, centre = 'upper', layout } = anObject('dirac', options, ['groups', 'centre', 'layout'])
  return {
    type: 'dirac',
    groups: anInteger('groups', groups, 1),
    centre: oneOf('centre', centre, CENTRES),
    ...(layout !== undefined && { layout: oneOf('layout', layout, LAYOUTS) }),
  }
}

/** Bilinear interpolation as a transposed convolution, [.., .., height, width]. Source: mxnet.init.Bilinear. */
export function bilinear(options: object = {}): ComputedStrategy {
  anObject('bilinear', options, [])
  return { type: 'bilinear' }
}

/**
 * A vector of the biases of an LSTM's gates, one part a gate: `value` in part `gate`, 0 elsewhere. The default is the
 * second of four, where PyTorch, Keras and MXNet all have the forget gate.
 * Source: Gers, Schmidhuber and Cummins, 2000; mxnet.init.LSTMBias; keras.layers.LSTM(unit_forget_bias=True).
 */
export function forgetGateBias(
  options: { value?: number; gates?: number; gate?: number } = {},
): ComputedStrategy {
  const { value = 1, gates = 4, gate = 1 } = anObject('forgetGateBias', options, ['value', 'gates', 'gate'])
  const count = anInteger('gates', gates, 1)
  return {
    type: 'forgetGateBias',
    value: aNumber('value', value),
    gates: count,
    gate: anInteger('gate', gate, 0, count - 1),
  }
}

const RANGE_FIELDS = ['start', 'step', 'axis']
type RangeOptions = { start?: number; step?: number; axis?: number }

/** start + step i, i the index along `axis` (negative: from the last). Stored positions. */
export function arange(options: RangeOptions = {}): ComputedStrategy {
  const { start = 0, step = 1, axis = -1 } = anObject('arange', options, RANGE_FIELDS)
  return { type: 'arange', start: aNumber('start', start), step: aNumber('step', step), axis: anAxis(axis) }
}

/** ln(start + step i), i the index along `axis`. The A_log of Mamba (S4D-real): Gu and Dao, 2023. */
export function logArange(options: RangeOptions = {}): ComputedStrategy {
  const { start = 1, step = 1, axis = -1 } = anObject('logArange', options, RANGE_FIELDS)
  const from = aNumber('start', start)
  if (from <= 0) wrongValue('start', 'a number above 0', start)
  return { type: 'logArange', start: from, step: aNumber('step', step, 0), axis: anAxis(axis) }
}

function anAxis(axis: unknown): number {
  return anInteger('axis', axis, -32, 31)
}

/**
 * Positions as waves, [positions, width] (Vaswani et al., 2017): sin and cos of p max^(-2i / width), 'interleaved';
 * or 'halves', all sines before all cosines, of p max^(-i / (width / 2 - 1)), as tensor2tensor and Whisper have it.
 */
export function sinusoidal(options: { max?: number; arrangement?: Arrangement } = {}): ComputedStrategy {
  const { max = 10000, arrangement = 'interleaved' } = anObject('sinusoidal', options, ['max', 'arrangement'])
  const top = aNumber('max', max)
  if (top <= 1) wrongValue('max', 'a number above 1', max)
  return { type: 'sinusoidal', max: top, arrangement: oneOf('arrangement', arrangement, ARRANGEMENTS) }
}

/**
 * The kernel of a short-time Fourier transform, [frame, 1, bins] with a transform of 2 (bins - 1) points: the real or
 * the imaginary part of e^(-2 pi i t f), under a window that is divided by the root of its sum of squares ('density')
 * or by its sum ('spectrum'). Source: keras.initializers.STFT.
 */
export function stft(
  options: { side?: Side; window?: Window; scaling?: Scaling; periodic?: boolean } = {},
): ComputedStrategy {
  const fields = ['side', 'window', 'scaling', 'periodic']
  const o = anObject('stft', options, fields)
  const { side = 'real', window = 'hann', scaling = 'density', periodic = false } = o
  return {
    type: 'stft',
    side: oneOf('side', side, SIDES),
    window: oneOf('window', window, WINDOWS),
    scaling: oneOf('scaling', scaling, SCALINGS),
    periodic: oneOf('periodic', String(periodic), ['true', 'false']) === 'true',
  }
}

/** e^u with u uniform on [ln low, ln high): every factor is as likely as any other. 0 < low < high. */
export function logUniform(options: { low: number; high: number }): ComputedStrategy {
  const { low, high } = anObject('logUniform', options, ['low', 'high'])
  return { type: 'logUniform', ...positiveBounds(low, high) }
}

/** ln u with u uniform on [low, high), 0 < low < high. The A_log of Mamba-2 (1 to 16) and of gated delta networks. */
export function logOfUniform(options: { low: number; high: number }): ComputedStrategy {
  const { low, high } = anObject('logOfUniform', options, ['low', 'high'])
  return { type: 'logOfUniform', ...positiveBounds(low, high) }
}

/**
 * The bias whose softplus is a time step dt, log-uniform on [low, high) and at least `floor`: dt + ln(1 - e^-dt).
 * Source: Gu and Dao, "Mamba", 2023, section 3.6, and mamba_simple.py.
 */
export function mambaDtBias(options: { low?: number; high?: number; floor?: number } = {}): ComputedStrategy {
  const { low = 0.001, high = 0.1, floor = 1e-4 } = anObject('mambaDtBias', options, ['low', 'high', 'floor'])
  const least = aNumber('floor', floor)
  if (least <= 0) wrongValue('floor', 'a number above 0', floor)
  return { type: 'mambaDtBias', ...positiveBounds(low, high), floor: least }
}

/**
 * ln(u^-1/2 - 1) with u uniform on [low^2, high^2): the parameter of the recurrent gates of Griffin, whose decay is
 * between `low` and `high`. Source: De et al., "Griffin", 2024, and recurrentgemma's `rnn_param_init`.
 */
export function griffinRecurrence(options: { low?: number; high?: number } = {}): ComputedStrategy {
  const { low = 0.9, high = 0.999 } = anObject('griffinRecurrence', options, ['low', 'high'])
  const bounds = positiveBounds(low, high)
  if (bounds.high >= 1) wrongValue('high', 'a number below 1', high)
  return { type: 'griffinRecurrence', ...bounds }
}

function positiveBounds(low: unknown, high: unknown): { low: number; high: number } {
  const [from, to] = [aNumber('low', low), aNumber('high', high)]
  if (from <= 0) wrongValue('low', 'a number above 0', low)
  if (from >= to) wrongValue('high', `a number above "low" (${from})`, high)
  return { low: from, high: to }
}
