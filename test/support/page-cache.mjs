/** What of a file is in the page cache, as fincore of util-linux counts it. */

import { execFileSync, spawnSync } from 'node:child_process'
import { statfsSync } from 'node:fs'

const TMPFS = 0x01021994

/** Is there a fincore, and a folder on a disk? A file system that is memory keeps everything. */
export function canCount(folder) {
  if (process.platform !== 'linux' || statfsSync(folder).type === TMPFS) return false
  return spawnSync('fincore', ['--version']).status === 0
}

/** Bytes of a file that are in memory. */
export function cached(path) {
  return Number(execFileSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path]))
}
