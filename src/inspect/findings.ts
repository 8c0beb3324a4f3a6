/** Finds likely problems in the tensors of a checkpoint, and phrases them. */

import { isDeterministic } from '../distributions/deterministic.ts'
import type { Distribution } from '../distributions/distribution.ts'
import { formatInteger } from '../numeric/format-number.ts'
import { formatStatistic } from './describe.ts'
import { computeNormalMaxSigmas } from './fit-distribution.ts'
import { groupFindings, type TensorProblem } from './group-findings.ts'
import type {
  DiscreteDistribution,
  Expectation,
  Finding,
  InspectedTensor,
  Statistics,
} from './inspection-records.ts'

/** Smaller tensors are not searched for outliers. */
const MIN_VALUES_FOR_OUTLIERS = 1000

/** Outliers of 20 sigma are common in trained weights; outliers of 30 sigma are not. */
const TRAINED_OUTLIER_SIGMAS = 30

/** Names that the text of a duplicate lists. */
const MAX_LISTED_DUPLICATES = 3

export function collectFindings(tensors: readonly InspectedTensor[]): Finding[] {
  const trained = detectTrainedWeights(tensors)
  const problems = tensors.flatMap((tensor) => [...findProblems(tensor, trained !== undefined)])
  return [...(trained ? [trained] : []), ...findDuplicateGroups(tensors), ...groupFindings(problems)]
}

/** One finding for the whole checkpoint if most of the tensors that a recipe samples do not match it. */
function detectTrainedWeights(tensors: readonly InspectedTensor[]): Finding | undefined {
  const sampled = tensors.filter(({ expected }) => expected && !isDeterministic(expected.distribution))
  const mismatched = sampled.filter(({ expected }) => !expected?.explained)
  if (mismatched.length * 2 <= sampled.length) return undefined
  const text =
    `has ${mismatched.length} of ${sampled.length} random tensors that do not match the recipe: ` +
    'the weights are trained, or from another recipe'
  return { kind: 'recipe', about: 'the checkpoint', tensors: mismatched.map(({ name }) => name), text }
}

function* findProblems(tensor: InspectedTensor, isTrained: boolean): Iterable<TensorProblem> {
  const { name, statistics, shape, expected, repeats } = tensor
  if (!statistics) return
  const { count, nans, infinities, min, max } = statistics
  const formatShare = (n: number) => `${formatInteger(n)} of ${formatInteger(count)} values`
  if (nans > 0)
    yield { kind: 'nan', tensor: name, text: `contains NaN: ${formatShare(nans)}`, severity: nans }
  if (infinities > 0) {
    const text = `contains infinities: ${formatShare(infinities)}`
    yield { kind: 'infinity', tensor: name, text, severity: infinities }
  }
  const isExpected = expected?.explained && expected.distribution.type === 'constant'
  if (min === max && shape.length > 1 && count > 1 && !isExpected) {
    if (min === 0) yield { kind: 'zeros', tensor: name, text: 'is a matrix of zeros' }
    else yield { kind: 'constant', tensor: name, text: `is constant: every value is ${formatStatistic(min)}` }
  }
  if (repeats) {
    const rows = shape[0] / repeats
    const text = `repeats the first ${rows} of its ${shape[0]} rows: perhaps every rank drew the same shard`
    yield { kind: 'repeats', tensor: name, text, severity: repeats }
  }
  yield* findOutliers(tensor, isTrained)
  if (!isTrained && expected && !expected.explained) {
    const text = describeMismatch(expected, statistics, shape)
    yield { kind: 'recipe', tensor: name, text, severity: expected.errors ?? 0 }
  }
}

function* findOutliers(
  { name, statistics, bulkStd = 0, nearest, expected }: InspectedTensor,
  isTrained: boolean,
): Iterable<TensorProblem> {
  if (!statistics || statistics.finite < MIN_VALUES_FOR_OUTLIERS) return
  const { min, max, mean, std, finite } = statistics
  const scale = bulkStd > 0 ? bulkStd : std
  const sigmas = Math.max(max - mean, mean - min) / scale
  const type = expected?.distribution.type ?? ''
  const isFresh = !isTrained && ['normal', 'uniform', 'truncatedNormal', 'zeroRows'].includes(type)
  const normalMax = computeNormalMaxSigmas(finite)
  if (!(sigmas > (isFresh ? 1.05 * normalMax : TRAINED_OUTLIER_SIGMAS))) return
  const outlier = max - mean > mean - min ? max : min
  if (nearest?.distribution.type === 'discrete' && countValue(nearest.distribution, outlier) > 1) return
  const text =
    `contains ${formatStatistic(outlier)}, which is ${formatStatistic(sigmas)} sigma from the mean; ` +
    `a normal sample of this size reaches ${formatStatistic(normalMax)}`
  yield { kind: 'outliers', tensor: name, text, severity: sigmas }
}

function countValue({ values, counts }: DiscreteDistribution, value: number): number {
  return counts[values.indexOf(value)]
}

function describeMismatch(
  { departs, std, distribution, errors = 0 }: Expectation,
  statistics: Statistics,
  shape: readonly number[],
): string {
  const distance = `${formatStatistic(errors)} standard errors`
  switch (departs) {
    case 'shape':
      return `has shape ${shape.join(' x ')}, which differs from the model's`
    case 'std':
      return `has std ${formatStatistic(statistics.std)}; the recipe expects ${formatStatistic(std)} (${distance} away)`
    case 'mean':
      return `has mean ${formatStatistic(statistics.mean)}, ${distance} away from the recipe's`
    default:
      return (
        `has values from ${formatStatistic(statistics.min)} to ${formatStatistic(statistics.max)}; ` +
        `the recipe expects ${describeExpectedValues(distribution)}`
      )
  }
}

function describeExpectedValues(distribution: Distribution): string {
  return distribution.type === 'constant'
    ? formatStatistic(distribution.value)
    : `those of ${distribution.type}`
}

/** Groups of tensors with the same bytes, except where that is expected: biases are all 0. */
function findDuplicateGroups(tensors: readonly InspectedTensor[]): Finding[] {
  const groups = new Map<string, InspectedTensor[]>()
  for (const tensor of tensors) {
    const { duplicateOf, statistics, expected } = tensor
    if (duplicateOf === undefined || statistics?.min === statistics?.max) continue
    if (expected?.explained && isDeterministic(expected.distribution)) continue
    const key = JSON.stringify([duplicateOf.file, duplicateOf.name])
    const group = groups.get(key)
    if (group) group.push(tensor)
    else groups.set(key, [tensor])
  }
  return [...groups.values()].map((duplicates) => {
    const { name: first } = duplicates[0].duplicateOf!
    const others = duplicates.map(({ name, file }) => (name === first ? `${name} in ${file}` : name))
    const rest = others.length - MAX_LISTED_DUPLICATES
    const list = others.slice(0, MAX_LISTED_DUPLICATES).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
    return {
      kind: 'duplicate',
      about: first,
      tensors: [first, ...duplicates.map(({ name }) => name)],
      text: `has the same bytes as ${list}`,
    }
  })
}
