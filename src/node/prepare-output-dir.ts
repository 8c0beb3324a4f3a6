/**
 * Gets an output folder ready for a run: creates it, removes what ended runs left, checks the free space, and claims
 * the folder for one plan.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statfsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { getFileSize } from './file-info.ts'
import { toPathError } from './system-error.ts'
import { claimFolder, findConflictingRun, removeStaleTempFiles } from './temp-files.ts'

export interface PreparedOutputDir {
  /** Free bytes on the disk, counting the files that are to be deleted. Infinity if unknown. */
  readonly free: number
  /** Removes the claim, and the folders created here that are still empty. */
  readonly release: () => void
}

/**
 * Prepares a folder for `bytes` bytes of a plan, where the files `toDelete` will be deleted first. Throws an
 * InputError, and leaves nothing behind, if the folder cannot be written, the space does not suffice, or a run of
 * another plan is active there.
 */
export async function prepareOutputDir(
  folder: string,
  planDigest: string,
  bytes: number,
  toDelete: readonly string[],
): Promise<PreparedOutputDir> {
  const createdFolders: string[] = []
  let releaseClaim: (() => void) | undefined
  const release = () => {
    releaseClaim?.()
    removeEmptyFolders(createdFolders.toReversed())
  }
  try {
    createWritableFolder(folder, createdFolders)
    await removeStaleTempFiles(folder)
    const free = getFreeBytes(statfsSync(folder)) + sumFileSizes(folder, toDelete)
    if (free < bytes)
      throw new InputError(`${folder} needs ${bytes} bytes, but only ${free} are free on its disk`)
    releaseClaim = await claimFolder(folder, planDigest)
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

/** The `type` of FUSE and virtiofs: FUSE_SUPER_MAGIC of linux/magic.h. */
const FUSE_TYPE = 0x65735546

/**
 * The free bytes of a file system. Blocks have `frsize` bytes, which Node before 26 does not report. `bsize` is the
 * same except on FUSE, where it is a size for transfers: the free bytes are unknown then, and count as Infinity.
 */
export function getFreeBytes(stats: {
  type: number
  bavail: number
  bsize: number
  frsize?: number
}): number {
  const { type, bavail, bsize, frsize = type === FUSE_TYPE ? Infinity : bsize } = stats
  return bavail === 0 ? 0 : bavail * frsize
}

function createWritableFolder(folder: string, createdFolders: string[]): void {
  try {
    createFolder(folder, createdFolders)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw toPathError(folder, error, `${folder} cannot be written:`)
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
