/** Writes a report so that a failure leaves the previous one in place. */

import { statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Writes directly to devices and pipes, and to files through a temporary file. System errors name `path`. */
export async function writeReport(path: string, chunks: Iterable<string>): Promise<void> {
  const stat = statSync(path, { throwIfNoEntry: false })
  const isDevice = stat !== undefined && !stat.isFile()
  const tempPath = `${path}.${process.pid}.tmp`
  try {
    await writeFile(isDevice ? path : tempPath, chunks)
    if (!isDevice) await rename(tempPath, path)
  } catch (error) {
    if (!isDevice) await rm(tempPath, { force: true })
    throw Object.assign(error as Error, { path })
  }
}
