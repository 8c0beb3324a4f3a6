/** Gets an output folder ready for a run: creates it, checks the free space, and claims it for one plan. */

import { InputError } from '../errors/simdinit-error.ts'
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statfsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { getFileSize } from './file-info.ts'
import { describeSystemError } from './system-error.ts'
import { claimFolder, findConflictingRun } from './temp-files.ts'

export interface PreparedOutputDir {
  /** Free bytes on the disk, counting the files that are to be deleted. */
  readonly free: number
  /** Removes the claim, and the folders created here that are still empty. */
  readonly release: () => void
}

/**
 * Prepares a folder for `bytes` bytes of a plan, where the files `toDelete` will be deleted first. Throws an
 * InputError, and leaves nothing behind, if the folder cannot be written, the space does not suffice, or a run of
 * another plan is active there.
 */
export function prepareOutputDir(
  folder: string,
  planDigest: string,
  bytes: number,
  toDelete: readonly string[],
): PreparedOutputDir {
  const createdFolders: string[] = []
  let releaseClaim: (() => void) | undefined
  const release = () => {
    releaseClaim?.()
    removeEmptyFolders(createdFolders.toReversed())
  }
  try {
    const free = createWritableFolder(folder, createdFolders) + sumFileSizes(folder, toDelete)
    if (free < bytes)
      throw new InputError(`${folder} needs ${bytes} bytes, but only ${free} are free on its disk`)
    releaseClaim = claimFolder(folder, planDigest)
    const conflictingRun = findConflictingRun(folder, planDigest)
    if (conflictingRun) {
      throw new InputError(
        `another run is writing a different checkpoint to ${folder}; if it is not, remove ${conflictingRun} there`,
      )
    }
    return { free, release }
  } catch (error) {
    release()
    throw error
  }
}

/** Returns the free bytes on the disk of the folder. */
function createWritableFolder(folder: string, createdFolders: string[]): number {
  try {
    createFolder(folder, createdFolders)
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch (error) {
    throw new InputError(`${folder} cannot be written: ${describeSystemError(error)}`, { cause: error })
  }
}

/** Creates a folder and its parents. `mkdirSync` with `recursive` never returns under /proc in Node 20. */
function createFolder(folder: string, createdFolders: string[]): void {
  if (existsSync(folder)) return
  const parent = dirname(resolve(folder))
  if (parent !== resolve(folder)) createFolder(parent, createdFolders)
  try {
    mkdirSync(folder)
    createdFolders.push(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another rank has created it
  }
}

/** Stops at the first folder that is not empty: it holds files of this run or of another rank. */
function removeEmptyFolders(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder)
    } catch {
      return
    }
  }
}

function sumFileSizes(folder: string, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (Number(getFileSize(join(folder, name))) || 0), 0)
}
