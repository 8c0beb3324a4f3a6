/** What `force` removes: the files of an earlier checkpoint, and nothing else. */

import { InputError } from '../errors/simdinit-error.ts'
import { existsSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MANIFEST_FILE } from '../models/index.ts'
import { INDEX_FILE } from '../safetensors/index.ts'
import { listNonWeightFiles, type CheckpointSpec } from './checkpoint-spec.ts'
import { parseDigestFileName } from './digest-files.ts'
import { getFileSize, isFolder } from './file-info.ts'
import { listEntries } from './output-dir.ts'
import { readSmallFile } from './read-file.ts'
import { listIndexFiles, MAX_INDEX_BYTES } from './read-index.ts'
import { isFileName, listManifestFiles } from './read-manifest.ts'

/**
 * Lists the files to delete before `spec` is written: those that the manifest, the index and the digest files of an
 * earlier checkpoint name, after the manifest, the index and the digest files themselves. Throws an InputError if a
 * folder has the name of a file.
 */
export function listFilesToDelete(folder: string, spec: CheckpointSpec): string[] {
  const digestFiles = listEntries(folder).filter((name) => parseDigestFileName(name))
  const lists = [MANIFEST_FILE, INDEX_FILE].filter((name) => getFileSize(join(folder, name)) !== undefined)
  const listed = [
    ...lists.flatMap((name) => listReferencedFiles(join(folder, name))),
    ...digestFiles.map((name) => parseDigestFileName(name)?.shard as string).filter(isFileName),
  ]
  const planned = [...listNonWeightFiles(spec), ...spec.files.map(({ name }) => name)]
  for (const name of [...lists, ...listed, ...planned]) {
    const path = join(folder, name)
    if (isFolder(path)) throw new InputError(`${path} is a folder, and "force" removes only files`)
  }
  const kept = new Set(spec.auxFiles.map(({ name }) => name)) // the run may copy them from this folder
  return [...new Set([...lists, ...digestFiles, ...listed])].filter(
    (name) => !kept.has(name) && existsSync(join(folder, name)),
  )
}

/** Deletes files in the order of `names`. */
export function deleteFiles(folder: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(folder, name), { force: true })
}

/** The files that an index or a manifest names; none if it cannot be read or names anything outside its folder. */
function listReferencedFiles(path: string): string[] {
  try {
    const bytes = readSmallFile(path, MAX_INDEX_BYTES)
    return basename(path) === INDEX_FILE ? listIndexFiles(bytes) : listManifestFiles(bytes)
  } catch {
    return []
  }
}
