/** Reads the manifest of a checkpoint from its folder. */

import { InputError } from '../errors/simdinit-error.ts'
import { join } from 'node:path'
import { MANIFEST_FILE, type Manifest } from '../models/index.ts'
import { parseManifest } from './read-manifest.ts'
import { readRegularFile } from './regular-file.ts'
import { describeErrno } from './system-error.ts'

/** Throws an InputError if the folder has no manifest, or one that cannot be used. */
export function loadManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST_FILE)
  try {
    return parseManifest(readRegularFile(path).toString())
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(describeReadError(folder, path, error), { cause: error })
  }
}

function describeReadError(folder: string, path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return `${folder} contains no ${MANIFEST_FILE}`
  if (code === 'ENOTDIR') return `${folder} is a file, not a folder`
  return `${path}: ${describeErrno(code)}`
}
