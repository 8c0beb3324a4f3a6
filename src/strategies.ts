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
  type ComputedStrategy,
} from './computed/strategies.ts'
import { anInteger, aNumber, anObject, oneOf, wrongKind, wrongValue } from './errors.ts'
import { FAN_MODES, LAYOUTS, someAxes, type FanMode, type Layout } from './fans.ts'
import { deltaOrthogonal, orthogonal, sparse, type StructuredStrategy } from './structured/strategies.ts'

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
  | ComputedStrategy
  | StructuredStrategy

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
  lowRank?: LowRank
}

/** The fans of scalars and vectors, which have none: refused, or both the size (Keras), or both its root (TensorFlow.js). */
export type LowRank = 'size' | 'root'
export const LOW_RANKS: readonly LowRank[] = ['size', 'root']

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
  const { value } = anObject('constant', options, ['value'])
  return { type: 'constant', value: aNumber('value', value) }
}

/** N(mean, std^2). `std` >= 0 is the standard deviation; 0 is a constant. Defaults: mean 0, std 1. */
export function normal(options: { mean?: number; std?: number } = {}): Strategy {
  const { mean = 0, std = 1 } = anObject('normal', options, ['mean', 'std'])
  return { type: 'normal', mean: aNumber('mean', mean), std: aNumber('std', std, 0) }
}

/** Uniform on [low, high): `low` can occur, `high` never does, in any dtype. Defaults: 0 and 1. */
export function uniform(options: { low?: number; high?: number } = {}): Strategy {
  const { low = 0, high = 1 } = anObject('uniform', options, ['low', 'high'])
  const [from, to] = [aNumber('low', low), aNumber('high', high)]
  if (from >= to) wrongValue('high', `a number above "low" (${from})`, high)
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
  const o = anObject('truncatedNormal', options, ['mean', 'std', 'low', 'high', 'sigmas'])
  if (o.sigmas !== undefined) return truncatedAt(o)
  const { mean = 0, std = 1, low, high } = o
  const strategy: Strategy = {
    type: 'truncatedNormal',
    mean: aNumber('mean', mean),
    std: aNumber('std', std, 0),
  }
  if (low !== undefined) strategy.low = aNumber('low', low)
  if (high !== undefined) strategy.high = aNumber('high', high)
  if (strategy.low !== undefined && strategy.high !== undefined && strategy.low >= strategy.high) {
    wrongValue('high', `a number above "low" (${strategy.low})`, high)
  }
  return strategy
}

function truncatedAt({ mean = 0, std = 1, low, high, sigmas }: Record<string, unknown>): Strategy {
  if (low !== undefined || high !== undefined) {
    wrongValue('sigmas', 'to be left out where "low" or "high" is said', sigmas)
  }
  const [centre, reach] = [aNumber('mean', mean), aNumber('std', std, 0) * aNumber('sigmas', sigmas)]
  if (!(reach > 0)) wrongValue('sigmas', 'a number above 0, and a "std" above 0 beside it', sigmas)
  return truncatedNormal({ mean: centre, std: std as number, low: centre - reach, high: centre + reach })
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
  lowRank?: LowRank
}

const FAN_FIELDS = ['mode', 'gain', 'layout', 'fanIn', 'fanOut', 'inAxis', 'outAxis', 'batchAxis', 'lowRank']

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
  const o = anObject('varianceScaling', options, ['scale', 'distribution', ...FAN_FIELDS, ...axes])
  const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal', gain = 1, layout, fanIn, fanOut } = o
  const strategy: VarianceScaling = {
    type: 'varianceScaling',
    scale: aNumber('scale', scale, 0),
    mode: oneOf('mode', mode, FAN_MODES),
    distribution: oneOf('distribution', distribution, SCALED_DISTRIBUTIONS),
    gain: aNumber('gain', gain, 0),
  }
  if (layout !== undefined) strategy.layout = oneOf('layout', layout, LAYOUTS)
  if (fanIn !== undefined) strategy.fanIn = anInteger('fanIn', fanIn, 1)
  if (fanOut !== undefined) strategy.fanOut = anInteger('fanOut', fanOut, 1)
  for (const [option, field] of [
    ['inAxis', 'inAxes'],
    ['outAxis', 'outAxes'],
    ['batchAxis', 'batchAxes'],
  ]) {
    if (o[option] !== undefined && o[field] !== undefined) {
      wrongValue(option, `to be left out where "${field}" is said`, o[option])
    }
  }
  const { inAxis = o.inAxes, outAxis = o.outAxes, batchAxis = o.batchAxes, lowRank } = o
  if (inAxis !== undefined || outAxis !== undefined) {
    if (layout !== undefined) wrongValue('layout', 'to be left out where axes are said', layout)
    strategy.inAxes = someAxes('inAxis', inAxis)
    strategy.outAxes = someAxes('outAxis', outAxis)
    strategy.batchAxes = someAxes('batchAxis', batchAxis === undefined ? [] : batchAxis)
  } else if (batchAxis !== undefined) wrongValue('batchAxis', '"inAxis" and "outAxis" beside it', batchAxis)
  if (lowRank !== undefined) strategy.lowRank = oneOf('lowRank', lowRank, LOW_RANKS)
  return strategy
}

/** Glorot and Bengio, AISTATS 2010: std = gain sqrt(2 / (fanIn + fanOut)). For tanh and its like. */
export const xavierNormal = (options?: FanOptions) => scaled(1, 'fanAvg', 'normal', options)
/** The same standard deviation, cut at two of the uncut normal. */
export const xavierTruncatedNormal = (options?: FanOptions) => scaled(1, 'fanAvg', 'truncatedNormal', options)
/** The same standard deviation: b = gain sqrt(6 / (fanIn + fanOut)). */
export const xavierUniform = (options?: FanOptions) => scaled(1, 'fanAvg', 'uniform', options)

/** He et al., ICCV 2015: std = gain sqrt(2 / fanIn). For ReLU and its like. */
export const heNormal = (options?: FanOptions) => scaled(2, 'fanIn', 'normal', options)
/** The same standard deviation, cut at two of the uncut normal. Keras's and JAX's he_normal. */
export const heTruncatedNormal = (options?: FanOptions) => scaled(2, 'fanIn', 'truncatedNormal', options)
/** The same standard deviation: b = gain sqrt(6 / fanIn). */
export const heUniform = (options?: FanOptions) => scaled(2, 'fanIn', 'uniform', options)

/** LeCun et al., "Efficient BackProp", 1998: std = gain sqrt(1 / fanIn). For SELU and linear layers. */
export const lecunNormal = (options?: FanOptions) => scaled(1, 'fanIn', 'normal', options)
/** The same standard deviation, cut at two of the uncut normal. Keras's and JAX's lecun_normal. */
export const lecunTruncatedNormal = (options?: FanOptions) => scaled(1, 'fanIn', 'truncatedNormal', options)
/** The same standard deviation: b = gain sqrt(3 / fanIn). */
export const lecunUniform = (options?: FanOptions) => scaled(1, 'fanIn', 'uniform', options)

function scaled(
  scale: number,
  mode: FanMode,
  distribution: ScaledDistribution,
  options: FanOptions = {},
): Strategy {
  anObject('options', options, FAN_FIELDS)
  const chosen = options.mode === undefined ? mode : options.mode
  return varianceScaling({ ...options, scale, mode: chosen, distribution })
}

/**
 * A projection that ends in a residual sum: N(0, (std / sqrt(2 layers))^2), so that the variance of the sum
 * does not grow with depth. `layers` left unset is filled in by a plan. Source: Radford et al., 2019
 * (GPT-2), section 2.3, as transformers writes it (modeling_gpt2.py, `_init_weights`).
 */
export function residualNormal(options: { std: number; layers?: number }): Strategy {
  const { std, layers } = anObject('residualNormal', options, ['std', 'layers'])
  const strategy: Strategy = { type: 'residualNormal', std: aNumber('std', std, 0) }
  if (layers !== undefined) strategy.layers = anInteger('layers', layers, 1)
  return strategy
}

export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'
const NONLINEARITIES: readonly Nonlinearity[] = ['linear', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu']

/**
 * `strategy`, with the rows (indices of the first axis) of `rows` 0: an embedding whose padding token stands for
 * nothing. The other rows are as without. Source: torch.nn.Embedding(padding_idx).
 */
export function zeroRows(options: { rows: number[]; strategy: Strategy }): Strategy {
  const { rows, strategy } = anObject('zeroRows', options, ['rows', 'strategy'])
  if (!Array.isArray(rows)) wrongKind('rows', 'an array of indices', rows)
  const inner = aStrategy(strategy)
  if (inner.type === 'zeroRows') wrongValue('strategy', 'one that is not zeroRows itself', strategy)
  const sorted = [...new Set(rows.map((row, i) => anInteger(`rows[${i}]`, row)))].toSorted((a, b) => a - b)
  return { type: 'zeroRows', rows: sorted, strategy: inner }
}

/**
 * The gain by which a layer's standard deviation makes up for what follows it: linear and sigmoid 1, tanh 5/3,
 * relu sqrt(2), leakyRelu sqrt(2 / (1 + slope^2)), selu 3/4. `slope` defaults to 0.01.
 * Source: torch.nn.init.calculate_gain. (`heNormal` has that of relu in its 2; with it leave `gain` at 1.)
 */
export function gain(nonlinearity: Nonlinearity, slope = 0.01): number {
  aNumber('slope', slope)
  switch (oneOf('nonlinearity', nonlinearity, NONLINEARITIES)) {
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
const MAKERS = {
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

export const TYPES = Object.keys(MAKERS) as (keyof typeof MAKERS)[]

/**
 * Checks data that claims to be a strategy, from JSON for example, and fills in its defaults. A named variance
 * scaling, `{ type: 'heNormal' }`, becomes what it stands for. `title` is what an error calls it.
 */
export function aStrategy(value: unknown, title = 'strategy'): Strategy {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    wrongKind(title, 'an object such as normal({ std: 0.02 })', value)
  }
  const { type, ...fields } = value as { type?: unknown }
  const kind = oneOf(`${title}.type`, type, TYPES)
  if (kind === 'zeros' || kind === 'ones') anObject(kind, fields, [])
  return (MAKERS[kind] as (fields: object) => Strategy)(fields)
}
