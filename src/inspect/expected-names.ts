/** Which names a checkpoint is to have, by its model and by its index, and which of them it lacks or has beside. */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import { type Plan, type PlannedTensor } from '../models/index.ts'
import { toNamePattern, type Finding } from './findings.ts'
import type { InspectedTensor } from './inspect-tensors.ts'

/** Planned tensors by name; files of a model without its head lack `transformer.` or `model.` before each. */
export function indexPlannedTensors({ files }: Plan): Map<string, PlannedTensor> {
  const tensors = files.flatMap((file) => file.tensors)
  const names = new Map<string, PlannedTensor>()
  const body = tensors.map(({ name }) => /^(?:transformer|model|bert)\./.exec(name)?.[0] ?? '')
  for (const [i, tensor] of tensors.entries()) names.set(tensor.name.slice(body[i].length), tensor)
  for (const tensor of tensors) names.set(tensor.name, tensor)
  return names
}

export function compareNamesWithModel(
  plan: Plan,
  names: ReadonlyMap<string, PlannedTensor>,
  tensors: readonly InspectedTensor[],
): Finding[] {
  const there = new Set(tensors.map(({ name }) => names.get(name)?.name))
  const all = plan.files.flatMap((file) => file.tensors.map(({ name }) => name))
  const missing = all.filter((name) => !there.has(name))
  const others = tensors.filter(({ name }) => !names.has(name)).map(({ name }) => name)
  return [
    ...groupFindings('names', missing, `missing: ${plan.architecture} has it`),
    ...groupFindings('names', others, `${plan.architecture} has no such tensor`),
  ]
}

/**
 * Which file each tensor is in, by the parsed JSON of an index. Throws an InputError for what is no index, and for a
 * name that would leave the folder.
 */
export function parseWeightMap(index: unknown): Map<string, string> {
  const map = (index as { weight_map?: unknown } | null)?.weight_map
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new InputError(`"weight_map" must be an object; received ${formatValue(map)}`)
  }
  const homes = new Map<string, string>()
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !isSafeRelativePath(file)) {
      throw new InputError(`"weight_map" must be names of files in the folder; received ${formatValue(file)}`)
    }
    homes.set(tensor, file)
  }
  if (homes.size === 0) throw new InputError('"weight_map" names no tensor')
  return homes
}

/** Stays in the folder on every system: no root, drive, scheme or step upwards. */
function isSafeRelativePath(file: string): boolean {
  if (file === '' || /[\\:\0]/.test(file)) return false
  return file.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

export function compareFilesWithIndex(
  homes: ReadonlyMap<string, string>,
  tensors: readonly InspectedTensor[],
): Finding[] {
  const there = new Set(tensors.map(({ name, file }) => `${file} ${name}`))
  const wrong = [...homes].filter(([name, file]) => !there.has(`${file} ${name}`)).map(([name]) => name)
  const unnamed = tensors.filter(({ name }) => !homes.has(name)).map(({ name }) => name)
  return [
    ...groupFindings('index', wrong, 'not in the file that the index names'),
    ...groupFindings('index', unnamed, 'not in the index'),
  ]
}

/** One finding for names that differ in numbers alone. */
function groupFindings(kind: Finding['kind'], names: readonly string[], text: string): Finding[] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const pattern = toNamePattern(name)
    const group = groups.get(pattern)
    if (group) group.push(name)
    else groups.set(pattern, [name])
  }
  return [...groups].map(([pattern, tensors]) =>
    tensors.length === 1
      ? { kind, about: tensors[0], tensors, text }
      : { kind, about: pattern, tensors, text: `${text}; ${tensors.length} tensors of this kind` },
  )
}
