/** Reads the manifest of a checkpoint from its folder. */

import { InputError } from '../errors/simdinit-error.ts'
import { join } from 'node:path'
import { MANIFEST_FILE, type Manifest } from '../models/index.ts'
import { getFileSize } from './file-info.ts'
import { readSmallFile } from './read-file.ts'
import { MAX_MANIFEST_BYTES, parseManifest } from './read-manifest.ts'
import { toPathError } from './system-error.ts'

/** Throws an InputError if the folder has no manifest, or one that cannot be used. */
export function loadManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST_FILE)
  const size = getSize(folder, path)
  if (size === undefined) throw new InputError(`${folder} contains no ${MANIFEST_FILE}`)
  if (size === 'not a file') throw new InputError(`${path} is not a regular file`)
  return parseManifest(readSmallFile(path, MAX_MANIFEST_BYTES))
}

function getSize(folder: string, path: string): ReturnType<typeof getFileSize> {
  try {
    return getFileSize(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR')
      throw new InputError(`${folder} is a file, not a folder`, { cause: error })
    throw toPathError(path, error)
  }
}
