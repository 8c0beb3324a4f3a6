/**
 * What the strategies of this folder compute: an element from its index in the tensor and, where it is drawn, from
 * u = (draw + 1/2) 2^-32. All in f64 with the project's own functions (`math.ts`), then one rounding to f32; the cast
 * follows as for any other. Everything here influences the stream.
 */

import { throwRangeError } from '../errors/validate.ts'
import type { Layout } from '../strategies/layout.ts'
import { cos, exp, expm1, log, sin } from '../numeric/math.ts'
import type { FormulaStrategy } from '../strategies/formula-strategies.ts'

/** A computed strategy with all that it reads of the tensor. */
export type FormulaDistribution = FormulaStrategy & { readonly shape: readonly number[] }

export interface Formula {
  /** No element is greater in magnitude. */
  readonly maxAbs: number
  /** Whether `at` reads u. */
  readonly isSampled: boolean
  /** The element of an index, before any rounding; u lies between 0 and 1. */
  evaluate(index: number, u: number): number
}

/** Checks the shape; nothing is computed yet. */
export function bindFormulaShape(
  strategy: FormulaStrategy,
  shape: unknown,
  layout: Layout,
): FormulaDistribution {
  const wanted = { ...strategy, shape: shape as readonly number[] }
  if (wanted.type === 'dirac') wanted.layout ??= layout
  if (RANK_RANGES[wanted.type]) {
    if (!Array.isArray(shape))
      throwRangeError('shape', 'the shape of the tensor, which the strategy reads', shape)
    const [least, most, words] = RANK_RANGES[wanted.type] as RankRange
    if (shape.length < least || shape.length > most) throwRangeError('shape', words, shape)
    wanted.shape = [...shape]
  } else wanted.shape = []
  compileFormula(wanted)
  return wanted
}

type RankRange = readonly [least: number, most: number, words: string]
/** The ranks of the strategies that read the shape. */
const RANK_RANGES: Readonly<Partial<Record<FormulaStrategy['type'], RankRange>>> = {
  identity: [2, 2, 'two dimensions'],
  dirac: [3, 5, 'three to five dimensions'],
  bilinear: [4, 4, 'four dimensions, the last two height and width'],
  forgetGateBias: [1, 1, 'one dimension'],
  arange: [1, 32, 'one dimension or more'],
  logArange: [1, 32, 'one dimension or more'],
  sinusoidal: [2, 2, 'two dimensions, positions and width'],
  stft: [3, 3, 'three dimensions, [frame, 1, bins]'],
}

/** Throws a RangeError for a shape that the formula does not fit. */
export function compileFormula(distribution: FormulaDistribution): Formula {
  const { shape } = distribution
  switch (distribution.type) {
    case 'identity': {
      const { gain } = distribution
      const columns = shape[1]
      return deterministicFormula(Math.abs(gain), (i) => (Math.floor(i / columns) === i % columns ? gain : 0))
    }
    case 'dirac':
      return compileDirac(distribution)
    case 'bilinear':
      return compileBilinear(shape)
    case 'forgetGateBias': {
      const { value, gates, gate } = distribution
      if (shape[0] % gates !== 0) throwRangeError('shape', `a multiple of the ${gates} gates`, shape)
      const part = shape[0] / gates
      return deterministicFormula(Math.abs(value), (i) => (Math.floor(i / part) === gate ? value : 0))
    }
    case 'arange': {
      const { start, step } = distribution
      const [along, last] = createAxisIndexer(distribution)
      return deterministicFormula(
        Math.max(Math.abs(start), Math.abs(start + step * last)),
        (i) => start + step * along(i),
      )
    }
    case 'logArange': {
      const { start, step } = distribution
      const [along, last] = createAxisIndexer(distribution)
      const reach = Math.max(Math.abs(log(start)), Math.abs(log(start + step * last)))
      return deterministicFormula(reach, (i) => log(start + step * along(i)))
    }
    case 'sinusoidal':
      return compileSinusoidal(distribution)
    case 'stft':
      return compileStft(distribution)
    case 'logUniform': {
      const { low, high } = distribution
      const [from, width] = [log(low), log(high) - log(low)]
      return sampledFormula(high * (1 + 2 ** -40), (u) => exp(from + width * u))
    }
    case 'logOfUniform': {
      const { low, high } = distribution
      return sampledFormula(Math.max(Math.abs(log(low)), Math.abs(log(high))), (u) =>
        log(low + (high - low) * u),
      )
    }
    case 'mambaDtBias': {
      const { low, high, floor } = distribution
      const [from, width] = [log(low), log(high) - log(low)]
      const reach = Math.max(
        Math.abs(inverseSoftplus(Math.max(low, floor))),
        Math.abs(inverseSoftplus(Math.max(high, floor))),
      )
      return sampledFormula(reach * (1 + 2 ** -30), (u) =>
        inverseSoftplus(Math.max(exp(from + width * u), floor)),
      )
    }
    case 'griffinRecurrence': {
      const { low, high } = distribution
      const [from, to] = [low * low + 1e-8, high * high + 1e-8]
      const reach = Math.max(Math.abs(griffinParameter(from)), Math.abs(griffinParameter(to)))
      return sampledFormula(reach, (u) => griffinParameter(from + (to - from) * u))
    }
  }
}

/** The x whose softplus, ln(1 + e^x), is y > 0. */
function inverseSoftplus(y: number): number {
  return y + log(-expm1(-y))
}

/** ln(a^-1/2 - 1), a the square of the decay. */
function griffinParameter(a: number): number {
  return log(1 / Math.sqrt(a) - 1)
}

function deterministicFormula(reach: number, at: (index: number) => number): Formula {
  return { maxAbs: reach, isSampled: false, evaluate: at }
}

function sampledFormula(reach: number, of: (u: number) => number): Formula {
  return { maxAbs: reach, isSampled: true, evaluate: (_, u) => of(u) }
}

/** The index along the axis, of an index of the tensor; and the last there is. */
function createAxisIndexer({
  shape,
  axis,
}: {
  shape: readonly number[]
  axis: number
}): [(i: number) => number, number] {
  const place = axis < 0 ? shape.length + axis : axis
  if (!(place in shape)) throwRangeError('axis', `an axis of the ${shape.length}`, axis)
  const stride = product(shape.slice(place + 1))
  return [(i) => Math.floor(i / stride) % shape[place], Math.max(0, shape[place] - 1)]
}

function compileDirac({ shape, groups, center, layout }: FormulaDistribution & { type: 'dirac' }): Formula {
  const rank = shape.length
  const [out, into, kernel] =
    layout === 'io'
      ? [shape[rank - 1], shape[rank - 2], shape.slice(0, -2)]
      : [shape[0], shape[1], shape.slice(2)]
  if (out % groups !== 0) throwRangeError('groups', `a divisor of the ${out} output channels`, groups)
  const size = product(kernel)
  const perGroup = out / groups
  const middle = kernel.reduce((at, k) => at * k + (center === 'upper' ? k >> 1 : (k - 1) >> 1), 0)
  return deterministicFormula(1, (i) => {
    const tap = layout === 'io' ? Math.floor(i / (into * out)) : i % size
    if (tap !== middle) return 0
    const [o, c] =
      layout === 'io'
        ? [i % out, Math.floor(i / out) % into]
        : [Math.floor(i / (into * size)), Math.floor(i / size) % into]
    return o % perGroup === c ? 1 : 0
  })
}

function compileBilinear(shape: readonly number[]): Formula {
  const [height, width] = shape.slice(2)
  const factor = Math.ceil(width / 2)
  const center = (2 * factor - 1 - (factor % 2)) / (2 * factor)
  return deterministicFormula(4, (i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height]
    return (1 - Math.abs(x / factor - center)) * (1 - Math.abs(y / factor - center))
  })
}

/** The greatest argument for which `sin` and `cos` promise their error. */
const MAX_POSITIONS = 2 ** 20

function compileSinusoidal({
  shape,
  max,
  arrangement,
}: FormulaDistribution & { type: 'sinusoidal' }): Formula {
  const [positions, width] = shape
  if (positions > MAX_POSITIONS) throwRangeError('shape', `at most ${MAX_POSITIONS} positions`, shape)
  const lnMax = log(max)
  if (arrangement === 'interleaved') {
    return deterministicFormula(1, (i) => {
      const [p, j] = [Math.floor(i / width), i % width]
      const angle = p * exp((-lnMax * (j - (j % 2))) / width)
      return j % 2 === 0 ? sin(angle) : cos(angle)
    })
  }
  if (width % 2 !== 0 || width < 4) throwRangeError('shape', 'an even width of 4 or more', shape)
  const half = width / 2
  return deterministicFormula(1, (i) => {
    const [p, j] = [Math.floor(i / width), i % width]
    const angle = p * exp((-lnMax * (j % half)) / (half - 1))
    return j < half ? sin(angle) : cos(angle)
  })
}

function compileStft(distribution: FormulaDistribution & { type: 'stft' }): Formula {
  const { shape, side, window, scaling, periodic } = distribution
  const [frame, , bins] = shape
  if (shape[1] !== 1 || bins < 2) throwRangeError('shape', '[frame, 1, bins] with two bins or more', shape)
  const points = 2 * (bins - 1)
  const shapes = computeWindow(window, frame, periodic)
  const norm =
    scaling === 'density'
      ? Math.sqrt(shapes.reduce((sum, w) => sum + w * w, 0))
      : scaling === 'spectrum'
        ? shapes.reduce((sum, w) => sum + Math.abs(w), 0)
        : 1
  const scale = window === 'none' ? 1 : norm
  return deterministicFormula(1, (i) => {
    const [t, f] = [Math.floor(i / bins), i % bins]
    const angle = (2 * Math.PI * ((t * f) % points)) / points
    const wave = side === 'real' ? cos(angle) : -sin(angle)
    return (wave * shapes[t]) / scale
  })
}

/** Raised cosines over `length` points; a periodic one would reach its first value again at the next point. */
function computeWindow(window: 'hann' | 'hamming' | 'none', length: number, periodic: boolean): number[] {
  const a = { hann: 0.5, hamming: 0.54, none: 1 }[window]
  const turns = periodic ? length : length - 1
  return Array.from({ length }, (_, t) =>
    length === 1 || window === 'none' ? 1 : a - (1 - a) * cos((2 * Math.PI * t) / turns),
  )
}

/** The standard deviation of an element over the draws: 0 where there are none. Relative error below 1e-6. */
export function computeFormulaStd({ isSampled, evaluate }: Formula): number {
  if (!isSampled) return 0
  const points = 2 ** 14 // midpoints
  let [sum, squares] = [0, 0]
  const shift = evaluate(0, 0.5)
  for (let k = 0; k < points; k++) {
    const x = evaluate(0, (k + 0.5) / points) - shift
    sum += x
    squares += x * x
  }
  return Math.sqrt(squares / points - (sum / points) ** 2)
}

function product(list: readonly number[]): number {
  return list.reduce((a, b) => a * b, 1)
}
