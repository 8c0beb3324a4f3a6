/** Reads how much of a file is in the page cache, with fincore of util-linux. */

import { execFileSync, spawnSync } from 'node:child_process'
import { statfsSync } from 'node:fs'

const TMPFS = 0x01021994

/** Whether fincore exists and a folder is on a disk; file systems in memory keep everything. */
export function canCount(folder) {
  if (process.platform !== 'linux' || statfsSync(folder).type === TMPFS) return false
  return spawnSync('fincore', ['--version']).status === 0
}

/** The bytes of a file that are in memory. */
export function cached(path) {
  return Number(execFileSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path]))
}
