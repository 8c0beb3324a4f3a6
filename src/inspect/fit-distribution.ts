/** Finds the distribution that is closest to the values of a tensor, and a strategy that gives its standard deviation. */

import { effectiveStd } from '../distributions/effective-std.ts'
import type { SampledDistribution } from '../distributions/distribution.ts'
import { selectFan, computeFans, type FanMode } from '../strategies/fans.ts'
import type { Layout } from '../strategies/layout.ts'
import { normalSurvival } from '../numeric/math.ts'
import type { Strategy } from '../strategies/strategy.ts'
import type { StoredDtype } from '../safetensors/read-header.ts'
import { computeKsDistance, type Buckets } from './histogram.ts'
import type { Levels } from './level-counter.ts'
import { getSpacing } from './to-f32.ts'
import type { DistributionFit, Statistics } from './inspection-records.ts'

/** Fewer values do not show their distribution. */
const MIN_VALUES_FOR_FIT = 32

/** Kolmogorov-Smirnov distance times sqrt(n) that one random sample in a thousand exceeds. */
const KS_CRITICAL_VALUE = 1.95

/** How much rounding to a dtype may change a standard deviation, relative to it. */
export const DTYPE_STD_TOLERANCE: Readonly<Record<string, number>> = {
  BF16: 1e-3,
  F16: 1e-3,
  F8_E4M3: 0.02,
  F8_E5M2: 0.05,
}

/** Standard error of a sample's standard deviation, relative to it. Source: Kenney and Keeping, 1951. */
export function computeStdError(count: number, kurtosis: number): number {
  return Math.sqrt(Math.max(0, kurtosis - 1) / (4 * count))
}

/** Distance from the mean, in standard deviations, that one normal sample in a million exceeds. */
export function computeNormalMaxSigmas(count: number): number {
  let [low, high] = [1, 40]
  while (high - low > 1e-3) {
    const middle = (low + high) / 2
    if (2 * count * normalSurvival(middle) > 1e-6) low = middle
    else high = middle
  }
  return high
}

/** What is known of the values of a tensor. */
export interface MeasuredValues {
  readonly statistics: Statistics
  readonly buckets: Buckets
  /** The distinct values, if they are few. */
  readonly levels?: Levels
  readonly shape: readonly number[]
  readonly dtype: StoredDtype
  /** Number of layers of the model, if known. */
  readonly layers?: number
}

/** Undefined for fewer than 32 finite values, unless all of them are the same. */
export function fitDistribution({
  statistics,
  buckets,
  levels,
  shape,
  dtype,
  layers,
}: MeasuredValues): DistributionFit | undefined {
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
  if (levels && !areNeighbors(levels, dtype)) return createDiscreteFit(levels)
  const [best] = listCandidates(statistics)
    .map(({ distribution, cdf }) => ({ distribution, distance: computeKsDistance(buckets, cdf) }))
    .toSorted((a, b) => a.distance - b.distance)
  const fits = best.distance <= Math.max(0.02, KS_CRITICAL_VALUE / Math.sqrt(finite))
  if (!fits) return levels ? createDiscreteFit(levels) : { ...best, fits }
  const tolerance = 4 * computeStdError(finite, Math.min(kurtosis, 3)) + (DTYPE_STD_TOLERANCE[dtype] ?? 1e-4)
  if (tolerance > 0.05) return { ...best, fits }
  const strategy = inferStrategy(best.distribution, std, tolerance, shape, layers)
  return strategy ? { ...best, fits, strategy } : { ...best, fits }
}

function createDiscreteFit({ values, counts }: Levels): DistributionFit {
  return { distribution: { type: 'discrete', values, counts }, distance: 0, fits: true }
}

/** Whether most of the values are next to each other in the dtype: those of a sample that was rounded to it. */
function areNeighbors({ values }: Levels, dtype: StoredDtype): boolean {
  let neighbors = 0
  for (let i = 1; i < values.length; i++) {
    const spacing = getSpacing(dtype, Math.max(Math.abs(values[i - 1]), Math.abs(values[i])))
    if (values[i] - values[i - 1] <= spacing) neighbors++
  }
  return 2 * neighbors >= values.length - 1
}

function createConstantStrategy(value: number): Strategy {
  if (value === 0) return { type: 'zeros' }
  return value === 1 ? { type: 'ones' } : { type: 'constant', value }
}

interface Candidate {
  readonly distribution: SampledDistribution
  /** Cumulative distribution function. */
  readonly cdf: (x: number) => number
}

function listCandidates({ finite, mean, std, min, max }: Statistics): Candidate[] {
  const halfWidth = Math.sqrt(3) * std
  const candidates: Candidate[] = [
    {
      distribution: { type: 'normal', mean, std },
      cdf: (x) => normalSurvival((mean - x) / std),
    },
    {
      distribution: { type: 'uniform', low: mean - halfWidth, high: mean + halfWidth },
      cdf: (x) => Math.min(1, Math.max(0, (x - mean + halfWidth) / (2 * halfWidth))),
    },
  ]
  // truncated: a normal sample of this size would extend further
  const maxSigmas = Math.max(max - mean, mean - min) / std
  if (2 * finite * normalSurvival(maxSigmas) > 7 && maxSigmas > 1.75) {
    candidates.push(fitTruncatedNormal(mean, std, maxSigmas))
  }
  return candidates
}

/** The symmetrically truncated normal whose standard deviation is `std` and whose bounds are `maxSigmas * std` away. */
function fitTruncatedNormal(mean: number, std: number, maxSigmas: number): Candidate {
  let [low, high] = [0.1, maxSigmas]
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    if (middle / computeTruncatedStd(middle) < maxSigmas) low = middle
    else high = middle
  }
  const parentStd = std / computeTruncatedStd(high)
  const tail = normalSurvival(high)
  return {
    distribution: {
      type: 'truncatedNormal',
      mean,
      std: parentStd,
      low: mean - high * parentStd,
      high: mean + high * parentStd,
    },
    cdf: (x) => {
      const fraction = (normalSurvival((mean - x) / parentStd) - tail) / (1 - 2 * tail)
      return Math.min(1, Math.max(0, fraction))
    },
  }
}

/** Standard deviation of a standard normal that is truncated at +-sigmas. */
function computeTruncatedStd(sigmas: number): number {
  return effectiveStd({ type: 'truncatedNormal', mean: 0, std: 1, low: -sigmas, high: sigmas })
}

/** A strategy, and the standard deviation that shows it. */
interface StrategyRule {
  readonly strategy: Strategy
  readonly std: number
}

/** The first rule whose std is within `tolerance`. Round numbers come first: they are likelier than fans that happen to give one. */
function inferStrategy(
  distribution: SampledDistribution,
  std: number,
  tolerance: number,
  shape: readonly number[],
  layers: number | undefined,
): Strategy | undefined {
  if (distribution.type === 'constant') return undefined
  const parentStd = distribution.type === 'truncatedNormal' ? distribution.std : std
  const rules = [
    ...listFixedStdRules(distribution, layers).map((rule) => ({
      rule,
      deviation: Math.abs(parentStd / rule.std - 1),
    })),
    ...listFanRules(distribution.type, shape).map((rule) => ({
      rule,
      deviation: Math.abs(std / rule.std - 1),
    })),
  ]
  // the bounds of a sample determine the std before truncation only roughly
  const allowed = distribution.type === 'truncatedNormal' ? Math.max(tolerance, 5e-3) : tolerance
  return rules.find(({ deviation }) => deviation <= allowed)?.rule.strategy
}

/** Fixed standard deviations of papers and configs: 0.02 in GPT-2, GPT-3 and BERT; 0.01 and 0.006 in small init. */
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
  const scalings: [scale: number, mode: FanMode, layout: Layout][] = [
    [1, 'fanAvg', 'oi'], // Xavier
    [2, 'fanIn', 'oi'], // He
    [1, 'fanIn', 'oi'], // LeCun
    [2, 'fanIn', 'io'],
    [1, 'fanIn', 'io'],
    [2, 'fanOut', 'oi'],
    [1 / 3, 'fanIn', 'oi'], // the default of PyTorch's Linear and Conv
    [1, 'fanAvg', 'io'],
  ]
  return scalings.map(([scale, mode, layout]) => ({
    strategy: { type: 'varianceScaling', scale, mode, distribution: type, layout, gain: 1 },
    std: Math.sqrt(scale / Math.max(1, selectFan(computeFans(shape, layout), mode))),
  }))
}
