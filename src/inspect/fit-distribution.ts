/** Which distribution values are nearest to, and which strategy would explain their standard deviation. */

import { effectiveStd, type SampledDistribution } from '../distributions/distribution.ts'
import { selectFan, computeFans, type FanMode } from '../strategies/fans.ts'
import type { Layout } from '../strategies/layout.ts'
import { normalSurvival } from '../numeric/math.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { computeKsDistance, type Buckets } from './histogram.ts'
import type { Statistics } from './statistics.ts'

export interface DistributionFit {
  readonly distribution: SampledDistribution
  /** Greatest distance between the two distribution functions, from 0 to 1. */
  readonly distance: number
  /** Is it as near as a sample of it would be, or within 0.02? */
  readonly fits: boolean
  /** A strategy of which such values come, where one of those that are in use has this std. */
  readonly strategy?: Strategy
}

/** Fewer values than these say nothing about their distribution. */
const MIN_VALUES_FOR_FIT = 32

/** What a distance of one sample in a thousand is, times sqrt(n). */
const KS_CRITICAL_VALUE = 1.95

/** How far rounding to a dtype may take a std from what was drawn, relative to it. */
export const DTYPE_STD_TOLERANCE: Readonly<Record<string, number>> = {
  BF16: 1e-3,
  F16: 1e-3,
  F8_E4M3: 0.02,
  F8_E5M2: 0.05,
}

/** Standard errors of a sample's standard deviation, relative to it. Source: Kenney and Keeping, 1951. */
export function computeStdError(count: number, kurtosis: number): number {
  return Math.sqrt(Math.max(0, kurtosis - 1) / (4 * count))
}

/** How many standard deviations from the mean a normal sample goes at most, but for one sample in a million. */
export function computeNormalMaxSigmas(count: number): number {
  let [low, high] = [1, 40]
  while (high - low > 1e-3) {
    const middle = (low + high) / 2
    if (2 * count * normalSurvival(middle) > 1e-6) low = middle
    else high = middle
  }
  return high
}

/** Undefined where nothing can be said: values that are not finite alone, or too few. */
export function fitDistribution(
  statistics: Statistics,
  cells: Buckets,
  shape: readonly number[],
  dtype: string,
  layers?: number,
): DistributionFit | undefined {
  const { finite, min, max, kurtosis, std } = statistics
  if (finite > 0 && min === max) {
    return {
      distribution: { type: 'constant', value: min },
      distance: 0,
      fits: true,
      strategy: createConstantStrategy(min),
    }
  }
  if (finite < MIN_VALUES_FOR_FIT) return undefined
  const [best] = listCandidates(statistics)
    .map(({ distribution, cdf }) => ({ distribution, distance: computeKsDistance(cells, cdf) }))
    .toSorted((a, b) => a.distance - b.distance)
  const fits = best.distance <= Math.max(0.02, KS_CRITICAL_VALUE / Math.sqrt(finite))
  if (!fits) return { ...best, fits }
  const tolerance = 4 * computeStdError(finite, Math.min(kurtosis, 3)) + (DTYPE_STD_TOLERANCE[dtype] ?? 1e-4)
  if (tolerance > 0.05) return { ...best, fits }
  const strategy = inferStrategy(best.distribution, std, tolerance, shape, layers)
  return strategy ? { ...best, fits, strategy } : { ...best, fits }
}

function createConstantStrategy(value: number): Strategy {
  if (value === 0) return { type: 'zeros' }
  return value === 1 ? { type: 'ones' } : { type: 'constant', value }
}

interface Candidate {
  readonly distribution: SampledDistribution
  /** The fraction below x. */
  readonly cdf: (x: number) => number
}

function listCandidates({ finite, mean, std, min, max }: Statistics): Candidate[] {
  const half = Math.sqrt(3) * std
  const list: Candidate[] = [
    {
      distribution: { type: 'normal', mean, std },
      cdf: (x) => normalSurvival((mean - x) / std),
    },
    {
      distribution: { type: 'uniform', low: mean - half, high: mean + half },
      cdf: (x) => Math.min(1, Math.max(0, (x - mean + half) / (2 * half))),
    },
  ]
  // cut off: a sample of a normal would have gone further
  const reach = Math.max(max - mean, mean - min) / std
  if (2 * finite * normalSurvival(reach) > 7 && reach > 1.75) list.push(fitTruncatedNormal(mean, std, reach))
  return list
}

/** The normal, cut on both sides, of such a std and reach. */
function fitTruncatedNormal(mean: number, std: number, reach: number): Candidate {
  let [low, high] = [0.1, reach]
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    if (middle / computeTruncatedStd(middle) < reach) low = middle
    else high = middle
  }
  const wide = std / computeTruncatedStd(high)
  const above = normalSurvival(high)
  return {
    distribution: {
      type: 'truncatedNormal',
      mean,
      std: wide,
      low: mean - high * wide,
      high: mean + high * wide,
    },
    cdf: (x) => {
      const fraction = (normalSurvival((mean - x) / wide) - above) / (1 - 2 * above)
      return Math.min(1, Math.max(0, fraction))
    },
  }
}

/** Of a standard normal that is cut at +-sigmas. */
function computeTruncatedStd(sigmas: number): number {
  return effectiveStd({ type: 'truncatedNormal', mean: 0, std: 1, low: -sigmas, high: sigmas })
}

interface StrategyRule {
  readonly strategy: Strategy
  readonly std: number
}

const DISTRIBUTION_SUFFIXES = {
  normal: 'Normal',
  truncatedNormal: 'TruncatedNormal',
  uniform: 'Uniform',
} as const

/** The first rule whose std is within `tolerance`: a round number is likelier than fans that happen to give it. */
function inferStrategy(
  distribution: SampledDistribution,
  std: number,
  tolerance: number,
  shape: readonly number[],
  layers: number | undefined,
): Strategy | undefined {
  if (distribution.type === 'constant') return undefined
  const said = distribution.type === 'truncatedNormal' ? distribution.std : std
  const found = [
    ...listFixedStdRules(distribution, layers).map((rule) => ({ rule, off: Math.abs(said / rule.std - 1) })),
    ...listFanRules(distribution.type, shape).map((rule) => ({ rule, off: Math.abs(std / rule.std - 1) })),
  ]
  // how far a sample was cut says little about the last digits of the std before
  const allowed = distribution.type === 'truncatedNormal' ? Math.max(tolerance, 5e-3) : tolerance
  return found.find(({ off }) => off <= allowed)?.rule.strategy
}

/** Those of papers and configs that read no fans: GPT-2, GPT-3 and BERT say 0.02, small init 0.01 or 0.006. */
const COMMON_STDS = [0.02, 0.01, 0.006, 0.001, 0.05, 1]

function listFixedStdRules(distribution: SampledDistribution, layers: number | undefined): StrategyRule[] {
  if (distribution.type === 'uniform') {
    return COMMON_STDS.map((bound) => ({
      strategy: { type: 'uniform', low: -bound, high: bound },
      std: bound / Math.sqrt(3),
    }))
  }
  if (distribution.type === 'truncatedNormal') {
    const { low = 0, std } = distribution
    const sigmas = Math.round((-low / std) * 20) / 20
    return COMMON_STDS.map((std) => ({
      strategy: { type: 'truncatedNormal', mean: 0, std, low: -sigmas * std, high: sigmas * std },
      std,
    }))
  }
  const rules: StrategyRule[] = COMMON_STDS.map((std) => ({
    strategy: { type: 'normal', mean: 0, std },
    std,
  }))
  if (layers !== undefined) {
    for (const std of [0.02, 0.006]) {
      rules.push({ strategy: { type: 'residualNormal', std, layers }, std: std / Math.sqrt(2 * layers) })
    }
  }
  return rules
}

function listFanRules(
  type: 'normal' | 'uniform' | 'truncatedNormal',
  shape: readonly number[],
): StrategyRule[] {
  if (shape.length < 2) return []
  const ways: [scale: number, mode: FanMode, layout: Layout][] = [
    [1, 'fanAvg', 'oi'], // Xavier
    [2, 'fanIn', 'oi'], // He
    [1, 'fanIn', 'oi'], // LeCun
    [2, 'fanIn', 'io'],
    [1, 'fanIn', 'io'],
    [2, 'fanOut', 'oi'],
    [1 / 3, 'fanIn', 'oi'], // the default of PyTorch's Linear and Conv
    [1, 'fanAvg', 'io'],
  ]
  return ways.map(([scale, mode, layout]) => ({
    strategy: { type: 'varianceScaling', scale, mode, distribution: type, layout, gain: 1 },
    std: Math.sqrt(scale / Math.max(1, selectFan(computeFans(shape, layout), mode))),
  }))
}

/** A strategy by the name under which people know it. */
export function formatStrategy(strategy: Strategy): string {
  if (strategy.type === 'residualNormal')
    return `${formatNumber(strategy.std)} / sqrt(2 x ${strategy.layers} layers)`
  if (strategy.type !== 'varianceScaling') return formatSimpleStrategy(strategy)
  const { scale, mode, distribution, layout } = strategy
  const fans = layout === 'io' ? `, layout 'io'` : ''
  if (scale === 1 / 3 && distribution === 'uniform') return `PyTorch's default for Linear${fans}`
  const family = mode === 'fanAvg' ? 'xavier' : scale === 2 ? 'he' : 'lecun'
  const named = scale === 1 || scale === 2
  if (!named) return `${distribution}, variance ${formatNumber(scale)} / ${mode}${fans}`
  return `${family}${DISTRIBUTION_SUFFIXES[distribution]}${mode === 'fanOut' ? ', fanOut' : ''}${fans}`
}

function formatSimpleStrategy(strategy: Strategy): string {
  switch (strategy.type) {
    case 'constant':
      return formatNumber(strategy.value)
    case 'normal':
      return `std ${formatNumber(strategy.std)}`
    case 'uniform':
      return `+-${formatNumber(strategy.high)}`
    case 'truncatedNormal':
      return `std ${formatNumber(strategy.std)} cut at ${formatNumber((strategy.high ?? Infinity) / strategy.std)} sigma`
    default:
      return strategy.type
  }
}

function formatNumber(x: number): string {
  return String(Number(x.toPrecision(4)))
}
