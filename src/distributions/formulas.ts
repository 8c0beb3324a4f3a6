/**
 * Formulas: what formula strategies compute. An element follows from its index in the tensor and, if the formula
 * samples, from u = (draw + 1/2) 2^-32. All arithmetic is f64 with the project's own functions (`math.ts`), rounded to
 * f32 once; the cast to the dtype follows. Everything here influences the stream.
 */

import { throwRangeError } from '../errors/validate.ts'
import { cos, exp, expm1, log, sin } from '../numeric/math.ts'
import { normalizeAxis, product } from '../numeric/shape.ts'
import type { FormulaStrategy, StftScaling, StftWindow } from '../strategies/formula-strategies.ts'
import { findCenterTap, splitByLayout, type Layout } from '../strategies/layout.ts'

/** A formula strategy and all that it reads of the tensor: an empty shape if it reads none. */
export type FormulaDistribution = FormulaStrategy & { readonly shape: readonly number[] }
type FormulaType = FormulaStrategy['type']
type DistributionOf<T extends FormulaType> = Extract<FormulaDistribution, { type: T }>

export interface Formula {
  /** No element rounded to f32 is greater in magnitude, if f32 has this value. */
  readonly maxAbs: number
  /** Whether `evaluate` reads u. */
  readonly isSampled: boolean
  /** The element of an index, before any rounding; u lies between 0 and 1. */
  evaluate(index: number, u: number): number
}

interface FormulaEntry<T extends FormulaType> {
  /** The ranks that the formula accepts; undefined if it does not read the shape. */
  readonly ranks?: readonly [min: number, max: number]
  /** What errors call a shape of these ranks. */
  readonly shapeText?: string
  /** Throws a RangeError for a shape that the formula does not fit. */
  compile(distribution: DistributionOf<T>): Formula
}

/** One entry per formula strategy. */
const FORMULAS: { readonly [T in FormulaType]: FormulaEntry<T> } = {
  identity: { ranks: [2, 2], shapeText: 'of rank 2', compile: compileIdentity },
  dirac: { ranks: [3, 5], shapeText: 'of rank 3 to 5', compile: compileDirac },
  bilinear: {
    ranks: [4, 4],
    shapeText: 'of rank 4, [.., .., height, width]',
    compile: compileBilinear,
  },
  forgetGateBias: { ranks: [1, 1], shapeText: 'of rank 1', compile: compileForgetGateBias },
  arange: { ranks: [1, 32], shapeText: 'of rank 1 or more', compile: compileArange },
  logArange: { ranks: [1, 32], shapeText: 'of rank 1 or more', compile: compileLogArange },
  sinusoidal: {
    ranks: [2, 2],
    shapeText: 'of rank 2, [positions, width]',
    compile: compileSinusoidal,
  },
  stft: { ranks: [3, 3], shapeText: 'of rank 3, [frame, 1, bins]', compile: compileStft },
  logUniform: { compile: compileLogUniform },
  logOfUniform: { compile: compileLogOfUniform },
  mambaDtBias: { compile: compileMambaDtBias },
  griffinRecurrence: { compile: compileGriffinRecurrence },
}

/** Checks the shape, without computing any element. */
export function bindFormulaShape(
  strategy: FormulaStrategy,
  shape: unknown,
  layout: Layout,
): FormulaDistribution {
  const { ranks, shapeText = '' } = FORMULAS[strategy.type]
  const bound = { ...strategy, shape: [] as readonly number[] }
  if (bound.type === 'dirac') bound.layout ??= layout
  if (ranks) {
    if (!Array.isArray(shape)) throwRangeError('shape', `${shapeText}, since the strategy reads it`, shape)
    if (shape.length < ranks[0] || shape.length > ranks[1]) throwRangeError('shape', shapeText, shape)
    bound.shape = [...shape]
  }
  compileFormula(bound)
  return bound
}

/** Throws a RangeError for a shape that the formula does not fit. */
export function compileFormula(distribution: FormulaDistribution): Formula {
  const compile = FORMULAS[distribution.type].compile as (distribution: FormulaDistribution) => Formula
  return compile(distribution)
}

function deterministicFormula(maxAbs: number, evaluate: (index: number) => number): Formula {
  return { maxAbs, isSampled: false, evaluate }
}

function sampledFormula(maxAbs: number, transform: (u: number) => number): Formula {
  return { maxAbs, isSampled: true, evaluate: (_, u) => transform(u) }
}

function compileIdentity({ gain, shape }: DistributionOf<'identity'>): Formula {
  const columns = shape[1]
  return deterministicFormula(Math.abs(gain), (i) => (Math.floor(i / columns) === i % columns ? gain : 0))
}

function compileDirac({ shape, groups, center, layout = 'oi' }: DistributionOf<'dirac'>): Formula {
  const { inputs, outputs, kernel, kernelSize } = splitByLayout(shape, layout)
  if (outputs % groups !== 0) throwRangeError('groups', `a divisor of the ${outputs} output channels`, groups)
  const perGroup = outputs / groups
  const centerTap = findCenterTap(kernel, center)
  return deterministicFormula(1, (i) => {
    const tap = layout === 'io' ? Math.floor(i / (inputs * outputs)) : i % kernelSize
    if (tap !== centerTap) return 0
    const [output, input] =
      layout === 'io'
        ? [i % outputs, Math.floor(i / outputs) % inputs]
        : [Math.floor(i / (inputs * kernelSize)), Math.floor(i / kernelSize) % inputs]
    return output % perGroup === input ? 1 : 0
  })
}

function compileForgetGateBias({ value, gates, gate, shape }: DistributionOf<'forgetGateBias'>): Formula {
  if (shape[0] % gates !== 0) {
    throwRangeError('shape', `one dimension that ${gates}, the number of gates, divides`, shape)
  }
  const part = shape[0] / gates
  return deterministicFormula(Math.abs(value), (i) => (Math.floor(i / part) === gate ? value : 0))
}

function compileArange(distribution: DistributionOf<'arange'>): Formula {
  const { start, step } = distribution
  const [indexOf, last] = createAxisIndexer(distribution)
  const maxAbs = Math.max(Math.abs(start), Math.abs(start + step * last))
  return deterministicFormula(maxAbs, (i) => start + step * indexOf(i))
}

function compileLogArange(distribution: DistributionOf<'logArange'>): Formula {
  const { start, step } = distribution
  const [indexOf, last] = createAxisIndexer(distribution)
  const maxAbs = Math.max(Math.abs(log(start)), Math.abs(log(start + step * last)))
  return deterministicFormula(maxAbs, (i) => log(start + step * indexOf(i)))
}

/** From an index of the tensor to the index along the axis; and the last index along the axis. */
function createAxisIndexer({
  shape,
  axis,
}: DistributionOf<'arange' | 'logArange'>): [indexOf: (i: number) => number, last: number] {
  const index = normalizeAxis(axis, shape.length)
  if (index === undefined) throwRangeError('axis', `an axis of a shape of rank ${shape.length}`, axis)
  const stride = product(shape.slice(index + 1))
  return [(i) => Math.floor(i / stride) % shape[index], Math.max(0, shape[index] - 1)]
}

function compileLogUniform({ low, high }: DistributionOf<'logUniform'>): Formula {
  const [from, width] = [log(low), log(high) - log(low)]
  return sampledFormula(high, (u) => exp(from + width * u))
}

function compileLogOfUniform({ low, high }: DistributionOf<'logOfUniform'>): Formula {
  const maxAbs = Math.max(Math.abs(log(low)), Math.abs(log(high)))
  return sampledFormula(maxAbs, (u) => log(low + (high - low) * u))
}

function compileMambaDtBias({ low, high, floor }: DistributionOf<'mambaDtBias'>): Formula {
  const [from, width] = [log(low), log(high) - log(low)]
  const maxAbs = Math.max(
    Math.abs(inverseSoftplus(Math.max(low, floor))),
    Math.abs(inverseSoftplus(Math.max(high, floor))),
  )
  return sampledFormula(maxAbs, (u) => inverseSoftplus(Math.max(exp(from + width * u), floor)))
}

/** The x whose softplus, ln(1 + e^x), is y > 0. */
function inverseSoftplus(y: number): number {
  return y + log(-expm1(-y))
}

function compileGriffinRecurrence({ low, high }: DistributionOf<'griffinRecurrence'>): Formula {
  const [from, to] = [low * low + 1e-8, high * high + 1e-8]
  const maxAbs = Math.max(Math.abs(griffinParameter(from)), Math.abs(griffinParameter(to)))
  return sampledFormula(maxAbs, (u) => griffinParameter(from + (to - from) * u))
}

/** ln(a^-1/2 - 1), a the square of the decay. */
function griffinParameter(a: number): number {
  return log(1 / Math.sqrt(a) - 1)
}

function compileBilinear({ shape }: DistributionOf<'bilinear'>): Formula {
  const [height, width] = shape.slice(2)
  const factor = Math.ceil(width / 2)
  const center = (2 * factor - 1 - (factor % 2)) / (2 * factor)
  /** The largest magnitude of the factor of an axis of length n: at the center, or at the end. */
  const reach = (n: number) => Math.max(1, Math.abs(1 - Math.abs((n - 1) / factor - center)))
  return deterministicFormula(width && reach(width) * reach(height), (i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height]
    return (1 - Math.abs(x / factor - center)) * (1 - Math.abs(y / factor - center))
  })
}

/** The largest argument for which `sin` and `cos` keep their error bound. */
const MAX_POSITIONS = 2 ** 20

function compileSinusoidal({ shape, max, arrangement }: DistributionOf<'sinusoidal'>): Formula {
  const [positions, width] = shape
  if (positions > MAX_POSITIONS)
    throwRangeError('shape', `a shape with at most ${MAX_POSITIONS} positions`, shape)
  const lnMax = log(max)
  if (arrangement === 'interleaved') {
    return deterministicFormula(1, (i) => {
      const [p, j] = [Math.floor(i / width), i % width]
      const angle = p * exp((-lnMax * (j - (j % 2))) / width)
      return j % 2 === 0 ? sin(angle) : cos(angle)
    })
  }
  if (width % 2 !== 0 || width < 4)
    throwRangeError('shape', 'a shape whose width is even and 4 or more', shape)
  const half = width / 2
  return deterministicFormula(1, (i) => {
    const [p, j] = [Math.floor(i / width), i % width]
    const angle = p * exp((-lnMax * (j % half)) / (half - 1))
    return j < half ? sin(angle) : cos(angle)
  })
}

/** The window of a frame is kept in memory. */
const MAX_FRAME = 2 ** 24

function compileStft(distribution: DistributionOf<'stft'>): Formula {
  const { shape, side, window, scaling, periodic } = distribution
  const [frame, , bins] = shape
  if (frame > MAX_FRAME) throwRangeError('shape', `a shape with a frame of at most ${MAX_FRAME}`, shape)
  if (shape[1] !== 1 || bins < 2) throwRangeError('shape', '[frame, 1, bins] with two bins or more', shape)
  const points = 2 * (bins - 1)
  const weights = computeWindow(window, frame, periodic)
  const scale = window === 'none' ? 1 : computeWindowNorm(weights, scaling)
  if (frame > 0 && scale === 0)
    throwRangeError('shape', 'a frame of 3 or more for a symmetric hann window that is scaled', shape)
  return deterministicFormula(1, (i) => {
    const [t, f] = [Math.floor(i / bins), i % bins]
    const angle = (2 * Math.PI * ((t * f) % points)) / points
    const wave = side === 'real' ? cos(angle) : -sin(angle)
    return (wave * weights[t]) / scale
  })
}

/** Raised cosines over `length` points. A periodic window would return to its first value at the next point. */
function computeWindow(window: StftWindow, length: number, periodic: boolean): number[] {
  const a = { hann: 0.5, hamming: 0.54, none: 1 }[window]
  const turns = periodic ? length : length - 1
  return Array.from({ length }, (_, t) =>
    length === 1 || window === 'none' ? 1 : a - (1 - a) * cos((2 * Math.PI * t) / turns),
  )
}

function computeWindowNorm(weights: readonly number[], scaling: StftScaling): number {
  if (scaling === 'density') return Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0))
  return scaling === 'spectrum' ? weights.reduce((sum, w) => sum + Math.abs(w), 0) : 1
}

/** The standard deviation of an element over all draws; 0 if the formula does not sample. Relative error below 1e-6. */
export function computeFormulaStd({ isSampled, evaluate }: Formula): number {
  if (!isSampled) return 0
  const points = 2 ** 14 // the midpoint rule
  let [sum, squares] = [0, 0]
  const shift = evaluate(0, 0.5)
  for (let k = 0; k < points; k++) {
    const x = evaluate(0, (k + 0.5) / points) - shift
    sum += x
    squares += x * x
  }
  return Math.sqrt(squares / points - (sum / points) ** 2)
}
