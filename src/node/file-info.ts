/** What is at a path. */

import { lstatSync, statSync } from 'node:fs'

/**
 * The size of the file at a path in bytes, 'not a file' for anything else, such as a link, or undefined if nothing
 * is there. Links are not followed.
 */
export function getFileSize(path: string): number | 'not a file' | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat && (stat.isFile() ? stat.size : 'not a file')
}

/** Whether a path is a folder, or a link to one. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
