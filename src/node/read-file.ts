/**
 * Reads files that must be regular ones. Opening a pipe would wait for a writer, opening a device may have effects, and
 * neither has a size. A path is therefore checked before it is opened. The open file is checked again, because another
 * process may have replaced it.
 */

import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs'
import { InputError } from '../errors/simdinit-error.ts'
import { toPathError } from './system-error.ts'

/** Opens a file without waiting, even if it has become a pipe. Windows has no such flag. */
export const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

export interface OpenFile {
  readonly fd: number
  readonly stat: Stats
}

/** Opens a regular file, or one that a link leads to. Throws an InputError for anything else, and system errors. */
export function openRegularFile(path: string): OpenFile {
  checkIsFile(path, statSync(path))
  const fd = openSync(path, READ_FLAGS)
  try {
    const stat = fstatSync(fd)
    checkIsFile(path, stat)
    return { fd, stat }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function checkIsFile(path: string, stat: Stats): void {
  if (!stat.isFile()) throw new InputError(`${path} is not a regular file`)
}

/**
 * Reads a regular file of at most `maxBytes` as a whole: a config, recipe, manifest or index. Throws an InputError for
 * anything else, and for a file that ends before its size; system errors name the path.
 */
export function readSmallFile(path: string, maxBytes: number): Uint8Array {
  try {
    return readRegularFile(path, maxBytes)
  } catch (error) {
    throw toPathError(path, error)
  }
}

/** As `readSmallFile`, but throws the system's errors as they are. */
export function readRegularFile(path: string, maxBytes: number): Buffer {
  const { fd, stat } = openRegularFile(path)
  try {
    if (stat.size > maxBytes) throw new InputError(`${path} is larger than ${maxBytes} bytes`)
    const bytes = readFileSync(fd)
    if (bytes.length < stat.size) throw createTruncationError(path)
    return bytes
  } finally {
    closeSync(fd)
  }
}

export function createTruncationError(path: string): InputError {
  return new InputError(`${path}: the file was truncated while it was read`)
}
