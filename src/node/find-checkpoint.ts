/** Finds the files of a checkpoint: a single file, the files of an index, or all safetensors files of a folder. */

import { InputError } from '../errors/simdinit-error.ts'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { formatValue } from '../errors/validate.ts'
import { parseWeightMap } from '../inspect/index.ts'
import { describeErrno } from './system-error.ts'

/** The Hugging Face Hub reads no larger index. */
const MAX_INDEX_BYTES = 250_000_000

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
  const stat = rethrowSystemError(path, () => statSync(path))
  if (stat.isDirectory()) return findInFolder(path)
  if (!stat.isFile()) throw new InputError(`${path} is neither a regular file nor a folder`)
  if (path.endsWith('.index.json')) return findByIndex(dirname(path), basename(path))
  return { folder: dirname(path), files: [basename(path)] }
}

function findInFolder(folder: string): Checkpoint {
  const names = rethrowSystemError(folder, () => readdirSync(folder)).toSorted()
  if (names.includes('model.safetensors')) return { folder, files: ['model.safetensors'] }
  const index = names.find((name) => name.endsWith('.safetensors.index.json'))
  if (index !== undefined) return findByIndex(folder, index)
  const files = names.filter((name) => name.endsWith('.safetensors') && !name.startsWith('.'))
  if (files.length === 0) throw new InputError(`${folder} contains no safetensors file`)
  return { folder, files }
}

function findByIndex(folder: string, name: string): Checkpoint {
  const path = join(folder, name)
  const index = readIndex(path)
  try {
    const weightMap = parseWeightMap(index)
    return { folder, files: [...new Set(weightMap.values())].toSorted(), weightMap }
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`, { cause: error })
  }
}

function readIndex(path: string): unknown {
  const { size } = rethrowSystemError(path, () => statSync(path))
  if (size > MAX_INDEX_BYTES) throw new InputError(`${path} is larger than ${MAX_INDEX_BYTES} bytes`)
  const bytes = rethrowSystemError(path, () => readFileSync(path))
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new InputError(`${path} is not valid JSON: ${(error as Error).message}`, { cause: error })
  }
}

/** Reports the system's error for a path that the caller passed as an InputError. */
function rethrowSystemError<T>(path: string, access: () => T): T {
  try {
    return access()
  } catch (error) {
    throw new InputError(`${path}: ${describeErrno((error as NodeJS.ErrnoException).code)}`, { cause: error })
  }
}
