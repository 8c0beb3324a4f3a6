/** The index of a checkpoint of several files (`model.safetensors.index.json`). */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import { isUtf8, JsonReader } from '../safetensors/json-events.ts'
import { MAX_TENSORS } from './tensor-batches.ts'

/** No file system has longer names. */
const MAX_FILE_NAME_BYTES = 2 ** 16

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
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) throwNoWeightMap(entries)
  return checkWeightMap(new Map(Object.entries(entries)))
}

/** The same for the bytes of an index, which are not parsed as a whole: an index of 100 MB would take gigabytes. */
export function readWeightMap(bytes: Uint8Array): Map<string, string> {
  return checkWeightMap(readIndexEntries(bytes))
}

/** The entries of `weight_map`, whose values are not validated. Throws an InputError if it is missing or too large. */
export function readIndexEntries(bytes: Uint8Array): Map<string, unknown> {
  if (!isUtf8(bytes)) throw new InputError('it is not UTF-8 text')
  const json = new JsonReader(bytes)
  let entries: Map<string, unknown> | undefined
  const readEntry = () => {
    const tensor = json.lastString()
    entries!.set(tensor, json.readValue(MAX_FILE_NAME_BYTES))
    if (entries!.size > MAX_TENSORS)
      throw new InputError(`"weight_map" lists more than ${MAX_TENSORS} tensors`)
  }
  try {
    json.readObject(() => {
      if (!json.lastStringEquals('weight_map')) return json.skipValue()
      if (!json.peekIs('{')) throwNoWeightMap(json.readValue(MAX_FILE_NAME_BYTES))
      entries = new Map()
      json.readObject(readEntry)
    })
    json.expectEnd()
  } catch (error) {
    throw error instanceof SyntaxError
      ? new InputError(`it is not valid JSON: ${error.message}`, { cause: error })
      : error
  }
  return entries ?? throwNoWeightMap(undefined)
}

function throwNoWeightMap(received: unknown): never {
  throw new InputError(`"weight_map" must be an object; received ${formatValue(received)}`)
}

function checkWeightMap(entries: ReadonlyMap<string, unknown>): Map<string, string> {
  if (entries.size === 0) throw new InputError('"weight_map" must name at least one tensor; received {}')
  const names = new Map<string, string>() // one string for all tensors of a file
  const weightMap = new Map<string, string>()
  for (const [tensor, file] of entries) {
    if (typeof file !== 'string' || !isSafeRelativePath(file)) {
      throw new InputError(`"weight_map" must be names of files in the folder; received ${formatValue(file)}`)
    }
    if (!names.has(file)) names.set(file, file)
    weightMap.set(tensor, names.get(file)!)
  }
  return weightMap
}

/** True for paths that stay in the folder on every system: no root, drive, scheme or `..`. */
function isSafeRelativePath(file: string): boolean {
  if (file === '' || /[\\:\0]/.test(file)) return false
  return file.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
