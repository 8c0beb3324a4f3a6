/** Compares the names of a checkpoint's tensors with those of its model and its index. */

import type { Plan, PlannedTensor } from '../models/index.ts'
import { groupFindings } from './group-findings.ts'
import type { Finding, FindingKind, InspectedTensor } from './inspection-records.ts'

/** Prefixes that checkpoints of a model without its head omit. */
const BODY_PREFIX = /^(?:transformer|model|bert)\./

/** Planned tensors by name, with and without the prefix of the model's body. */
export function indexPlannedTensors({ files }: Plan): Map<string, PlannedTensor> {
  const tensors = files.flatMap((file) => file.tensors)
  const byName = new Map<string, PlannedTensor>()
  for (const tensor of tensors) byName.set(tensor.name.replace(BODY_PREFIX, ''), tensor)
  for (const tensor of tensors) byName.set(tensor.name, tensor)
  return byName
}

export function compareNamesWithModel(
  plan: Plan,
  plannedByName: ReadonlyMap<string, PlannedTensor>,
  tensors: readonly InspectedTensor[],
): Finding[] {
  const found = new Set(tensors.map(({ name }) => plannedByName.get(name)?.name))
  const plannedNames = plan.files.flatMap((file) => file.tensors.map(({ name }) => name))
  const missing = plannedNames.filter((name) => !found.has(name))
  const unknown = tensors.filter(({ name }) => !plannedByName.has(name)).map(({ name }) => name)
  return [
    ...createFindings('names', missing, `is missing: ${plan.architecture} has this tensor`),
    ...createFindings('names', unknown, `is unknown: ${plan.architecture} has no such tensor`),
  ]
}

export function compareNamesWithIndex(
  weightMap: ReadonlyMap<string, string>,
  tensors: readonly InspectedTensor[],
): Finding[] {
  const found = new Set(tensors.map(({ name, file }) => `${file} ${name}`))
  const misplaced = [...weightMap]
    .filter(([name, file]) => !found.has(`${file} ${name}`))
    .map(([name]) => name)
  const unlisted = tensors.filter(({ name }) => !weightMap.has(name)).map(({ name }) => name)
  return [
    ...createFindings('index', misplaced, 'is not in the file that the index names'),
    ...createFindings('index', unlisted, 'is not in the index'),
  ]
}

/** Tensors of one name in several files whose values, dtypes or shapes differ. Equal ones are reported as duplicates. */
export function findNameConflicts(tensors: readonly InspectedTensor[]): Finding[] {
  const firstByName = new Map<string, InspectedTensor>()
  const conflicts = new Map<string, InspectedTensor[]>()
  for (const tensor of tensors) {
    const first = firstByName.get(tensor.name)
    if (!first) firstByName.set(tensor.name, tensor)
    else if (!isSameTensor(first, tensor))
      conflicts.set(tensor.name, [...(conflicts.get(tensor.name) ?? [first]), tensor])
  }
  return [...conflicts].map(([name, group]) => {
    const files = group.map(({ file }) => file).join(', ')
    return { kind: 'names', about: name, tensors: [name], text: `has different values in ${files}` }
  })
}

/** Whether both have the same shape and bytes. `first` comes before `second` in the files. */
function isSameTensor(first: InspectedTensor, second: InspectedTensor): boolean {
  if (first.shape.join() !== second.shape.join() || first.dtype !== second.dtype) return false
  if (first.bytes === 0) return true
  const original = first.duplicateOf ?? first
  const { duplicateOf } = second
  return duplicateOf?.name === original.name && duplicateOf.file === original.file
}

function createFindings(kind: FindingKind, names: readonly string[], text: string): Finding[] {
  return groupFindings(names.map((tensor) => ({ kind, tensor, text })))
}
