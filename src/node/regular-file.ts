/**
 * Reads files that must be regular ones, in folders that others may write to. Opening a pipe would wait for a writer,
 * and a device may have no end. So the path is looked at before it is opened, and what was opened afterwards.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { getFileSize } from './file-info.ts'

/** Windows has neither flag. */
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants

/** For files at a path that was looked at: neither waits for a writer nor follows a link that has taken its place. */
export const READ_FLAGS = O_RDONLY | O_NONBLOCK | O_NOFOLLOW

/** Opens a regular file, which is no link. Throws an InputError for anything else, and system errors. */
export function openRegularFile(path: string): number {
  if (getFileSize(path) === 'not a file') throw new InputError(`${path} is not a regular file`)
  const file = openSync(path, READ_FLAGS)
  if (fstatSync(file).isFile()) return file
  closeSync(file)
  throw new InputError(`${path} is not a regular file`)
}

/** Reads a regular file. Throws as `openRegularFile` does. */
export function readRegularFile(path: string): Buffer {
  const file = openRegularFile(path)
  try {
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}
