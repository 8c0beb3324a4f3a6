/** Reads files that are held in memory as a whole: configs, recipes, manifests and indexes. */

import { readFileSync, statSync } from 'node:fs'
import { InputError } from '../errors/simdinit-error.ts'
import { toPathError } from './system-error.ts'

/**
 * Reads a regular file of at most `maxBytes`. Throws an InputError for anything else, and for a file that ends before
 * its size; system errors name the path.
 */
export function readSmallFile(path: string, maxBytes: number): Uint8Array {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new InputError(`${path} is not a regular file`)
    if (stat.size > maxBytes) throw new InputError(`${path} is larger than ${maxBytes} bytes`)
    const bytes = readFileSync(path)
    if (bytes.length < stat.size) throw createTruncationError(path)
    return bytes
  } catch (error) {
    throw toPathError(path, error)
  }
}

export function createTruncationError(path: string): InputError {
  return new InputError(`${path}: the file was truncated while it was read`)
}
