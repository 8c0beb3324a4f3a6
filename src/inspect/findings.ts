/** What looks wrong, in sentences: tensors whose names differ in numbers alone are said together. */

import type { Distribution } from '../distributions/distribution.ts'
import { isDeterministic } from './deterministic.ts'
import type { InspectedTensor } from './inspect-tensors.ts'
import { computeNormalMaxSigmas } from './fit-distribution.ts'

export type FindingKind =
  | 'nan'
  | 'infinity'
  | 'zeros'
  | 'constant'
  | 'outliers'
  | 'duplicate'
  | 'repeats'
  | 'recipe'
  | 'names'
  | 'index'

export interface Finding {
  readonly kind: FindingKind
  /** Names, of which those that are numbers are `*` if there are several tensors. */
  readonly about: string
  readonly tensors: readonly string[]
  readonly text: string
}

interface Flag {
  readonly kind: FindingKind
  readonly text: string
  /** The greatest of a group speaks for it. */
  readonly severity: number
}

/** Values that say something about outliers. */
const MIN_VALUES_FOR_OUTLIERS = 1000

/** Of trained weights 20 sigma are common, 30 are not. */
const TRAINED_OUTLIER_SIGMAS = 30

export function collectFindings(tensors: readonly InspectedTensor[]): Finding[] {
  const trained = detectTrainedWeights(tensors)
  const groups = new Map<string, { kind: FindingKind; about: string; names: string[]; worst: Flag }>()
  for (const tensor of tensors) {
    for (const flag of flagTensor(tensor, trained)) {
      const about = toNamePattern(tensor.name)
      const key = `${flag.kind} ${about}`
      const group = groups.get(key)
      if (!group) groups.set(key, { kind: flag.kind, about, names: [tensor.name], worst: flag })
      else {
        group.names.push(tensor.name)
        if (flag.severity > group.worst.severity) group.worst = flag
      }
    }
  }
  const findings = [...groups.values()].map(({ kind, about, names, worst }): Finding => {
    const [single] = names
    if (names.length === 1) return { kind, about: single, tensors: names, text: worst.text }
    return { kind, about, tensors: names, text: `${worst.text}; ${names.length} tensors of this kind` }
  })
  return [...(trained ? [trained] : []), ...collectDuplicates(tensors), ...findings]
}

/** The name, with `*` for each part that is a number. */
export function toNamePattern(name: string): string {
  return name.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*')
}

/** Most tensors that a recipe would draw are not as it says: then that is said once. */
function detectTrainedWeights(tensors: readonly InspectedTensor[]): Finding | undefined {
  const drawn = tensors.filter(({ expected }) => expected && !isDeterministic(expected.distribution))
  const departing = drawn.filter(({ expected }) => !expected?.explained)
  if (departing.length * 2 <= drawn.length) return undefined
  const text =
    `${departing.length} of ${drawn.length} tensors are not as the recipe draws them: ` +
    'they are trained, or of another recipe'
  return { kind: 'recipe', about: 'the checkpoint', tensors: departing.map(({ name }) => name), text }
}

function* flagTensor(tensor: InspectedTensor, trained: Finding | undefined): Iterable<Flag> {
  const { statistics, shape, expected, repeats } = tensor
  if (!statistics) return
  const { count, nans, infinities, min, max } = statistics
  const share = (n: number) => `${n.toLocaleString('en-US')} of ${count.toLocaleString('en-US')} values`
  if (nans > 0) yield { kind: 'nan', text: `NaN: ${share(nans)}`, severity: nans }
  if (infinities > 0) yield { kind: 'infinity', text: `infinite: ${share(infinities)}`, severity: infinities }
  const wanted = expected?.explained && expected.distribution.type === 'constant'
  if (min === max && shape.length > 1 && count > 1 && !wanted) {
    const kind = min === 0 ? 'zeros' : 'constant'
    yield {
      kind,
      text: min === 0 ? 'a matrix of zeros' : `a matrix whose values are all ${formatNumber(min)}`,
      severity: count,
    }
  }
  if (repeats) {
    const rows = shape[0] / repeats
    const text = `the same ${rows} of its first axis, ${repeats} times: shards of ranks that drew the same`
    yield { kind: 'repeats', text, severity: repeats }
  }
  yield* flagOutliers(tensor, trained !== undefined)
  if (!trained && expected && !expected.explained) yield flagMismatch(tensor)
}

function* flagOutliers(
  { statistics, bulkStd = 0, expected }: InspectedTensor,
  trained: boolean,
): Iterable<Flag> {
  if (!statistics || statistics.finite < MIN_VALUES_FOR_OUTLIERS) return
  const { min, max, mean, std, finite } = statistics
  const scale = bulkStd > 0 ? bulkStd : std
  const reach = Math.max(max - mean, mean - min) / scale
  const type = expected?.distribution.type ?? ''
  const fresh = !trained && ['normal', 'uniform', 'truncatedNormal', 'zeroRows'].includes(type)
  const most = computeNormalMaxSigmas(finite)
  if (!(reach > (fresh ? 1.05 * most : TRAINED_OUTLIER_SIGMAS))) return
  const where = max - mean > mean - min ? max : min
  yield {
    kind: 'outliers',
    text: `${formatNumber(where)} is ${formatNumber(reach)} sigma from the mean; a normal sample of this size ends at ${formatNumber(most)}`,
    severity: reach,
  }
}

function flagMismatch({ statistics, shape, expected }: InspectedTensor): Flag {
  const { departs, std, distribution, errors = 0 } = expected!
  const is = statistics!
  const sentence = {
    shape: () => `its shape is ${shape.join(' x ')}, which is not that of the model`,
    values: () =>
      `values from ${formatNumber(is.min)} to ${formatNumber(is.max)}, where the recipe has ${describeExpectedValues(distribution)}`,
    std: () =>
      `std ${formatNumber(is.std)}, where the recipe has ${formatNumber(std)}: ${formatNumber(errors)} standard errors`,
    mean: () =>
      `mean ${formatNumber(is.mean)}, which is ${formatNumber(errors)} standard errors from the recipe's`,
  }[departs!]
  return { kind: 'recipe', text: sentence(), severity: errors }
}

function describeExpectedValues(distribution: Distribution): string {
  return distribution.type === 'constant' ? formatNumber(distribution.value) : `those of ${distribution.type}`
}

/** Sets of tensors of the same bytes, but for those that are to be: biases are 0 everywhere. */
function collectDuplicates(tensors: readonly InspectedTensor[]): Finding[] {
  const sets = new Map<string, string[]>()
  for (const { name, duplicateOf, statistics, expected } of tensors) {
    if (duplicateOf === undefined || statistics?.min === statistics?.max) continue
    if (expected?.explained && isDeterministic(expected.distribution)) continue
    const set = sets.get(duplicateOf)
    if (set) set.push(name)
    else sets.set(duplicateOf, [duplicateOf, name])
  }
  return [...sets].map(([first, names]) => ({
    kind: 'duplicate',
    about: first,
    tensors: names,
    text: `the same bytes in ${names.length} tensors: ${names.slice(1, 4).join(', ')}${names.length > 4 ? ', ...' : ''}`,
  }))
}

function formatNumber(x: number): string {
  return String(Number(x.toPrecision(4)))
}
