/** Writes a report so that a failure leaves the previous one in place. */

import { randomBytes } from 'node:crypto'
import { constants, statSync } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Writes directly to devices and pipes, and to files through a temporary file. System errors name `path`. */
export async function writeReport(path: string, chunks: Iterable<string>): Promise<void> {
  try {
    await (isDevice(path) ? writeToDevice(path, chunks) : replaceFile(path, chunks))
  } catch (error) {
    throw Object.assign(error as Error, { path })
  }
}

/** `/dev/stdout` may lead to a file, and must not be replaced by one. */
function isDevice(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && (!stat.isFile() || resolve(path).startsWith('/dev/'))
}

async function writeToDevice(path: string, chunks: Iterable<string>): Promise<void> {
  // fails for a pipe without a reader, which would otherwise be waited for without end
  const probe = await open(path, constants.O_WRONLY | (constants.O_NONBLOCK ?? 0))
  try {
    await writeFile(path, chunks)
  } finally {
    await probe.close()
  }
}

/** The temporary file has a random name and is created exclusively, so a planted link is never followed. */
async function replaceFile(path: string, chunks: Iterable<string>): Promise<void> {
  const tempPath = join(dirname(path), `.simdinit-${randomBytes(8).toString('hex')}.tmp`)
  try {
    await writeFile(tempPath, chunks, { flag: 'wx' })
    await rename(tempPath, path)
  } catch (error) {
    await rm(tempPath, { force: true })
    throw error
  }
}
