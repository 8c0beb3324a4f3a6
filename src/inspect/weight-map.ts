/** The index of a checkpoint of several files (`model.safetensors.index.json`). */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'

/**
 * Reads which file each tensor is in from the index of a checkpoint of several files.
 *
 * @param index The parsed JSON of `model.safetensors.index.json`.
 * @returns File names by tensor name: `weightMap` of `inspectFiles`.
 * @throws InputError (`ERR_INVALID_INPUT`) if `weight_map` is missing or empty, or names a file outside of the folder.
 * @example
 * import { parseWeightMap } from 'simdinit/inspect'
 *
 * const weightMap = parseWeightMap({ weight_map: { 'lm_head.weight': 'model-00002-of-00002.safetensors' } })
 * console.log(weightMap.get('lm_head.weight')) // model-00002-of-00002.safetensors
 */
export function parseWeightMap(index: unknown): Map<string, string> {
  const entries = (index as { weight_map?: unknown } | null)?.weight_map
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw new InputError(`"weight_map" must be an object; received ${formatValue(entries)}`)
  }
  const weightMap = new Map<string, string>()
  for (const [tensor, file] of Object.entries(entries)) {
    if (typeof file !== 'string' || !isSafeRelativePath(file)) {
      throw new InputError(`"weight_map" must be names of files in the folder; received ${formatValue(file)}`)
    }
    weightMap.set(tensor, file)
  }
  if (weightMap.size === 0) throw new InputError('"weight_map" must name at least one tensor; received {}')
  return weightMap
}

/** True for paths that stay in the folder on every system: no root, drive, scheme or `..`. */
function isSafeRelativePath(file: string): boolean {
  if (file === '' || /[\\:\0]/.test(file)) return false
  return file.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
