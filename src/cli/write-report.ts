/** A report on the disk: whole, or not there. What it replaces stays until then. */

import { statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Where `path` is a device or a pipe it is written to as it is. An error of the system names the path. */
export async function writeReport(path: string, pieces: Iterable<string>): Promise<void> {
  const found = statSync(path, { throwIfNoEntry: false })
  const aside = found && !found.isFile() ? undefined : `${path}.${process.pid}.tmp`
  try {
    await writeFile(aside ?? path, pieces)
    if (aside !== undefined) await rename(aside, path)
  } catch (error) {
    if (aside !== undefined) await rm(aside, { force: true })
    throw Object.assign(error as Error, { path })
  }
}
