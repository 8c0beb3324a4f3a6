/** Which files a checkpoint consists of, whoever wrote it: one, those that an index names, or all of a folder. */

import { InputError } from '../errors/simdinit-error.ts'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { formatValue } from '../errors/validate.ts'
import { parseWeightMap } from '../inspect/index.ts'
import { describeErrno } from './model-source.ts'

/** What the hub reads of an index at most, in bytes. */
const MAX_INDEX_BYTES = 250_000_000

export interface Checkpoint {
  readonly folder: string
  /** Of safetensors files, within the folder. */
  readonly files: readonly string[]
  /** Which file each tensor is in, as the index says. */
  readonly weightMap?: ReadonlyMap<string, string>
}

/**
 * A file, an index, or a folder: there `model.safetensors` wins over an index, as in transformers, and where there is
 * neither it is every safetensors file. Throws an InputError.
 */
export function findCheckpoint(path: string): Checkpoint {
  if (typeof path !== 'string' || path === '') {
    throw new InputError(`"path" must be a safetensors file or a folder; received ${formatValue(path)}`)
  }
  const stat = wrapSystemError(path, () => statSync(path))
  if (stat.isDirectory()) return findInFolder(path)
  if (!stat.isFile()) throw new InputError(`${path}: it is neither a file nor a folder`)
  if (path.endsWith('.index.json')) return findByIndex(dirname(path), basename(path))
  return { folder: dirname(path), files: [basename(path)] }
}

function findInFolder(folder: string): Checkpoint {
  const names = wrapSystemError(folder, () => readdirSync(folder)).toSorted()
  if (names.includes('model.safetensors')) return { folder, files: ['model.safetensors'] }
  const index = names.find((name) => name.endsWith('.safetensors.index.json'))
  if (index !== undefined) return findByIndex(folder, index)
  const files = names.filter((name) => name.endsWith('.safetensors') && !name.startsWith('.'))
  if (files.length === 0) throw new InputError(`${folder} holds no safetensors file`)
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
  const { size } = wrapSystemError(path, () => statSync(path))
  if (size > MAX_INDEX_BYTES) throw new InputError(`${path} is larger than ${MAX_INDEX_BYTES} bytes`)
  const bytes = wrapSystemError(path, () => readFileSync(path))
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new InputError(`${path} is not JSON: ${(error as Error).message}`, { cause: error })
  }
}

/** What the system refuses is bad input here. */
function wrapSystemError<T>(path: string, look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw new InputError(`${path}: ${describeErrno((error as NodeJS.ErrnoException).code)}`, { cause: error })
  }
}
