/** What looks wrong, in sentences: tensors whose names differ in numbers alone are said together. */

import type { InspectedTensor } from './tensors.ts'
import { normalReach } from './nearest.ts'

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
  readonly weight: number
}

/** Values that say something about outliers. */
const ENOUGH = 1000

/** Of trained weights 20 sigma are common, 30 are not. */
const TRAINED_REACH = 30

export function findingsOf(tensors: readonly InspectedTensor[]): Finding[] {
  const trained = looksTrained(tensors)
  const groups = new Map<string, { kind: FindingKind; about: string; names: string[]; worst: Flag }>()
  for (const tensor of tensors) {
    for (const flag of flagsOf(tensor, trained)) {
      const about = patternOf(tensor.name)
      const key = `${flag.kind} ${about}`
      const group = groups.get(key)
      if (!group) groups.set(key, { kind: flag.kind, about, names: [tensor.name], worst: flag })
      else {
        group.names.push(tensor.name)
        if (flag.weight > group.worst.weight) group.worst = flag
      }
    }
  }
  const findings = [...groups.values()].map(({ kind, about, names, worst }): Finding => {
    const [single] = names
    if (names.length === 1) return { kind, about: single, tensors: names, text: worst.text }
    return { kind, about, tensors: names, text: `${worst.text}; ${names.length} tensors of this kind` }
  })
  return [...(trained ? [trained] : []), ...duplicates(tensors), ...findings]
}

/** The name, with `*` for each part that is a number. */
export function patternOf(name: string): string {
  return name.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*')
}

/** Most tensors that a recipe would draw are not as it says: then that is said once. */
function looksTrained(tensors: readonly InspectedTensor[]): Finding | undefined {
  const drawn = tensors.filter(({ expected }) => expected && expected.distribution.type !== 'constant')
  const departing = drawn.filter(({ expected }) => !expected?.explained)
  if (departing.length * 2 <= drawn.length) return undefined
  const text =
    `${departing.length} of ${drawn.length} tensors are not as the recipe draws them: ` +
    'they are trained, or of another recipe'
  return { kind: 'recipe', about: 'the checkpoint', tensors: departing.map(({ name }) => name), text }
}

function* flagsOf(tensor: InspectedTensor, trained: Finding | undefined): Iterable<Flag> {
  const { statistics, shape, expected, repeats } = tensor
  if (!statistics) return
  const { count, nans, infinities, min, max } = statistics
  const share = (n: number) => `${n.toLocaleString('en-US')} of ${count.toLocaleString('en-US')} values`
  if (nans > 0) yield { kind: 'nan', text: `NaN: ${share(nans)}`, weight: nans }
  if (infinities > 0) yield { kind: 'infinity', text: `infinite: ${share(infinities)}`, weight: infinities }
  const wanted = expected?.explained && expected.distribution.type === 'constant'
  if (min === max && shape.length > 1 && count > 1 && !wanted) {
    const kind = min === 0 ? 'zeros' : 'constant'
    yield {
      kind,
      text: min === 0 ? 'a matrix of zeros' : `a matrix whose values are all ${short(min)}`,
      weight: count,
    }
  }
  if (repeats) {
    const rows = shape[0] / repeats
    const text = `the same ${rows} of its first axis, ${repeats} times: shards of ranks that drew the same`
    yield { kind: 'repeats', text, weight: repeats }
  }
  yield* outliers(tensor, trained !== undefined)
  if (!trained && expected && !expected.explained) yield departure(tensor)
}

function* outliers({ statistics, bulkStd = 0, expected }: InspectedTensor, trained: boolean): Iterable<Flag> {
  if (!statistics || statistics.finite < ENOUGH) return
  const { min, max, mean, std, finite } = statistics
  const scale = bulkStd > 0 ? bulkStd : std
  const reach = Math.max(max - mean, mean - min) / scale
  const type = expected?.distribution.type ?? ''
  const fresh = !trained && ['normal', 'uniform', 'truncatedNormal', 'zeroRows'].includes(type)
  const most = normalReach(finite)
  if (!(reach > (fresh ? 1.05 * most : TRAINED_REACH))) return
  const where = max - mean > mean - min ? max : min
  yield {
    kind: 'outliers',
    text: `${short(where)} is ${short(reach)} sigma from the mean; a normal sample of this size ends at ${short(most)}`,
    weight: reach,
  }
}

function departure({ statistics, shape, expected }: InspectedTensor): Flag {
  const { departs, std, distribution, errors = 0 } = expected!
  const is = statistics!
  const sentence = {
    shape: () => `its shape is ${shape.join(' x ')}, which is not that of the model`,
    values: () =>
      `values from ${short(is.min)} to ${short(is.max)}, where the recipe has ${constantOf(distribution)}`,
    std: () => `std ${short(is.std)}, where the recipe has ${short(std)}: ${short(errors)} standard errors`,
    mean: () => `mean ${short(is.mean)}, which is ${short(errors)} standard errors from the recipe's`,
  }[departs!]
  return { kind: 'recipe', text: sentence(), weight: errors }
}

function constantOf(distribution: { type: string; value?: number }): string {
  return short(distribution.value ?? NaN)
}

/** Sets of tensors of the same bytes, but for constants: biases are 0 everywhere. */
function duplicates(tensors: readonly InspectedTensor[]): Finding[] {
  const sets = new Map<string, string[]>()
  for (const { name, duplicateOf, statistics } of tensors) {
    if (duplicateOf === undefined || statistics?.min === statistics?.max) continue
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

function short(x: number): string {
  return String(Number(x.toPrecision(4)))
}
