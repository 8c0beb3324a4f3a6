/**
 * Strategies: what a user asks for, as plain data that survives JSON. Each function here checks its fields
 * and returns `{ type, ... }`; nothing is drawn. What a strategy means for a shape: `distribution.ts`.
 *
 * A strategy that needs fans may leave `layout` unset; the call's `layout`, else 'oi', fills it in.
 */

import {
  arange,
  bilinear,
  dirac,
  forgetGateBias,
  griffinRecurrence,
  identity,
  logArange,
  logOfUniform,
  logUniform,
  mambaDtBias,
  sinusoidal,
  stft,
  type FormulaStrategy,
} from './formula-strategies.ts'
import {
  checkInteger,
  checkNumber,
  checkObject,
  checkOneOf,
  throwTypeError,
  throwRangeError,
} from '../errors/validate.ts'
import { FAN_MODES, LAYOUTS, checkAxes, type FanMode, type Layout } from './fans.ts'
import { deltaOrthogonal, orthogonal, sparse, type MatrixStrategy } from './matrix-strategies.ts'

export type Strategy =
  | { type: 'zeros' }
  | { type: 'ones' }
  | { type: 'constant'; value: number }
  | { type: 'normal'; mean: number; std: number }
  | { type: 'uniform'; low: number; high: number }
  | { type: 'truncatedNormal'; mean: number; std: number; low?: number; high?: number }
  | VarianceScaling
  | { type: 'residualNormal'; std: number; layers?: number }
  | { type: 'zeroRows'; rows: number[]; strategy: Strategy }
  | FormulaStrategy
  | MatrixStrategy

/** See `varianceScaling`. `scale` and `gain` are >= 0, `fanIn` and `fanOut` >= 1. */
export interface VarianceScaling {
  type: 'varianceScaling'
  scale: number
  mode: FanMode
  distribution: ScaledDistribution
  gain: number
  layout?: Layout
  fanIn?: number
  fanOut?: number
  /** Instead of a layout; all three or none. */
  inAxes?: number[]
  outAxes?: number[]
  batchAxes?: number[]
  vectorFans?: VectorFans
}

/** The fans of scalars and vectors, which have none: refused, or both the size (Keras), or both its root (TensorFlow.js). */
export type VectorFans = 'size' | 'root'
export const VECTOR_FANS: readonly VectorFans[] = ['size', 'root']

export type ScaledDistribution = 'normal' | 'truncatedNormal' | 'uniform'
export const SCALED_DISTRIBUTIONS: readonly ScaledDistribution[] = ['normal', 'truncatedNormal', 'uniform']

/** Every element 0. */
export function zeros(): Strategy {
  return { type: 'zeros' }
}

/** Every element 1. */
export function ones(): Strategy {
  return { type: 'ones' }
}

/** Every element `value`, rounded to the dtype. */
export function constant(options: { value: number }): Strategy {
  const { value } = checkObject('constant', options, ['value'])
  return { type: 'constant', value: checkNumber('value', value) }
}

/** N(mean, std^2). `std` >= 0 is the standard deviation; 0 is a constant. Defaults: mean 0, std 1. */
export function normal(options: { mean?: number; std?: number } = {}): Strategy {
  const { mean = 0, std = 1 } = checkObject('normal', options, ['mean', 'std'])
  return { type: 'normal', mean: checkNumber('mean', mean), std: checkNumber('std', std, 0) }
}

/** Uniform on [low, high): `low` can occur, `high` never does, in any dtype. Defaults: 0 and 1. */
export function uniform(options: { low?: number; high?: number } = {}): Strategy {
  const { low = 0, high = 1 } = checkObject('uniform', options, ['low', 'high'])
  const [from, to] = [checkNumber('low', low), checkNumber('high', high)]
  if (from >= to) throwRangeError('high', `a number above "low" (${from})`, high)
  return { type: 'uniform', low: from, high: to }
}

/**
 * N(mean, std^2) cut to [low, high]. The bounds are absolute values, as in torch.nn.init.trunc_normal_, not
 * multiples of std; one left out is infinite. `std` is that of the normal before it is cut.
 * For bounds at `sigmas` standard deviations on both sides of the mean, as in Keras and JAX, say `sigmas` instead:
 * it stands for the bounds that follow from it.
 */
export function truncatedNormal(
  options: { mean?: number; std?: number; low?: number; high?: number; sigmas?: number } = {},
): Strategy {
  const o = checkObject('truncatedNormal', options, ['mean', 'std', 'low', 'high', 'sigmas'])
  if (o.sigmas !== undefined) return truncateAtSigmas(o)
  const { mean = 0, std = 1, low, high } = o
  const strategy: Strategy = {
    type: 'truncatedNormal',
    mean: checkNumber('mean', mean),
    std: checkNumber('std', std, 0),
  }
  if (low !== undefined) strategy.low = checkNumber('low', low)
  if (high !== undefined) strategy.high = checkNumber('high', high)
  if (strategy.low !== undefined && strategy.high !== undefined && strategy.low >= strategy.high) {
    throwRangeError('high', `a number above "low" (${strategy.low})`, high)
  }
  return strategy
}

function truncateAtSigmas({ mean = 0, std = 1, low, high, sigmas }: Record<string, unknown>): Strategy {
  if (low !== undefined || high !== undefined) {
    throwRangeError('sigmas', 'to be left out where "low" or "high" is said', sigmas)
  }
  const [center, halfWidth] = [
    checkNumber('mean', mean),
    checkNumber('std', std, 0) * checkNumber('sigmas', sigmas),
  ]
  if (!(halfWidth > 0)) throwRangeError('sigmas', 'a number above 0, and a "std" above 0 beside it', sigmas)
  return truncatedNormal({
    mean: center,
    std: std as number,
    low: center - halfWidth,
    high: center + halfWidth,
  })
}

/** Options of the strategies that scale with the fans. */
export interface FanOptions {
  /** What the variance is divided by. Default: 'fanAvg' for xavier, else 'fanIn'. */
  mode?: FanMode
  /** Multiplies the standard deviation; see `gain`. Default 1. */
  gain?: number
  /** Which axes are inputs and outputs; see `fans.ts`. Default: the call's, else 'oi'. */
  layout?: Layout
  /** Fans said outright, for shapes that do not show them: one, or both. */
  fanIn?: number
  fanOut?: number
  /** Which axes are inputs, outputs and stacked matrices, where no layout fits; the rest is the kernel. */
  inAxis?: number | number[]
  outAxis?: number | number[]
  batchAxis?: number | number[]
  /** What to do for shapes of rank 0 and 1. Default: they are refused. */
  vectorFans?: VectorFans
}

const FAN_FIELDS = [
  'mode',
  'gain',
  'layout',
  'fanIn',
  'fanOut',
  'inAxis',
  'outAxis',
  'batchAxis',
  'vectorFans',
]

/**
 * The strategy behind all named ones: mean 0, standard deviation gain sqrt(scale / n), n the fan of `mode`.
 * 'truncatedNormal' is cut at two standard deviations of the uncut normal, which is widened so that the
 * standard deviation holds after the cut; 'uniform' is on [-b, b) with b = sqrt(3) std.
 * Source: jax.nn.initializers.variance_scaling, keras.initializers.VarianceScaling.
 */
export function varianceScaling(
  options: FanOptions & { scale?: number; distribution?: ScaledDistribution } = {},
): Strategy {
  const axes = ['inAxes', 'outAxes', 'batchAxes'] // as the data has them
  const o = checkObject('varianceScaling', options, ['scale', 'distribution', ...FAN_FIELDS, ...axes])
  const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal', gain = 1, layout, fanIn, fanOut } = o
  const strategy: VarianceScaling = {
    type: 'varianceScaling',
    scale: checkNumber('scale', scale, 0),
    mode: checkOneOf('mode', mode, FAN_MODES),
    distribution: checkOneOf('distribution', distribution, SCALED_DISTRIBUTIONS),
    gain: checkNumber('gain', gain, 0),
  }
  if (layout !== undefined) strategy.layout = checkOneOf('layout', layout, LAYOUTS)
  if (fanIn !== undefined) strategy.fanIn = checkInteger('fanIn', fanIn, 1)
  if (fanOut !== undefined) strategy.fanOut = checkInteger('fanOut', fanOut, 1)
  for (const [option, field] of [
    ['inAxis', 'inAxes'],
    ['outAxis', 'outAxes'],
    ['batchAxis', 'batchAxes'],
  ]) {
    if (o[option] !== undefined && o[field] !== undefined) {
      throwRangeError(option, `to be left out where "${field}" is said`, o[option])
    }
  }
  const { inAxis = o.inAxes, outAxis = o.outAxes, batchAxis = o.batchAxes, vectorFans } = o
  if (inAxis !== undefined || outAxis !== undefined) {
    if (layout !== undefined) throwRangeError('layout', 'to be left out where axes are said', layout)
    strategy.inAxes = checkAxes('inAxis', inAxis)
    strategy.outAxes = checkAxes('outAxis', outAxis)
    strategy.batchAxes = checkAxes('batchAxis', batchAxis === undefined ? [] : batchAxis)
  } else if (batchAxis !== undefined)
    throwRangeError('batchAxis', '"inAxis" and "outAxis" beside it', batchAxis)
  if (vectorFans !== undefined) strategy.vectorFans = checkOneOf('vectorFans', vectorFans, VECTOR_FANS)
  return strategy
}

/** Glorot and Bengio, AISTATS 2010: std = gain sqrt(2 / (fanIn + fanOut)). For tanh and its like. */
export const xavierNormal = (options?: FanOptions) => createNamedScaling(1, 'fanAvg', 'normal', options)
/** The same standard deviation, cut at two of the uncut normal. */
export const xavierTruncatedNormal = (options?: FanOptions) =>
  createNamedScaling(1, 'fanAvg', 'truncatedNormal', options)
/** The same standard deviation: b = gain sqrt(6 / (fanIn + fanOut)). */
export const xavierUniform = (options?: FanOptions) => createNamedScaling(1, 'fanAvg', 'uniform', options)

/** He et al., ICCV 2015: std = gain sqrt(2 / fanIn). For ReLU and its like. */
export const heNormal = (options?: FanOptions) => createNamedScaling(2, 'fanIn', 'normal', options)
/** The same standard deviation, cut at two of the uncut normal. Keras's and JAX's he_normal. */
export const heTruncatedNormal = (options?: FanOptions) =>
  createNamedScaling(2, 'fanIn', 'truncatedNormal', options)
/** The same standard deviation: b = gain sqrt(6 / fanIn). */
export const heUniform = (options?: FanOptions) => createNamedScaling(2, 'fanIn', 'uniform', options)

/** LeCun et al., "Efficient BackProp", 1998: std = gain sqrt(1 / fanIn). For SELU and linear layers. */
export const lecunNormal = (options?: FanOptions) => createNamedScaling(1, 'fanIn', 'normal', options)
/** The same standard deviation, cut at two of the uncut normal. Keras's and JAX's lecun_normal. */
export const lecunTruncatedNormal = (options?: FanOptions) =>
  createNamedScaling(1, 'fanIn', 'truncatedNormal', options)
/** The same standard deviation: b = gain sqrt(3 / fanIn). */
export const lecunUniform = (options?: FanOptions) => createNamedScaling(1, 'fanIn', 'uniform', options)

function createNamedScaling(
  scale: number,
  mode: FanMode,
  distribution: ScaledDistribution,
  options: FanOptions = {},
): Strategy {
  checkObject('options', options, FAN_FIELDS)
  const chosen = options.mode === undefined ? mode : options.mode
  return varianceScaling({ ...options, scale, mode: chosen, distribution })
}

/**
 * A projection that ends in a residual sum: N(0, (std / sqrt(2 layers))^2), so that the variance of the sum
 * does not grow with depth. `layers` left unset is filled in by a plan. Source: Radford et al., 2019
 * (GPT-2), section 2.3, as transformers writes it (modeling_gpt2.py, `_init_weights`).
 */
export function residualNormal(options: { std: number; layers?: number }): Strategy {
  const { std, layers } = checkObject('residualNormal', options, ['std', 'layers'])
  const strategy: Strategy = { type: 'residualNormal', std: checkNumber('std', std, 0) }
  if (layers !== undefined) strategy.layers = checkInteger('layers', layers, 1)
  return strategy
}

export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'
const NONLINEARITIES: readonly Nonlinearity[] = ['linear', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu']

/**
 * `strategy`, with the rows (indices of the first axis) of `rows` 0: an embedding whose padding token stands for
 * nothing. The other rows are as without. Source: torch.nn.Embedding(padding_idx).
 */
export function zeroRows(options: { rows: number[]; strategy: Strategy }): Strategy {
  const { rows, strategy } = checkObject('zeroRows', options, ['rows', 'strategy'])
  if (!Array.isArray(rows)) throwTypeError('rows', 'an array of indices', rows)
  const inner = parseStrategy(strategy)
  if (inner.type === 'zeroRows') throwRangeError('strategy', 'one that is not zeroRows itself', strategy)
  const sorted = [...new Set(rows.map((row, i) => checkInteger(`rows[${i}]`, row)))].toSorted((a, b) => a - b)
  return { type: 'zeroRows', rows: sorted, strategy: inner }
}

/**
 * The gain by which a layer's standard deviation makes up for what follows it: linear and sigmoid 1, tanh 5/3,
 * relu sqrt(2), leakyRelu sqrt(2 / (1 + slope^2)), selu 3/4. `slope` defaults to 0.01.
 * Source: torch.nn.init.calculate_gain. (`heNormal` has that of relu in its 2; with it leave `gain` at 1.)
 */
export function gain(nonlinearity: Nonlinearity, slope = 0.01): number {
  checkNumber('slope', slope)
  switch (checkOneOf('nonlinearity', nonlinearity, NONLINEARITIES)) {
    case 'linear':
    case 'sigmoid':
      return 1
    case 'tanh':
      return 5 / 3
    case 'relu':
      return Math.SQRT2
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + slope * slope))
    case 'selu':
      return 3 / 4
  }
}

/** By type; the named variance scalings too, so that data may use the names that people know. */
const STRATEGY_FACTORIES = {
  zeros,
  ones,
  constant,
  normal,
  uniform,
  truncatedNormal,
  varianceScaling,
  residualNormal,
  zeroRows,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
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
  orthogonal,
  deltaOrthogonal,
  sparse,
} as const satisfies Readonly<Record<string, (fields: never) => Strategy>>

export const STRATEGY_TYPES = Object.keys(STRATEGY_FACTORIES) as (keyof typeof STRATEGY_FACTORIES)[]

/**
 * Checks data that claims to be a strategy, from JSON for example, and fills in its defaults. A named variance
 * scaling, `{ type: 'heNormal' }`, becomes what it stands for. `title` is what an error calls it.
 */
export function parseStrategy(value: unknown, title = 'strategy'): Strategy {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throwTypeError(title, 'an object such as normal({ std: 0.02 })', value)
  }
  const { type, ...fields } = value as { type?: unknown }
  const kind = checkOneOf(`${title}.type`, type, STRATEGY_TYPES)
  if (kind === 'zeros' || kind === 'ones') checkObject(kind, fields, [])
  return (STRATEGY_FACTORIES[kind] as (fields: object) => Strategy)(fields)
}
