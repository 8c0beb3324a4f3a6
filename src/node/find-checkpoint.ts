/** Finds the files of a checkpoint: a single file, the files of an index, or all safetensors files of a folder. */

import { InputError } from '../errors/simdinit-error.ts'
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { formatValue } from '../errors/validate.ts'
import { recognizeFile } from '../safetensors/recognize-file.ts'
import { readWeightMap } from '../inspect/weight-map.ts'
import { readSmallFile } from './read-file.ts'
import { MAX_INDEX_BYTES } from './read-index.ts'
import { toPathError } from './system-error.ts'

export interface Checkpoint {
  readonly folder: string
  /** Names of safetensors files in the folder. */
  readonly files: readonly string[]
  /** The file of each tensor, if there is an index. */
  readonly weightMap?: ReadonlyMap<string, string>
}

/**
 * Resolves a path to a checkpoint. In a folder `model.safetensors` takes precedence over an index, as in transformers;
 * without either the checkpoint is every safetensors file. Throws an InputError.
 */
export function findCheckpoint(path: string): Checkpoint {
  if (typeof path !== 'string' || path === '') {
    throw new InputError(`"path" must be a safetensors file or a folder; received ${formatValue(path)}`)
  }
  const stat = access(path, () => statSync(path))
  if (stat.isDirectory()) return findInFolder(path)
  if (!stat.isFile()) throw new InputError(`${path} is neither a regular file nor a folder`)
  if (path.endsWith('.index.json')) return findByIndex(dirname(path), basename(path))
  if (path.endsWith('.json')) {
    throw new InputError(
      `${path} is JSON, not a checkpoint; pass its folder, ${dirname(path)}, or a safetensors file`,
    )
  }
  return { folder: dirname(path), files: [basename(path)] }
}

function findInFolder(folder: string): Checkpoint {
  const names = access(folder, () => readdirSync(folder)).toSorted()
  if (names.includes('model.safetensors')) return { folder, files: ['model.safetensors'] }
  const index = names.find((name) => name.endsWith('.safetensors.index.json'))
  if (index !== undefined) return findByIndex(folder, index)
  const files = names.filter((name) => name.endsWith('.safetensors') && !name.startsWith('.'))
  if (files.length === 0) throw new InputError(`${folder} contains no safetensors file`)
  return { folder, files }
}

function findByIndex(folder: string, name: string): Checkpoint {
  const path = join(folder, name)
  const bytes = readSmallFile(path, MAX_INDEX_BYTES)
  try {
    const weightMap = readWeightMap(bytes)
    return { folder, files: [...new Set(weightMap.values())].toSorted(), weightMap }
  } catch (error) {
    const kind = recognizeFile(bytes)
    const message = kind === undefined ? (error as Error).message : `it is ${kind}`
    throw new InputError(`${path}: ${message}`, { cause: error })
  }
}

/** Calls the system. Its errors name the path. */
function access<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw toPathError(path, error)
  }
}
