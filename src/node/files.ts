/**
 * Files that are either whole under their own name or not there: written under a temporary name beside it,
 * synced, renamed, and the folder synced. A crash leaves a temporary file, which the next run removes.
 */

import { createHash } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** No more at a time: a single write beyond 2 GiB fails on every platform. */
const MAX_WRITE = 2 ** 26

/** The machine, so that a temporary file of another one is left alone; it never enters a file. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const TEMPORARY = /^\.(.+)\.([0-9a-f]{8})-(\d+)\.tmp$/

/** Writes the file `name` of `folder` by way of `write`, to whom a sink is given. Returns when it is durable. */
export async function writeFile(
  folder: string,
  name: string,
  write: (sink: (bytes: Uint8Array, position: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const temporary = join(folder, `.${name}.${host}-${process.pid}.tmp`)
  const file = await open(temporary, 'w')
  try {
    try {
      await write((bytes, position) => writeAll(file, bytes, position))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, join(folder, name))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** A write may be short; this one is not. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(
      bytes,
      done,
      Math.min(MAX_WRITE, bytes.length - done),
      position + done,
    )
    done += bytesWritten
  }
}

/** Makes a rename durable. Windows knows no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Is this the name of a temporary file of `writeFile`? */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name)
}

/** Removes the temporary files that a process of this machine left when it died. */
export function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, , itsHost, pid] = TEMPORARY.exec(name) ?? []
    if (itsHost === host && (Number(pid) === process.pid || !isRunning(Number(pid))))
      rmSync(join(folder, name))
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Writes a small file of text. */
export function writeText(folder: string, name: string, text: string): Promise<void> {
  return writeFile(folder, name, (sink) => sink(new TextEncoder().encode(text), 0))
}
